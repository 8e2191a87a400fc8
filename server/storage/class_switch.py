"""What has to change in the queue when another class of a model becomes the pool's."""

from __future__ import annotations

from sqlalchemy import Connection, Select, func, select, update

from server.domain.lifecycle import TaskStatus
from server.storage.base import LEASED, QUEUED
from server.storage.models import Attempt, Job, ModelClass, Task


def make_pools(connection: Connection, *, kind: str, model: str, class_id: int) -> None:
    """Make a class the pool's in the place of the one that was."""
    of_model = (ModelClass.kind == kind, ModelClass.model == model)
    # One after the other, because the table never lets two be the pool's.
    connection.execute(update(ModelClass).where(*of_model, ModelClass.is_pool).values(is_pool=False))
    connection.execute(update(ModelClass).where(ModelClass.id == class_id).values(is_pool=True))


def leases_of_class(connection: Connection, capability: str, class_id: int) -> list[tuple[str, str]]:
    """Return the leases under which a capability's tasks of a class are computed: (lease id, agent id)."""
    found = connection.execute(
        select(Attempt.id, Attempt.agent_id)
        .join(Task, Task.id == Attempt.task_id)
        .where(Attempt.status == LEASED, Task.capability == capability, Task.class_id == class_id)
    )
    return [(lease_id, agent_id) for lease_id, agent_id in found]


def any_waiting(connection: Connection, capability: str, class_id: int) -> bool:
    """Whether a task of a capability still waits for agents of a class."""
    waiting = select(Task.id).where(Task.status == QUEUED, Task.capability == capability, Task.class_id == class_id)
    return connection.execute(waiting.limit(1)).first() is not None


def half_done_jobs(connection: Connection, capability: str, class_id: int) -> list[str]:
    """Return the jobs under way of which some vectors are there already, computed or from the cache."""
    return list(connection.execute(_half_done(capability, class_id)).scalars())


def count_whole(connection: Connection, capability: str, class_id: int) -> tuple[int, int]:
    """Count the tasks under way of the other jobs, which agents of another class could do: (all, computed now)."""
    under_way = (Task.finished_at.is_(None), Task.capability == capability, Task.class_id == class_id)
    counted = select(func.count(), func.count(Task.current_attempt))
    row = connection.execute(counted.where(*under_way, Task.job_id.not_in(_half_done(capability, class_id)))).one()
    return row[0], row[1]


def _half_done(capability: str, class_id: int) -> Select[str]:
    part, sibling = Task.__table__.alias("part"), Task.__table__.alias("sibling")
    computed = select(sibling.c.id).where(sibling.c.job_id == Job.id, sibling.c.status == TaskStatus.COMPLETED).exists()
    return (
        select(Job.id)
        .join(part, part.c.job_id == Job.id)
        .where(part.c.finished_at.is_(None), part.c.capability == capability, part.c.class_id == class_id)
        .where((Job.cached_positions != b"") | computed)
        .distinct()
    )


def move_jobs(connection: Connection, *, old: int, new: int, now: int) -> None:
    """Let the jobs under way be of another class, and no request join one that ended with the old one's vectors."""
    of_old = (Job.class_id == old, Job.fetched_at.is_(None))
    under_way = select(Task.id).where(Task.job_id == Job.id, Task.finished_at.is_(None)).exists()
    connection.execute(update(Job).where(*of_old, under_way).values(class_id=new))
    connection.execute(update(Job).where(*of_old).values(fetched_at=now))
