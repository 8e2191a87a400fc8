"""Settling: what becomes of a task when its attempt ends, inside the writer's transaction.

Every function here takes the writer's connection, makes its moves and returns what has to be told once the
transaction is on disk: who is to be woken, and what is handed to waiting clients.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection

from server.domain import retry
from server.domain.lifecycle import TaskStatus
from server.domain.vectors import apportion, rows
from server.services import checking, classes, limits
from server.services.embeddings import cache_scope
from server.services.metrics import Timing
from server.services.outcomes import Aftermath, Answered, Delivered, Outcome, Report, Reported
from server.services.pool import Pool
from server.storage import agent_records, attempts, fence, jobs, progress, quotas, results, tasks, usage
from server.storage.agent_records import Tally
from server.storage.attempts import Failure
from server.storage.fence import HeldTask
from server.storage.results import Part

log = logging.getLogger(__name__)

#: Error codes that are about a text, not about a PC: trying elsewhere hardly helps.
ABOUT_THE_TEXT = frozenset({"input_too_long", "input_invalid"})
BYTES_PER_HASH = 32
RELEASED_TOO_OFTEN = "released_too_often"
#: How a stream ends whose agent is lost after its client has read the beginning.
WORKER_LOST = Failure("worker_lost", "The agent was lost while it wrote the answer. Ask again.")


def settle_all(
    pool: Pool,
    connection: Connection,
    agent_id: str,
    reports: Sequence[Report],
    after: Aftermath,
    now: int,
) -> list[Outcome]:
    """Take an agent's reports: complete or fail each task that is still this agent's, and count that for the agent."""
    tally = Tally()
    outcomes = []
    for report in reports:
        outcome, counted = _settle(pool, connection, agent_id, report, after, now)
        outcomes.append(outcome)
        tally += counted
    if tally != Tally():
        agent_records.count(connection, agent_id, tally)
    return outcomes


def _settle(
    pool: Pool, connection: Connection, agent_id: str, report: Report, after: Aftermath, now: int
) -> tuple[Outcome, Tally]:
    held = fence.held(connection, lease_id=report.lease_id, agent_id=agent_id)
    if held is None:
        return _late(connection, agent_id, report), Tally()
    if isinstance(report, Reported):
        if report.output is not None:
            progress.keep_output(connection, held.id, report.output, now)
        _fail(pool, connection, agent_id, held, report.lease_id, _failure(held, report), after, now)
        return Outcome(report.lease_id, "accepted"), Tally(failed=1)
    flaw = checking.flaw_of(pool, connection, held, report)
    if flaw is not None:
        log.warning("agent %s sent a wrong result for task %s: %s", agent_id, held.id, flaw)
        after.measured.refused.append(held.kind)
        after.refused.append(agent_id)
        _fail(pool, connection, agent_id, held, report.lease_id, Failure("bad_result", flaw), after, now)
        return Outcome(report.lease_id, "refused", flaw), Tally(failed=1, refused=1)
    tasks.complete(connection, lease_id=report.lease_id, agent_id=agent_id, now=now, engine_ms=report.engine_ms)
    if isinstance(report, Delivered):
        part = _store_vectors(pool, connection, agent_id, held, report, after, now)
    else:
        part = _store_output(connection, agent_id, held, report, now)
    limits.settle(pool, connection, key_id=held.key_id, task_id=held.id, tokens=part.tokens)
    usage.count_completed(connection, held, part, engine_ms=report.engine_ms or 0, now=now)
    after.measured.completed.append(
        Timing(held.kind, held.created_at, held.claimed_at, now, part.prompt_tokens, part.completion_tokens)
    )
    after.completed.append((held.capability, held.texts, now - held.claimed_at))
    after.parts.append((held.job_id, part))
    if held.job_tasks == 1 or jobs.count_unfinished(connection, held.job_id) == 0:
        after.finished.append(held.job_id)
    return Outcome(report.lease_id, "accepted"), Tally(completed=1, texts=held.texts, tokens=part.tokens)


def _late(connection: Connection, agent_id: str, report: Report) -> Outcome:
    content = {Delivered: "vectors", Answered: "output"}.get(type(report))
    if content is not None and results.is_replay(
        connection, attempt_id=report.lease_id, agent_id=agent_id, content=getattr(report, content)
    ):
        return Outcome(report.lease_id, "replayed")
    return Outcome(report.lease_id, "stale", "This task is no longer leased to this agent.")


def _store_vectors(
    pool: Pool,
    connection: Connection,
    agent_id: str,
    held: HeldTask,
    report: Delivered,
    after: Aftermath,
    now: int,
) -> Part:
    part = Part(
        task_id=held.id,
        agent_id=agent_id,
        positions=held.positions,
        vectors=report.vectors,
        dimensions=report.dimensions,
        prompt_tokens=report.tokens,
        truncated=report.truncated,
    )
    results.store(connection, part, report.lease_id, now)
    hashes = results.drop_payload(connection, held.id)
    class_id = held.class_id or _class_of(pool, connection, held, report, after, now)
    # What an OffloadMQ client submitted has no hashes, because it is not cached.
    if pool.settings.cache_mib and hashes and report.truncated == "[]":
        shares = _shared_tokens(report.tokens, held.texts)
        results.remember(
            connection,
            scope=cache_scope(pool, held.key_id),
            class_id=class_id,
            vectors=list(zip(_each_hash(hashes), rows(report.vectors, report.dimensions), shares, strict=True)),
        )
    return part


def _class_of(pool: Pool, connection: Connection, held: HeldTask, report: Delivered, after: Aftermath, now: int) -> int:
    """Return the class of a result whose task was submitted before its model had one; the first result makes it."""
    known = classes.expected(pool, connection, held)
    if known is not None:
        return known.id
    after.learned_class = True
    return classes.learn(connection, held, report.dimensions, now)


def _store_output(connection: Connection, agent_id: str, held: HeldTask, report: Answered, now: int) -> Part:
    part = Part(
        task_id=held.id,
        agent_id=agent_id,
        positions=held.positions,
        output=report.output,
        prompt_tokens=report.prompt_tokens,
        completion_tokens=report.completion_tokens,
    )
    results.store(connection, part, report.lease_id, now)
    results.drop_payload(connection, held.id)
    return part


def _each_hash(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + BYTES_PER_HASH] for start in range(0, len(hashes), BYTES_PER_HASH)]


def _shared_tokens(tokens: int, texts: int) -> list[int]:
    """Share a task's tokens among its texts; engines count them only in sum."""
    return [tokens] if texts == 1 else apportion(tokens, [1] * texts)


def _failure(held: HeldTask, report: Reported) -> Failure:
    """Turn the position in the task into that in the request."""
    if report.text is None or report.text >= held.texts:
        return Failure(report.code, report.message, final=report.final)
    position = int(np.frombuffer(held.positions, dtype="<i4")[report.text])
    return Failure(report.code, report.message, position, report.final)


def _fail(
    pool: Pool,
    connection: Connection,
    agent_id: str,
    held: HeldTask,
    lease_id: str,
    failure: Failure,
    after: Aftermath,
    now: int,
) -> None:
    """Charge a failure: the task waits again, or it (and with it its job) ends failed."""
    verdict = _verdict(pool, connection, agent_id, held, failure, now)
    rest = retry.backoff_seconds(held.attempts_charged, random.random())  # noqa: S311 (jitter, no secret)
    tasks.fail(
        connection,
        lease_id=lease_id,
        agent_id=agent_id,
        now=now,
        failure=failure,
        retry_at=now + int(rest * 1000),
        final=verdict != "retry",
    )
    if verdict == "retry":
        _queue_again(connection, held, after, now)
    else:
        # The code only: the agent's message may quote the text.
        log.info("task %s failed (%s: %s)", held.id, verdict, failure.code)
        usage.count_failed(connection, held, agent_id, now=now)
        _end_failed(pool, connection, held, after, now)


def _verdict(
    pool: Pool, connection: Connection, agent_id: str, held: HeldTask, failure: Failure, now: int
) -> retry.Verdict:
    """Decide whether a failed task is tried again."""
    if failure.final or (held.kind == "task" and failure.code != RELEASED_TOO_OFTEN):
        # Nobody knows what it did before it failed; doing it twice is for its client to decide.
        return "permanent"
    if pool.jobs.has_shown(held.job_id):
        # Its client has read the beginning of this answer: another agent's would not go on from there.
        return "exhausted"
    blamed = attempts.blame(connection, held.id)
    blamed.setdefault(agent_id, set()).add(failure.code)
    permanent = failure.code in ABOUT_THE_TEXT
    agreeing = [agent for agent, codes in blamed.items() if not permanent or failure.code in codes]
    others = pool.roster.online_for(held.capability, now, plain=held.plain, trust=held.trust) - set(blamed)
    verdict = retry.verdict_after_failure(held.attempts_charged, len(agreeing), permanent, bool(others))
    return "permanent" if permanent and verdict == "poison" else verdict


def _queue_again(connection: Connection, held: HeldTask, after: Aftermath, now: int) -> None:
    """See to it that somebody is woken for a task that waits again; what its last agent told of it is void."""
    progress.begin_again(connection, held.id, now)
    after.requeued.append((held.capability, held.trust))


def end_job(connection: Connection, job_id: str, after: Aftermath, now: int, *, why: Failure | None = None) -> None:
    """After a task ended without a result, end its siblings too: nobody can use them any more."""
    siblings = tasks.cancel(connection, job_id=job_id, now=now, why=why)
    after.measured.ended[TaskStatus.CANCELED] += len(siblings)
    results.drop_payloads(connection, siblings)
    quotas.give_back(connection, siblings)
    after.finished.append(job_id)


def _end_failed(pool: Pool, connection: Connection, held: HeldTask, after: Aftermath, now: int) -> None:
    """After a task ended failed: keep what was asked for a while, so that the operator can have it run again."""
    after.measured.ended[TaskStatus.FAILED] += 1
    after.failed.append(held.capability)
    quotas.give_back(connection, [held.id])
    kept_ms = pool.settings.keep_failed_minutes * 60_000
    if kept_ms:
        results.keep_payload(connection, held.id, until=now + kept_ms)
    else:
        results.drop_payload(connection, held.id)
    end_job(connection, held.job_id, after, now)


def give_back(pool: Pool, connection: Connection, agent_id: str, lease_id: str, after: Aftermath, now: int) -> bool:
    """Release a lease without a charge; one that went in circles is charged instead. False when it was not held."""
    held = fence.held(connection, lease_id=lease_id, agent_id=agent_id)
    if held is None:
        return False
    if pool.jobs.has_shown(held.job_id):
        _fail(pool, connection, agent_id, held, lease_id, WORKER_LOST, after, now)
        return True
    if held.releases >= retry.MAX_RELEASES:
        failure = Failure(RELEASED_TOO_OFTEN, "Agents gave this task back too often.")
        _fail(pool, connection, agent_id, held, lease_id, failure, after, now)
        return True
    tasks.release(connection, lease_id=lease_id, agent_id=agent_id, now=now)
    agent_records.count(connection, agent_id, Tally(released=1))
    _queue_again(connection, held, after, now)
    return True


def take_away(
    pool: Pool, connection: Connection, lapse: attempts.Lapse, lapsed_before: int, after: Aftermath, now: int
) -> bool:
    """Reclaim a lapsed lease: the task waits again, or ends failed with no attempts left. False when it lives again."""
    blamed = attempts.blame(connection, lapse.task_id)
    blamed.setdefault(lapse.agent_id, set())
    verdict = retry.verdict_after_failure(lapse.attempts_charged, len(blamed), False, True)
    shown = pool.jobs.has_shown(lapse.job_id)
    held = tasks.reclaim(
        connection,
        lease_id=lapse.lease_id,
        lapsed_before=lapsed_before,
        now=now,
        failure=WORKER_LOST if shown else Failure("lease_lost", "The agent went away while it computed this."),
        final=shown or verdict != "retry",
    )
    if held is None:
        return False
    agent_records.count(connection, lapse.agent_id, Tally(lost=1))
    after.measured.lost.append(held.kind)
    if verdict == "retry" and not shown:
        _queue_again(connection, held, after, now)
    else:
        _end_failed(pool, connection, held, after, now)
    return True
