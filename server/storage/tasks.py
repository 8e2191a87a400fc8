"""The queue: every move of `lifecycle.MOVES` as one guarded UPDATE. Nothing else writes a task's status.

Each move repeats in its WHERE what must still be true, so that of two racing moves one changes the row and the other
changes nothing. A move that ends or begins an attempt writes the attempt's row in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from server.domain import lifecycle
from server.domain.lifecycle import TaskStatus
from server.storage import attempts, rows
from server.storage.attempts import Failure, Lease
from server.storage.base import QUEUED, written_out
from server.storage.fence import HELD, HELD_BY_AGENT, LAPSED, HeldTask
from server.storage.line import OVERDUE, claimable, first_in_line
from server.storage.models import Payload, Task
from server.storage.prepared import Prepared
from server.storage.task_values import Claim, NewTask


def submit(
    connection: Connection,
    tasks: Sequence[NewTask],
    *,
    job_id: str,
    key_id: str,
    priority: int,
    now: int,
    expires_at: int,
    runs_until: int,
) -> None:
    """Queue a job's tasks with their payloads; times are milliseconds since 1970, as in the table."""
    shared = {
        "job_id": job_id,
        "job_tasks": len(tasks),
        "key_id": key_id,
        "priority": priority,
        "created_at": now,
        "not_before": now,
        "expires_at": expires_at,
        "runs_until": runs_until,
    }
    own = ["id", "kind", "capability", "class_id", "turn", "texts", "positions", "plain", "runner"]
    own += ["reserved_tokens", "retry_of", "trust"]
    _SUBMIT.run_each(connection, [{**shared, **{name: getattr(task, name) for name in own}} for task in tasks])
    _SUBMIT_PAYLOAD.run_each(
        connection,
        [{"task_id": task.id, "body": task.body, "hashes": task.hashes, "envelope": task.envelope} for task in tasks],
    )


_SUBMIT = Prepared(
    insert(Task).values(status=TaskStatus.QUEUED),
    *("id", "job_id", "job_tasks", "key_id", "kind", "capability", "class_id", "priority", "turn", "texts"),
    *("positions", "plain", "runner", "created_at", "not_before", "expires_at", "runs_until", "reserved_tokens"),
    *("retry_of", "trust"),
)
_SUBMIT_PAYLOAD = Prepared(insert(Payload), "task_id", "body", "hashes", "envelope")


def claim(connection: Connection, wanted: Claim) -> list[Lease]:
    """Queued → leased: the next tasks of a capability, in order; an empty list when none is for this agent."""
    return attempts.begin(connection, wanted, _CLAIM.all(connection, wanted.values()))


def claim_this(connection: Connection, wanted: Claim, task_id: str) -> Lease | None:
    """Queued → leased: one task by its id; None when it is taken already, or not for this agent."""
    leases = attempts.begin(connection, wanted, _CLAIM_THIS.all(connection, {**wanted.values(), "task": task_id}))
    return leases[0] if leases else None


_CLAIM, _CLAIM_THIS = (
    Prepared(
        update(Task)
        .where(which, Task.status.in_(map(written_out, lifecycle.claim().sources)))
        .values(
            status=lifecycle.claim().target,
            current_attempt=bindparam("nonce", type_=Task.current_attempt.type) + "-" + Task.id,
            attempts_made=Task.attempts_made + 1,
            attempts_charged=Task.attempts_charged + 1,
            # Its time in the queue is over; what counts from now on is how long it may take in all.
            expires_at=Task.runs_until,
        )
        .returning(
            Task.priority,
            Task.turn,
            Task.id,
            Task.current_attempt,
            Task.job_id,
            Task.kind,
            select(Payload.body).where(Payload.task_id == Task.id).scalar_subquery(),
        )
    )
    for which in (Task.id.in_(first_in_line()), and_(Task.id == bindparam("task"), claimable()))
)


def complete(
    connection: Connection, *, lease_id: str, agent_id: str, now: int, engine_ms: float | None
) -> HeldTask | None:
    """Leased → completed, by its holder only; None when the lease is not (or no longer) this agent's."""
    row = _COMPLETE.first(connection, {"lease": lease_id, "agent": agent_id, "now": now})
    if row is not None:
        attempts.end(connection, lease_id, lifecycle.complete(), now, engine_ms=engine_ms)
    return rows.one(HeldTask, row)


# No clock stands in the condition: a late result is welcome as long as nobody took the task.
_COMPLETE = Prepared(
    update(Task)
    .where(HELD_BY_AGENT)
    .values(status=lifecycle.complete().target, current_attempt=None, finished_at=bindparam("now"))
    .returning(*HELD)
)


def release(connection: Connection, *, lease_id: str, agent_id: str, now: int) -> HeldTask | None:
    """Leased → queued without a charge, by its holder only; None when the lease is not (or no longer) this agent's."""
    row = _RELEASE.first(connection, {"lease": lease_id, "agent": agent_id, "now": now})
    if row is not None:
        attempts.end(connection, lease_id, lifecycle.release(), now)
    return rows.one(HeldTask, row)


_RELEASE = Prepared(
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


def fail(
    connection: Connection, *, lease_id: str, agent_id: str, now: int, failure: Failure, retry_at: int, final: bool
) -> HeldTask | None:
    """Leased → queued (not before `retry_at`) or failed, by its holder only; None when it holds it no more."""
    row = _FAIL[final].first(
        connection,
        {
            "lease": lease_id,
            "agent": agent_id,
            "now": now,
            "retry_at": retry_at,
            "code": failure.code,
            "message": failure.message,
            "position": failure.position,
        },
    )
    if row is not None:
        attempts.end(connection, lease_id, lifecycle.fail(final=final), now, failure=failure)
    return rows.one(HeldTask, row)


_FAIL = {
    final: Prepared(
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
    for final in (False, True)
}


def reclaim(
    connection: Connection, *, lease_id: str, lapsed_before: int, now: int, failure: Failure, final: bool
) -> HeldTask | None:
    """Leased → queued or failed, if the lease has still lapsed; None when it lives again or is over."""
    row = _RECLAIM[final].first(
        connection,
        {
            "lease": lease_id,
            "lapsed_before": lapsed_before,
            "now": now,
            "code": failure.code,
            "message": failure.message,
        },
    )
    if row is not None:
        attempts.end(connection, lease_id, lifecycle.reclaim(final=final), now, failure=failure)
    return rows.one(HeldTask, row)


_RECLAIM = {
    final: Prepared(
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
    for final in (False, True)
}


def cancel(connection: Connection, *, job_id: str, now: int, why: Failure | None = None) -> list[str]:
    """Queued or leased → canceled, for all tasks of a job not yet final; returns their ids."""
    said = {"code": why.code if why else None, "message": why.message if why else None}
    ids = [row[0] for row in _CANCEL.all(connection, {"job": job_id, "now": now, **said})]
    attempts.end_all(connection, ids, lifecycle.cancel(), now)
    return ids


_CANCEL = Prepared(
    update(Task)
    .where(Task.job_id == bindparam("job"), Task.status.in_(map(written_out, lifecycle.cancel().sources)))
    .values(
        status=lifecycle.cancel().target,
        current_attempt=None,
        finished_at=bindparam("now"),
        error_code=func.coalesce(bindparam("code"), Task.error_code),
        error_message=func.coalesce(bindparam("message"), Task.error_message),
    )
    .returning(Task.id)
)


def move_class(connection: Connection, *, capability: str, old: int | None, new: int) -> list[int]:
    """Let a capability's waiting tasks of one class (or of none yet) wait for agents of another.

    Returns the trust that each of them asks for.
    """
    return [row[0] for row in _MOVE_CLASS.all(connection, {"of_capability": capability, "old": old, "new": new})]


_MOVE_CLASS = Prepared(
    update(Task)
    .where(
        Task.status == QUEUED,
        Task.capability == bindparam("of_capability"),
        Task.class_id.is_not_distinct_from(bindparam("old")),
    )
    .values(class_id=bindparam("new"))
    .returning(Task.trust)
)


def raise_trust(connection: Connection, *, key_id: str, trust: int) -> list[str]:
    """Let what a client asked and is not over ask for so much trust; what asks for more already stays as it is.

    Returns the capabilities of those that wait, one entry each.
    """
    raised = _RAISE_TRUST.all(connection, {"key": key_id, "asked": trust})
    return [capability for capability, lease_id in raised if lease_id is None]


_RAISE_TRUST = Prepared(
    update(Task)
    .where(Task.finished_at.is_(None), Task.key_id == bindparam("key"), Task.trust < bindparam("asked"))
    .values(trust=bindparam("asked"))
    .returning(Task.capability, Task.current_attempt)
)


def expire(connection: Connection, *, now: int) -> list[tuple[str, str]]:
    """Queued or leased → expired, for tasks whose time to live is over; returns (task id, job id)."""
    expired = [(task_id, job_id) for task_id, job_id in _EXPIRE.all(connection, {"now": now})]
    attempts.end_all(connection, [task_id for task_id, _ in expired], lifecycle.expire(), now)
    return expired


_EXPIRE = Prepared(
    update(Task)
    .where(
        Task.id.in_(OVERDUE.with_for_update(skip_locked=True)),
        Task.status.in_(map(written_out, lifecycle.expire().sources)),
        Task.expires_at <= bindparam("now"),
    )
    .values(status=lifecycle.expire().target, current_attempt=None, finished_at=bindparam("now"))
    .returning(Task.id, Task.job_id)
)
