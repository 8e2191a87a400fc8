"""The fence: what must still be true of a lease for somebody to act on its task."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, exists, select

from server.storage import rows
from server.storage.base import LEASED
from server.storage.models import Attempt, Task
from server.storage.prepared import Prepared


@dataclass(frozen=True, slots=True)
class HeldTask:
    """What a move needs to know of the task that a lease holds (or just held)."""

    id: str
    job_id: str
    key_id: str
    capability: str
    kind: str
    class_id: int | None
    texts: int
    positions: bytes
    #: Whether LLMeQueue's worker is able to do it.
    plain: bool
    #: Least trust that an agent needs to have it.
    trust: int
    job_tasks: int
    attempts_charged: int
    releases: int
    created_at: int
    #: When the lease began.
    claimed_at: int


#: The columns of a `HeldTask`, in its order.
HELD = (
    Task.id,
    Task.job_id,
    Task.key_id,
    Task.capability,
    Task.kind,
    Task.class_id,
    Task.texts,
    Task.positions,
    Task.plain,
    Task.trust,
    Task.job_tasks,
    Task.attempts_charged,
    Task.releases,
    Task.created_at,
    select(Attempt.started_at).where(Attempt.id == bindparam("lease")).scalar_subquery(),
)

#: The task's current attempt is this lease, and the lease is this agent's.
HELD_BY_AGENT = and_(
    Task.current_attempt == bindparam("lease"),
    Task.status == LEASED,
    exists().where(
        Attempt.id == bindparam("lease"), Attempt.task_id == Task.id, Attempt.agent_id == bindparam("agent")
    ),
)

#: The lease has lapsed. Looked at again in the write: a heartbeat may have come since the row was chosen.
LAPSED = and_(
    Task.current_attempt == bindparam("lease"),
    Task.status == LEASED,
    exists().where(
        Attempt.id == bindparam("lease"),
        Attempt.status == LEASED,
        Attempt.lease_until < bindparam("lapsed_before"),
    ),
)


def held(connection: Connection, *, lease_id: str, agent_id: str) -> HeldTask | None:
    """Return the task that an agent holds under a lease; None when it holds none under it (any more)."""
    return rows.one(HeldTask, _FIND.first(connection, {"lease": lease_id, "agent": agent_id}))


_FIND = Prepared(select(*HELD).where(HELD_BY_AGENT))
