"""Attempts: one row per lease. The moves in `tasks.py` begin and end them; heartbeats and the sweeper look here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, case, insert, select, update

from server.domain.lifecycle import AttemptStatus, Move
from server.storage import rows
from server.storage.base import LEASED
from server.storage.models import Attempt, Payload, Task
from server.storage.prepared import Prepared, Row
from server.storage.task_values import Claim

#: Leases a sweep looks at in one go.
SWEEP_ROWS = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed, in words; `position` is that of the input at fault in the job's inputs."""

    code: str
    message: str
    position: int | None = None
    #: Trying it elsewhere is not wanted, whatever the error is.
    final: bool = False


@dataclass(frozen=True, slots=True)
class Lapse:
    """A lease that ran out: its attempt, its holder, and how its task stands."""

    lease_id: str
    task_id: str
    agent_id: str
    attempts_charged: int
    job_id: str


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that an agent holds, with all that is needed to hand it out again."""

    lease_id: str
    task_id: str
    job_id: str
    capability: str
    kind: str
    body: bytes
    hard_until: int


def begin(connection: Connection, wanted: Claim, claimed: list[Row]) -> list[Lease]:
    """Write the attempts of a claim, and return its leases in the tasks' order.

    `claimed` are (priority, turn, task id, lease id, job id, kind, body), and are sorted: RETURNING keeps no order.
    """
    if not claimed:
        return []
    claimed.sort()
    shared = {
        "agent_id": wanted.agent,
        "status": AttemptStatus.LEASED.value,
        "started_at": wanted.now,
        "lease_until": wanted.lease_until,
        "hard_until": wanted.hard_until,
    }
    _BEGIN.run_each(connection, [{**shared, "id": row[3], "task_id": row[2]} for row in claimed])
    return [
        Lease(lease_id, task_id, job_id, wanted.of_capability, kind, body, wanted.hard_until)
        for _, _, task_id, lease_id, job_id, kind, body in claimed
    ]


_BEGIN = Prepared(insert(Attempt), "id", "task_id", "agent_id", "status", "started_at", "lease_until", "hard_until")


def end(
    connection: Connection,
    lease_id: str,
    move: Move,
    now: int,
    *,
    failure: Failure | None = None,
    engine_ms: float | None = None,
) -> None:
    """End one attempt as the move of its task says."""
    _END.run(
        connection,
        {
            "lease": lease_id,
            "ended_as": str(move.attempt),
            "now": now,
            "code": failure.code if failure else None,
            "message": failure.message if failure else None,
            "took_ms": engine_ms,
        },
    )


_END = Prepared(
    update(Attempt)
    .where(Attempt.id == bindparam("lease"))
    .values(
        status=bindparam("ended_as"),
        ended_at=bindparam("now"),
        error_code=bindparam("code"),
        error_message=bindparam("message"),
        engine_ms=bindparam("took_ms"),
    )
)


def end_all(connection: Connection, task_ids: Sequence[str], move: Move, now: int) -> None:
    """End whatever attempts of these tasks are under way."""
    if task_ids:
        connection.execute(_END_ALL, {"ids": task_ids, "ended_as": str(move.attempt), "now": now})


_END_ALL = (
    update(Attempt)
    .where(Attempt.task_id.in_(bindparam("ids", expanding=True)), Attempt.status == LEASED)
    .values(status=bindparam("ended_as"), ended_at=bindparam("now"))
)


def renew(connection: Connection, *, lease_id: str, agent_id: str, now: int, lease_until: int) -> bool:
    """Heartbeat: let a lease run on, never beyond its hard cap. False when it is not (or no longer) this agent's."""
    values = {"lease": lease_id, "agent": agent_id, "now": now, "renewed_until": lease_until}
    return _RENEW.run(connection, values) == 1


#: The lease is this agent's, and may still run on.
RENEWABLE = (
    Attempt.id == bindparam("lease"),
    Attempt.agent_id == bindparam("agent"),
    Attempt.status == LEASED,
    Attempt.hard_until > bindparam("now"),
)
#: How long it then runs: until `renewed_until`, but not beyond its hard cap.
RENEWED = case((Attempt.hard_until < bindparam("renewed_until"), Attempt.hard_until), else_=bindparam("renewed_until"))
_RENEW = Prepared(update(Attempt).where(*RENEWABLE).values(lease_until=RENEWED))


def leases_of(connection: Connection, agent_id: str) -> list[Lease]:
    """Return the leases that an agent holds, oldest first."""
    return rows.each(Lease, _LEASES_OF.all(connection, {"agent": agent_id}))


_LEASES_OF = Prepared(
    select(Attempt.id, Attempt.task_id, Task.job_id, Task.capability, Task.kind, Payload.body, Attempt.hard_until)
    .join(Task, Task.id == Attempt.task_id)
    .join(Payload, Payload.task_id == Task.id)
    .where(Attempt.agent_id == bindparam("agent"), Attempt.status == LEASED)
    .order_by(Attempt.started_at, Attempt.id)
)


def lapsed(connection: Connection, lapsed_before: int) -> list[Lapse]:
    """Return leases that ran out before a time, oldest first, up to `SWEEP_ROWS`."""
    return rows.each(Lapse, connection.execute(_LAPSED, {"lapsed_before": lapsed_before}))


_LAPSED = (
    select(Attempt.id, Attempt.task_id, Attempt.agent_id, Task.attempts_charged, Task.job_id)
    .join(Task, Task.id == Attempt.task_id)
    .where(Attempt.status == LEASED, Attempt.lease_until < bindparam("lapsed_before"))
    .order_by(Attempt.lease_until)
    .limit(SWEEP_ROWS)
)


def pardon(connection: Connection, *, lease_until: int) -> int:
    """Amnesty: give running leases a fresh lapse, and the time for it, after the server was away; returns how many."""
    return connection.execute(_PARDON, {"renewed_until": lease_until}).rowcount


_PARDON = (
    update(Attempt)
    .where(Attempt.status == LEASED, Attempt.lease_until < bindparam("renewed_until"))
    .values(
        lease_until=bindparam("renewed_until"),
        hard_until=case(
            (Attempt.hard_until < bindparam("renewed_until"), bindparam("renewed_until")), else_=Attempt.hard_until
        ),
    )
)


def blame(connection: Connection, task_id: str) -> dict[str, set[str]]:
    """Return the agents that failed or lost a task, each with the error codes it gave."""
    blamed: dict[str, set[str]] = {}
    for agent_id, code in connection.execute(_BLAME, {"task": task_id}):
        blamed.setdefault(agent_id, set()).add(code or "")
    return blamed


_BLAME = select(Attempt.agent_id, Attempt.error_code).where(
    Attempt.task_id == bindparam("task"), Attempt.status.in_((AttemptStatus.FAILED, AttemptStatus.LOST))
)


def live_ids(connection: Connection, agent_id: str) -> list[str]:
    """Return the ids of the leases that an agent holds."""
    return [row[0] for row in _LIVE_IDS.all(connection, {"agent": agent_id})]


_LIVE_IDS = Prepared(select(Attempt.id).where(Attempt.agent_id == bindparam("agent"), Attempt.status == LEASED))
