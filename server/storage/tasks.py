"""The queue: every move of `lifecycle.MOVES` as one guarded UPDATE. Nothing else writes a task's status.

Each move repeats in its WHERE what must still be true, so that of two racing moves one changes the row and the other
changes nothing. A move that ends or begins an attempt writes the attempt's row in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from server.domain import lifecycle
from server.domain.lifecycle import TaskStatus
from server.storage import attempts, rows
from server.storage.attempts import Failure, Lease
from server.storage.fence import HELD, HELD_BY_AGENT, LAPSED, HeldTask
from server.storage.line import first_in_line
from server.storage.models import Payload, Task

#: Rows a sweep changes in one transaction, so that the queue's other users never wait long behind it.
SWEEP_ROWS = 200


@dataclass(slots=True)
class NewTask:
    """A task about to be queued; its turn is drawn in the transaction that queues it."""

    id: str
    capability: str
    kind: str
    class_id: int | None
    texts: int
    #: int32 little-endian positions in the job's inputs.
    positions: bytes
    body: bytes
    hashes: bytes
    turn: float = 0.0


def submit(
    connection: Connection,
    tasks: Sequence[NewTask],
    *,
    job_id: str,
    key_id: str,
    priority: int,
    now: int,
    expires_at: int,
) -> None:
    """Queue a job's tasks with their payloads."""
    shared = {
        "job_id": job_id,
        "key_id": key_id,
        "status": TaskStatus.QUEUED,
        "priority": priority,
        "created_at": now,
        "not_before": now,
        "expires_at": expires_at,
    }
    connection.execute(
        _SUBMIT,
        [
            {
                **shared,
                "id": task.id,
                "kind": task.kind,
                "capability": task.capability,
                "class_id": task.class_id,
                "turn": task.turn,
                "texts": task.texts,
                "positions": task.positions,
            }
            for task in tasks
        ],
    )
    connection.execute(_SUBMIT_PAYLOAD, [{"task_id": t.id, "body": t.body, "hashes": t.hashes} for t in tasks])


_SUBMIT = insert(Task)
_SUBMIT_PAYLOAD = insert(Payload)


_CLAIM = (
    update(Task)
    .where(Task.id.in_(first_in_line()), Task.status.in_(lifecycle.claim().sources))
    .values(
        status=lifecycle.claim().target,
        # One random number per claim and the task's id make a lease id that nobody can guess.
        current_attempt=bindparam("nonce", type_=Task.current_attempt.type) + "-" + Task.id,
        attempts_made=Task.attempts_made + 1,
        attempts_charged=Task.attempts_charged + 1,
    )
    .returning(Task.id, Task.current_attempt, Task.job_id, Task.kind, Task.priority, Task.turn)
)
_PAYLOADS = select(Payload.task_id, Payload.body).where(Payload.task_id.in_(bindparam("ids", expanding=True)))


def claim(
    connection: Connection,
    *,
    capability: str,
    class_id: int | None,
    agent_id: str,
    nonce: str,
    now: int,
    lease_until: int,
    hard_until: int,
    max_tasks: int,
    max_texts: int,
    least_priority: int,
    eligible_agents: int,
) -> list[Lease]:
    """Lease the next tasks of a capability to an agent, in order; an empty list when none is for it."""
    claimed = connection.execute(
        _CLAIM,
        {
            "of_capability": capability,
            "of_class": class_id,
            "agent": agent_id,
            "nonce": nonce,
            "now": now,
            "max_tasks": max_tasks,
            "max_texts": max_texts,
            "least_priority": least_priority,
            "eligible_agents": eligible_agents,
        },
    ).all()
    if not claimed:
        return []
    claimed = sorted(claimed, key=lambda row: (row.priority, row.turn, row.id))
    attempts.begin(
        connection,
        [(row.current_attempt, row.id) for row in claimed],
        agent_id=agent_id,
        now=now,
        lease_until=lease_until,
        hard_until=hard_until,
    )
    bodies = dict(connection.execute(_PAYLOADS, {"ids": [row.id for row in claimed]}).tuples().all())
    return [
        Lease(row.current_attempt, row.id, row.job_id, capability, row.kind, bodies[row.id], hard_until)
        for row in claimed
    ]


# No clock stands in the condition: a late result is welcome as long as nobody took the task.
_COMPLETE = (
    update(Task)
    .where(HELD_BY_AGENT)
    .values(status=lifecycle.complete().target, current_attempt=None, finished_at=bindparam("now"))
    .returning(*HELD)
)


def complete(
    connection: Connection, *, lease_id: str, agent_id: str, now: int, engine_ms: float | None
) -> HeldTask | None:
    """Leased → completed, by its holder only; None when the lease is not (or no longer) this agent's."""
    row = connection.execute(_COMPLETE, {"lease": lease_id, "agent": agent_id, "now": now}).first()
    if row is not None:
        attempts.end(connection, lease_id, lifecycle.complete(), now, engine_ms=engine_ms)
    return rows.one(HeldTask, row)


_RELEASE = (
    update(Task)
    .where(HELD_BY_AGENT)
    .values(
        status=lifecycle.release().target,
        current_attempt=None,
        releases=Task.releases + 1,
        attempts_charged=Task.attempts_charged - 1,
        not_before=bindparam("now"),
    )
    .returning(*HELD)
)


def release(connection: Connection, *, lease_id: str, agent_id: str, now: int) -> HeldTask | None:
    """Leased → queued without a charge, by its holder only; None when the lease is not (or no longer) this agent's."""
    row = connection.execute(_RELEASE, {"lease": lease_id, "agent": agent_id, "now": now}).first()
    if row is not None:
        attempts.end(connection, lease_id, lifecycle.release(), now)
    return rows.one(HeldTask, row)


def _failing(final: bool) -> Any:
    return (
        update(Task)
        .where(HELD_BY_AGENT)
        .values(
            status=lifecycle.fail(final=final).target,
            current_attempt=None,
            not_before=bindparam("retry_at"),
            finished_at=bindparam("now") if final else None,
            error_code=bindparam("code"),
            error_message=bindparam("message"),
            error_position=bindparam("position"),
        )
        .returning(*HELD)
    )


_FAIL = {final: _failing(final) for final in (False, True)}


def fail(
    connection: Connection, *, lease_id: str, agent_id: str, now: int, failure: Failure, retry_at: int, final: bool
) -> HeldTask | None:
    """Leased → queued (not before `retry_at`) or failed, by its holder only; None when it holds it no more."""
    row = connection.execute(
        _FAIL[final],
        {
            "lease": lease_id,
            "agent": agent_id,
            "now": now,
            "retry_at": retry_at,
            "code": failure.code,
            "message": failure.message,
            "position": failure.position,
        },
    ).first()
    if row is not None:
        attempts.end(connection, lease_id, lifecycle.fail(final=final), now, failure=failure)
    return rows.one(HeldTask, row)


def _reclaiming(final: bool) -> Any:
    return (
        update(Task)
        .where(LAPSED)
        .values(
            status=lifecycle.reclaim(final=final).target,
            current_attempt=None,
            not_before=bindparam("now"),
            finished_at=bindparam("now") if final else None,
            error_code=bindparam("code"),
            error_message=bindparam("message"),
            error_position=None,
        )
        .returning(*HELD)
    )


_RECLAIM = {final: _reclaiming(final) for final in (False, True)}


def reclaim(
    connection: Connection, *, lease_id: str, lapsed_before: int, now: int, failure: Failure, final: bool
) -> HeldTask | None:
    """Leased → queued or failed, if the lease has still lapsed; None when it lives again or is over."""
    row = connection.execute(
        _RECLAIM[final],
        {
            "lease": lease_id,
            "lapsed_before": lapsed_before,
            "now": now,
            "code": failure.code,
            "message": failure.message,
        },
    ).first()
    if row is not None:
        attempts.end(connection, lease_id, lifecycle.reclaim(final=final), now, failure=failure)
    return rows.one(HeldTask, row)


_CANCEL = (
    update(Task)
    .where(Task.job_id == bindparam("job"), Task.status.in_(lifecycle.cancel().sources))
    .values(status=lifecycle.cancel().target, current_attempt=None, finished_at=bindparam("now"))
    .returning(Task.id)
)


def cancel(connection: Connection, *, job_id: str, now: int) -> list[str]:
    """Queued or leased → canceled, for all tasks of a job not yet final; returns their ids."""
    ids = list(connection.execute(_CANCEL, {"job": job_id, "now": now}).scalars())
    attempts.end_all(connection, ids, lifecycle.cancel(), now)
    return ids


_OVERDUE = select(Task.id).where(Task.finished_at.is_(None), Task.expires_at <= bindparam("now")).limit(SWEEP_ROWS)
_EXPIRE = (
    update(Task)
    .where(
        Task.id.in_(_OVERDUE.with_for_update(skip_locked=True)),
        Task.status.in_(lifecycle.expire().sources),
        Task.expires_at <= bindparam("now"),
    )
    .values(status=lifecycle.expire().target, current_attempt=None, finished_at=bindparam("now"))
    .returning(Task.id, Task.job_id)
)


def any_overdue(connection: Connection, *, now: int) -> bool:
    """Whether there is a task to expire."""
    return connection.execute(_OVERDUE, {"now": now}).first() is not None


def expire(connection: Connection, *, now: int) -> list[tuple[str, str]]:
    """Queued or leased → expired, for tasks whose time to live is over; returns (task id, job id)."""
    expired = [(row.id, row.job_id) for row in connection.execute(_EXPIRE, {"now": now})]
    attempts.end_all(connection, [task_id for task_id, _ in expired], lifecycle.expire(), now)
    return expired
