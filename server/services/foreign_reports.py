"""What OffloadMQ's agents report of the tasks they hold: how it goes, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection

from server.domain.errors import ClientClosedRequest, Conflict, InvalidRequest, NotFound, PoolError
from server.domain.lifecycle import AttemptStatus, TaskStatus
from server.domain.offload import task_text
from server.domain.offload_embedding import read_vectors
from server.services import settling
from server.services.foreign_work import lease_ms, stay_until
from server.services.outcomes import Aftermath, Delivered, Outcome, Report, Reported, read_answer
from server.services.pool import Pool
from server.services.roster import Present
from server.storage import attempts, foreign_attempts, progress
from server.storage.foreign_attempts import Dealing


@dataclass(frozen=True, slots=True)
class Word:
    """What an agent says of a task under way."""

    #: Is appended to the task's log.
    log: str
    #: Free words; None leaves them.
    stage: str | None
    #: `starting` or `running`; None leaves it.
    status: str | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """How an agent's work on a task ended."""

    #: None for success, else the name of the error and its words.
    error: tuple[str, str] | None
    #: Any JSON; None for none.
    output: Any


def advance(pool: Pool, agent: Present, capability: str, task_id: str, word: Word) -> None:
    """Take what an agent says of a task that it holds; the lease runs on.

    Raises NotFound, Conflict, and ClientClosedRequest when its client no longer wants it (what was said is kept).
    """
    now = pool.clock.now()
    pool.roster.touch(agent, now)

    def note(connection: Connection) -> PoolError | None:
        found = foreign_attempts.dealing(connection, task_id=task_id, agent_id=agent.agent.id)
        refusal = _refusal(found, capability, task_id)
        if found is None or found.lease_id is None or isinstance(refusal, NotFound | Conflict):
            return refusal
        progress.tell(connection, lease_id=found.lease_id, log=word.log, stage=word.stage, status=word.status, now=now)
        until = now + lease_ms(capability)
        attempts.renew(connection, lease_id=found.lease_id, agent_id=agent.agent.id, now=now, lease_until=until)
        return refusal

    refusal = pool.database.write(note)
    if refusal is not None:
        raise refusal
    stay_until(agent, now + lease_ms(capability))


def resolve(pool: Pool, agent: Present, capability: str, task_id: str, resolution: Resolution) -> None:
    """Take what came of a task that an agent holds.

    Raises NotFound, Conflict, ClientClosedRequest when its client no longer wants it (a task that OffloadMQ's client
    submitted keeps the output), and InvalidRequest for a result that is none.
    """
    now = pool.clock.now()
    pool.roster.touch(agent, now)

    def settle(connection: Connection) -> tuple[PoolError | None, Aftermath]:
        after = Aftermath()
        found = foreign_attempts.dealing(connection, task_id=task_id, agent_id=agent.agent.id)
        refusal = _refusal(found, capability, task_id)
        if found is None or found.lease_id is None or isinstance(refusal, NotFound):
            return refusal, after
        if isinstance(refusal, ClientClosedRequest):
            if resolution.output is not None:
                progress.keep_output(connection, task_id, orjson.dumps(resolution.output), now)
            return refusal, after
        report = _report(pool, agent, found, found.lease_id, resolution, now)
        (outcome,) = settling.settle_all(pool, connection, agent.agent.id, [report], after, now)
        return _wrong(outcome, refusal), after

    refusal, after = pool.database.write(settle)
    after.tell(pool)
    stay_until(agent, 0)
    if refusal is not None:
        raise refusal


def _refusal(found: Dealing | None, capability: str, task_id: str) -> PoolError | None:
    """Return why an agent may not report on a task; None when it holds it."""
    text = task_text(capability, task_id)
    if found is None or found.capability != capability:
        return NotFound(text)
    if found.attempt_status is None:
        # What waits, every agent may know of; what another has, is nobody else's business.
        waits = found.task_status == TaskStatus.QUEUED
        return Conflict("Task is not assigned but reported") if waits else NotFound(text)
    if found.attempt_status == AttemptStatus.LEASED:
        return None
    if found.attempt_status == AttemptStatus.CANCELED:
        return ClientClosedRequest(f"Task {text} has been cancelled by the client")
    return Conflict(f"Task {text} is no longer this agent's: its attempt is {found.attempt_status}")


def _wrong(outcome: Outcome, refusal: PoolError | None) -> PoolError | None:
    """Return what is wrong with a report, seen from what came of it; the same report sent twice is right twice."""
    if outcome.outcome == "refused":
        return InvalidRequest(outcome.message or "The result is wrong.")
    if outcome.outcome == "stale":
        return refusal or Conflict(outcome.message or "")
    return None


def _report(pool: Pool, agent: Present, found: Dealing, lease_id: str, resolution: Resolution, now: int) -> Report:
    """Return a report on a lease as the queue knows it."""
    took_ms = float(now - (found.started_at or now))
    if resolution.error is not None:
        code, message = resolution.error
        left = None if resolution.output is None else orjson.dumps(resolution.output)
        # Who submits to OffloadMQ hears of an agent's failure, instead of its task being tried elsewhere.
        return Reported(lease_id, code, message, None, left, final=found.is_offloaded)
    if found.kind == "embedding":
        return _delivered(pool, agent, found, lease_id, resolution.output, took_ms)
    if found.kind == "chat" and not found.is_offloaded:
        return read_answer(lease_id, resolution.output, took_ms)
    known = read_answer(lease_id, resolution.output, took_ms)
    # As the agent gave it: its client knows what to make of it. Only the counts are read.
    return replace(known, output=orjson.dumps(resolution.output), flaw=None)


def _delivered(pool: Pool, agent: Present, found: Dealing, lease_id: str, output: Any, took_ms: float) -> Delivered:
    vectors = read_vectors(output)
    # It says with its capabilities which model it has, once for all results.
    stored = pool.catalogue.by_id(agent.eligible.get(found.capability))
    digest = stored.digest if stored else ""
    return Delivered(lease_id, vectors.raw, vectors.dimensions, vectors.tokens, digest, "[]", took_ms, vectors.flaw)
