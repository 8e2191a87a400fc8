"""Settling: what becomes of a task when its attempt ends, inside the writer's transaction.

Every function here takes the writer's connection, makes its moves and returns what has to be told once the
transaction is on disk: who is to be woken, and what is handed to waiting clients.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson
from sqlalchemy import Connection

from server.domain import retry
from server.domain.vectors import WIDTH, apportion, constant, rows
from server.services.pool import Pool
from server.services.submission import cache_scope
from server.services.waiting import Part
from server.storage import agents, attempts, fence, jobs, results, tasks
from server.storage.agents import Tally
from server.storage.attempts import Failure
from server.storage.fence import HeldTask
from server.storage.results import NewResult

log = logging.getLogger(__name__)

#: Error codes that are about a text, not about a PC: trying elsewhere hardly helps.
ABOUT_THE_TEXT = frozenset({"input_too_long", "input_invalid"})
BYTES_PER_HASH = 32


@dataclass(frozen=True, slots=True)
class Delivered:
    """Vectors that an agent reported, checked as far as can be without knowing the task."""

    lease_id: str
    vectors: bytes
    dimensions: int
    tokens: int
    digest: str
    #: JSON list of positions in the task.
    truncated: str
    engine_ms: float | None
    #: Why the vectors are wrong in themselves, in words; None where they are not.
    flaw: str | None


@dataclass(frozen=True, slots=True)
class Reported:
    """An error that an agent reported; `text` is the position in the task of the text at fault."""

    lease_id: str
    code: str
    message: str
    text: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a report: accepted, replayed, stale or refused, and why."""

    lease_id: str
    outcome: str
    message: str | None = None


@dataclass(slots=True)
class Aftermath:
    """What is to be told once the transaction is on disk."""

    #: Capabilities of tasks that wait again, one entry each.
    requeued: list[str] = field(default_factory=list)
    #: Results by job, for clients that wait for them.
    parts: list[tuple[str, Part]] = field(default_factory=list)
    #: Jobs that are over.
    finished: list[str] = field(default_factory=list)

    def tell(self, pool: Pool) -> None:
        """Hand results over and wake who waits."""
        for job_id, part in self.parts:
            pool.jobs.deliver(job_id, part)
        for job_id in self.finished:
            pool.jobs.finish(job_id)
        for capability in self.requeued:
            pool.agents.wake(capability)


def settle_all(
    pool: Pool,
    connection: Connection,
    agent_id: str,
    reports: Sequence[Delivered | Reported],
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
        agents.count(connection, agent_id, tally)
    return outcomes


def _settle(
    pool: Pool, connection: Connection, agent_id: str, report: Delivered | Reported, after: Aftermath, now: int
) -> tuple[Outcome, Tally]:
    held = fence.held(connection, lease_id=report.lease_id, agent_id=agent_id)
    if held is None:
        return _late(connection, agent_id, report), Tally()
    if isinstance(report, Reported):
        _fail(pool, connection, agent_id, held, report.lease_id, _failure(held, report), after, now)
        return Outcome(report.lease_id, "accepted"), Tally(failed=1)
    flaw = report.flaw or _mismatch(pool, held, report) or _sameness(connection, held, report)
    if flaw is not None:
        log.warning("agent %s sent a wrong result for task %s: %s", agent_id, held.id, flaw)
        _fail(pool, connection, agent_id, held, report.lease_id, Failure("bad_result", flaw), after, now)
        return Outcome(report.lease_id, "refused", flaw), Tally(failed=1, refused=1)
    _complete(pool, connection, agent_id, held, report, after, now)
    return Outcome(report.lease_id, "accepted"), Tally(completed=1, texts=held.texts, tokens=report.tokens)


def _late(connection: Connection, agent_id: str, report: Delivered | Reported) -> Outcome:
    if isinstance(report, Delivered) and results.is_replay(
        connection, attempt_id=report.lease_id, agent_id=agent_id, vectors=report.vectors
    ):
        return Outcome(report.lease_id, "replayed")
    return Outcome(report.lease_id, "stale", "This task is no longer leased to this agent.")


def _mismatch(pool: Pool, held: HeldTask, report: Delivered) -> str | None:
    """Say how the vectors do not fit the task they are for."""
    got = len(report.vectors) // (report.dimensions * WIDTH)
    if got != held.texts:
        return f"The task has {held.texts} texts, but {got} vectors came."
    expected = pool.catalogue.by_id(held.class_id)
    if expected is None:
        return None
    if report.dimensions != expected.dimensions:
        return f"The pool's {expected.model} has {expected.dimensions} dimensions, but {report.dimensions} came."
    if report.digest != expected.digest:
        return f"The pool's {expected.model} has another digest than the model that computed this."
    return None


def _sameness(connection: Connection, held: HeldTask, report: Delivered) -> str | None:
    """Say so when every vector is the same although the texts are not: the engine ignored what it read."""
    width = report.dimensions * WIDTH
    if held.texts == 1 or report.vectors[:width] != report.vectors[width : 2 * width]:
        return None
    texts = orjson.loads(results.payload(connection, held.id))["texts"]
    return "All vectors are the same, although the texts are not." if constant(report.vectors, texts) else None


def _complete(
    pool: Pool, connection: Connection, agent_id: str, held: HeldTask, report: Delivered, after: Aftermath, now: int
) -> None:
    tasks.complete(connection, lease_id=report.lease_id, agent_id=agent_id, now=now, engine_ms=report.engine_ms)
    results.store(
        connection,
        NewResult(
            held.id, report.lease_id, agent_id, report.vectors, report.dimensions, report.tokens, report.truncated
        ),
        now,
    )
    hashes = results.drop_payload(connection, held.id)
    if pool.settings.cache_mib and held.class_id is not None and report.truncated == "[]":
        shares = _shared_tokens(report.tokens, held.texts)
        results.remember(
            connection,
            scope=cache_scope(pool, held.key_id),
            class_id=held.class_id,
            vectors=list(zip(_each_hash(hashes), rows(report.vectors, report.dimensions), shares, strict=True)),
        )
    part = Part(held.id, agent_id, held.positions, report.vectors, report.dimensions, report.tokens, report.truncated)
    after.parts.append((held.job_id, part))
    if held.job_tasks == 1 or jobs.count_unfinished(connection, held.job_id) == 0:
        after.finished.append(held.job_id)


def _each_hash(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + BYTES_PER_HASH] for start in range(0, len(hashes), BYTES_PER_HASH)]


def _shared_tokens(tokens: int, texts: int) -> list[int]:
    """Share a task's tokens among its texts; engines count them only in sum."""
    return [tokens] if texts == 1 else apportion(tokens, [1] * texts)


def _failure(held: HeldTask, report: Reported) -> Failure:
    """Turn the position in the task into that in the request."""
    if report.text is None or report.text >= held.texts:
        return Failure(report.code, report.message)
    return Failure(report.code, report.message, int(np.frombuffer(held.positions, dtype="<i4")[report.text]))


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
    blamed = attempts.blame(connection, held.id)
    blamed.setdefault(agent_id, set()).add(failure.code)
    permanent = failure.code in ABOUT_THE_TEXT
    agreeing = [agent for agent, codes in blamed.items() if not permanent or failure.code in codes]
    others = pool.roster.online_for(held.capability, now) - set(blamed)
    verdict = retry.verdict_after_failure(held.attempts_charged, len(agreeing), permanent, bool(others))
    if permanent and verdict == "poison":
        verdict = "permanent"
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
        after.requeued.append(held.capability)
    else:
        # The code only: the agent's message may quote the text.
        log.info("task %s failed (%s: %s)", held.id, verdict, failure.code)
        end_job(connection, held.job_id, [held.id], after, now)


def end_job(connection: Connection, job_id: str, task_ids: Sequence[str], after: Aftermath, now: int) -> None:
    """After a task ended without a result, end its siblings too: nobody can use them any more."""
    siblings = tasks.cancel(connection, job_id=job_id, now=now)
    results.drop_payloads(connection, [*task_ids, *siblings])
    after.finished.append(job_id)


def give_back(pool: Pool, connection: Connection, agent_id: str, lease_id: str, after: Aftermath, now: int) -> bool:
    """Release a lease without a charge; one that went in circles is charged instead. False when it was not held."""
    held = fence.held(connection, lease_id=lease_id, agent_id=agent_id)
    if held is None:
        return False
    if held.releases >= retry.MAX_RELEASES:
        failure = Failure("released_too_often", "Agents gave this task back too often.")
        _fail(pool, connection, agent_id, held, lease_id, failure, after, now)
        return True
    tasks.release(connection, lease_id=lease_id, agent_id=agent_id, now=now)
    agents.count(connection, agent_id, Tally(released=1))
    after.requeued.append(held.capability)
    return True


def take_away(connection: Connection, lapse: attempts.Lapse, lapsed_before: int, after: Aftermath, now: int) -> bool:
    """Reclaim a lapsed lease: the task waits again, or ends failed with no attempts left. False when it lives again."""
    blamed = attempts.blame(connection, lapse.task_id)
    blamed.setdefault(lapse.agent_id, set())
    verdict = retry.verdict_after_failure(lapse.attempts_charged, len(blamed), False, True)
    held = tasks.reclaim(
        connection,
        lease_id=lapse.lease_id,
        lapsed_before=lapsed_before,
        now=now,
        failure=Failure("lease_lost", "The agent went away while it computed this."),
        final=verdict != "retry",
    )
    if held is None:
        return False
    agents.count(connection, lapse.agent_id, Tally(lost=1))
    if verdict == "retry":
        after.requeued.append(held.capability)
    else:
        end_job(connection, held.job_id, [held.id], after, now)
    return True
