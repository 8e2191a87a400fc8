"""What a foreign agent has to do with a task. It names tasks, not leases: its lease is its attempt at that task."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, select

from server.storage import rows
from server.storage.base import LEASED
from server.storage.models import Attempt, Progress, Task
from server.storage.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Dealing:
    """A task, and the last attempt of one agent at it; times are milliseconds since 1970."""

    task_id: str
    kind: str
    capability: str
    #: A `TaskStatus`, as text.
    task_status: str
    #: Whether an OffloadMQ client submitted it.
    is_offloaded: bool
    #: Ids of the attempt (which is the lease) and its `AttemptStatus`, as text; None where the agent never had it.
    lease_id: str | None
    attempt_status: str | None
    started_at: int | None


def dealing(connection: Connection, *, task_id: str, agent_id: str) -> Dealing | None:
    """Return what an agent has to do with a task; None when there is no such task."""
    row = _DEALING.first(connection, {"task": task_id, "agent": agent_id})
    return rows.one(Dealing, row)


_DEALING = Prepared(
    select(
        Task.id,
        Task.kind,
        Task.capability,
        Task.status,
        Progress.task_id.is_not(None),
        Attempt.id,
        Attempt.status,
        Attempt.started_at,
    )
    .outerjoin(Attempt, and_(Attempt.task_id == Task.id, Attempt.agent_id == bindparam("agent")))
    .outerjoin(Progress, Progress.task_id == Task.id)
    .where(Task.id == bindparam("task"))
    .order_by(Attempt.started_at.desc(), Attempt.id.desc())
    .limit(1)
)


def live(connection: Connection, agent_id: str) -> list[tuple[str, str]]:
    """Return the leases that an agent holds; each is (lease id, kind of task)."""
    return [(lease_id, kind) for lease_id, kind in _LIVE.all(connection, {"agent": agent_id})]


_LIVE = Prepared(
    select(Attempt.id, Task.kind)
    .join(Task, Task.id == Attempt.task_id)
    .where(Attempt.agent_id == bindparam("agent"), Attempt.status == LEASED)
)
