"""LLMeQueue's workers: all together they are one agent. Each takes one text or one chat, and says what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection

from server.domain import ids, retry
from server.domain.capability import CHAT_FAMILY, EMBEDDING_FAMILY, model_of
from server.domain.chat_worker import from_worker, worker_payload
from server.domain.embedding import estimate_tokens
from server.domain.errors import InvalidRequest
from server.domain.foreign_vectors import read_vectors
from server.domain.lifecycle import AttemptStatus
from server.domain.trust import Trust
from server.services import settling
from server.services.claiming import Room, claim_new
from server.services.outcomes import Aftermath, Answered, Delivered, Outcome, Report, Reported, read_answer
from server.services.pool import Pool
from server.services.roster import Present
from server.storage import agents, attempts, events, foreign_attempts, results
from server.storage.agents import LLMEQUEUE, Profile
from server.storage.attempts import Lease
from server.storage.foreign_attempts import Dealing

log = logging.getLogger(__name__)

#: As the operator sees the workers; how many there are, nobody tells.
PROFILE = Profile(
    display_name="LLMeQueue workers",
    app_version=None,
    capabilities=orjson.dumps([f"{EMBEDDING_FAMILY}.*", f"{CHAT_FAMILY}.*"]).decode(),
    tier=5,
    capacity=100_000,
    system_info=orjson.dumps({"client": "llmequeue-worker"}).decode(),
)
#: What one worker takes at once, and for how long: it says nothing until it is done.
ROOM = Room(max_tasks=1, max_texts=1, lease_ms=retry.WORKER_LEASE_SECONDS * 1000, most_texts=1)
#: Characters of a worker's reason that are kept.
MAX_REASON = 2000


@dataclass(frozen=True, slots=True)
class Handed:
    """A task in the form of such a worker."""

    id: str
    kind: str
    payload: dict[str, Any]


def next_task(pool: Pool, now: int) -> Handed | None:
    """Hand a worker its next task; None when there is nothing that it is able to do."""
    agent = _present(pool, now)
    if pool.jobs.gate.closed:
        # The server is going down: what it took now, it could not deliver.
        return None

    def take(connection: Connection) -> list[Lease]:
        room = agent.agent.capacity - len(attempts.live_ids(connection, agent.agent.id))
        return claim_new(pool, agent, ROOM, min(room, 1), now, connection)

    leases = pool.database.write(take)
    return _handed(leases[0]) if leases else None


def _handed(lease: Lease) -> Handed:
    asked, model = orjson.loads(lease.body), model_of(lease.capability)
    payload = worker_payload(asked, model) if lease.kind == "chat" else {"text": asked["texts"][0], "model": model}
    return Handed(lease.task_id, lease.kind, payload)


def complete(pool: Pool, task_id: str, result: object, now: int, *, flaw: str | None = None) -> None:
    """Take a worker's result; `flaw` says why there is none in what it sent.

    InvalidRequest says that the task is not being processed by a worker, or what is wrong with the result: then the
    task goes to somebody else.
    """

    def report(connection: Connection, found: Dealing, lease_id: str) -> Report:
        if flaw is not None:
            return Answered(lease_id, b"{}", 0, 0, None, flaw)
        return _result(connection, found, lease_id, result)

    outcome = _settle(pool, task_id, report, now)
    if outcome.outcome == "refused":
        raise InvalidRequest(outcome.message or "The result is wrong.")


def fail(pool: Pool, task_id: str, reason: str, now: int) -> None:
    """Take a worker's word that it cannot do a task; InvalidRequest when no worker is processing it."""
    _settle(
        pool,
        task_id,
        lambda _, found, lease_id: Reported(
            lease_id, "engine_error", reason[:MAX_REASON], None, final=found.is_offloaded
        ),
        now,
    )


def _settle(pool: Pool, task_id: str, report: Callable[[Connection, Dealing, str], Report], now: int) -> Outcome:
    """Settle what a worker reports of a task; InvalidRequest when no worker is processing it."""
    agent_id = _present(pool, now).agent.id

    def settle(connection: Connection) -> tuple[Outcome | None, Aftermath]:
        after = Aftermath()
        found = foreign_attempts.dealing(connection, task_id=task_id, agent_id=agent_id)
        if found is None or found.lease_id is None or found.attempt_status != AttemptStatus.LEASED:
            return None, after
        reports = [report(connection, found, found.lease_id)]
        return settling.settle_all(pool, connection, agent_id, reports, after, now)[0], after

    outcome, after = pool.database.write(settle)
    after.tell(pool)
    if outcome is None or outcome.outcome == "stale":
        raise InvalidRequest("Task is not being processed")
    return outcome


def _result(connection: Connection, found: Dealing, lease_id: str, result: object) -> Report:
    """Return a result as the queue knows it. Workers count no tokens, so they are estimated."""
    asked = orjson.loads(results.payload(connection, found.task_id))
    if found.kind == "chat":
        return _chat_result(asked, lease_id, result)
    given = read_vectors([result])
    flaw = f"The result must be one list of numbers, but {given.flaw}." if given.flaw else None
    return Delivered(lease_id, given.raw, given.dimensions, estimate_tokens(asked["texts"][0]), "", "[]", None, flaw)


def _chat_result(asked: Any, lease_id: str, result: object) -> Answered:
    answered = read_answer(lease_id, from_worker(result), 0)
    if answered.flaw is not None:
        return answered
    prompt = [message["content"] for message in worker_payload(asked, "")["messages"]]
    written = orjson.loads(answered.output)["message"]["content"]
    return replace(
        answered,
        prompt_tokens=sum(map(estimate_tokens, prompt)),
        completion_tokens=estimate_tokens(written),
    )


def _present(pool: Pool, now: int) -> Present:
    """Return the agent that the workers are, heard of now. It joins when none of them ever called."""
    present = next(iter(pool.roster.of_any_model()), None) or pool.roster.get(_agent_id(pool, now))
    if present is None:
        raise InvalidRequest("The operator is removing LLMeQueue's workers. Try again.")
    pool.roster.touch(present, now)
    return present


def _agent_id(pool: Pool, now: int) -> str:
    def find_or_join(connection: Connection) -> str:
        known = agents.find_speaking(connection, LLMEQUEUE)
        if known is not None:
            return known
        agent_id = ids.new_ulid(now)
        # No key opens it: workers show the one token that all of them have, and their clients too.
        agents.register(
            connection,
            agent_id,
            PROFILE,
            key_hash="",
            invite_id=None,
            protocol=LLMEQUEUE,
            trust=Trust.PUBLIC,
            now=now,
        )
        events.record(connection, actor=events.by_agent(agent_id), verb="agent.join", subject=agent_id, now=now)
        log.info("LLMeQueue's workers joined as agent %s", agent_id)
        return agent_id

    return pool.database.write(find_or_join)
