"""Tasks with all that OffloadMQ tells of one. Reads only; a task is found by its own id or by that of its job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from server.storage import rows
from server.storage.models import Attempt, Payload, Progress, Result, Task
from server.storage.prepared import Prepared


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One agent's try at a task; times are milliseconds since 1970."""

    id: str
    task_id: str
    agent_id: str
    #: An `AttemptStatus`, as text.
    status: str
    started_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task, what was asked, what its agent told, what came of it; times are milliseconds since 1970."""

    id: str
    job_id: str
    key_id: str
    kind: str
    capability: str
    #: A `TaskStatus`, as text.
    status: str
    #: 0 for urgent, 1 for regular.
    priority: int
    #: How many tasks its job has.
    job_tasks: int
    created_at: int
    finished_at: int | None
    error_message: str | None
    #: JSON as the agent gets it; None once it was deleted, which is when the task ended.
    body: bytes | None
    #: JSON object: what was sent beside the payload; None for work that came another way, or is over.
    envelope: str | None
    #: `starting` or `running`, as the agent said.
    told: str | None
    stage: str | None
    #: None for work that came another way.
    log: str | None
    told_at: int | None
    #: JSON that came with a failure.
    failure_output: bytes | None
    #: JSON: the result of what is no embedding.
    output: bytes | None
    #: Oldest first.
    attempts: tuple[AttemptView, ...]

    @property
    def last_attempt(self) -> AttemptView | None:
        """The attempt under way, or else the last one."""
        return self.attempts[-1] if self.attempts else None


_COLUMNS = (
    Task.id,
    Task.job_id,
    Task.key_id,
    Task.kind,
    Task.capability,
    Task.status,
    Task.priority,
    Task.job_tasks,
    Task.created_at,
    Task.finished_at,
    Task.error_message,
    Payload.body,
    Payload.envelope,
    Progress.status,
    Progress.stage,
    Progress.log,
    Progress.updated_at,
    Progress.output,
    Result.output,
)
_VIEWS = (
    select(*_COLUMNS)
    .outerjoin(Payload, Payload.task_id == Task.id)
    .outerjoin(Progress, Progress.task_id == Task.id)
    .outerjoin(Result, Result.task_id == Task.id)
    .order_by(Task.id)
)


def views(connection: Connection, task_ids: Sequence[str]) -> list[TaskView]:
    """Return tasks by their ids, oldest first; those that there are."""
    return _with_attempts(connection, connection.execute(_BY_ID, {"ids": task_ids}))


_BY_ID = _VIEWS.where(Task.id.in_(bindparam("ids", expanding=True)))


def of_job(connection: Connection, job_id: str) -> list[TaskView]:
    """Return the tasks of a job, in the order of its inputs."""
    return _with_attempts(connection, connection.execute(_OF_JOB, {"job": job_id}))


_OF_JOB = _VIEWS.where(Task.job_id == bindparam("job"))


def find(connection: Connection, task_id: str) -> TaskView | None:
    """Return a task by its id."""
    row = _FIND.first(connection, {"task": task_id})
    if row is None:
        return None
    attempts = rows.each(AttemptView, _ATTEMPTS_OF.all(connection, {"task": task_id}))
    return TaskView(*[*row, tuple(attempts)])


_FIND = Prepared(_VIEWS.where(Task.id == bindparam("task")))


def _with_attempts(connection: Connection, found: Iterable[Iterable[Any]]) -> list[TaskView]:
    listed = [list(row) for row in found]
    attempts: dict[str, list[AttemptView]] = {}
    for attempt in rows.each(AttemptView, connection.execute(_ATTEMPTS, {"ids": [row[0] for row in listed]})):
        attempts.setdefault(attempt.task_id, []).append(attempt)
    return [TaskView(*[*row, tuple(attempts.get(row[0], ()))]) for row in listed]


_ATTEMPT_VIEWS = select(
    Attempt.id, Attempt.task_id, Attempt.agent_id, Attempt.status, Attempt.started_at, Attempt.ended_at
).order_by(Attempt.started_at, Attempt.id)
_ATTEMPTS = _ATTEMPT_VIEWS.where(Attempt.task_id.in_(bindparam("ids", expanding=True)))
_ATTEMPTS_OF = Prepared(_ATTEMPT_VIEWS.where(Attempt.task_id == bindparam("task")))
