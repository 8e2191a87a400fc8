"""One task looked at closely: its attempts, what came of it, what was told of it, what it asks. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, tuple_

from server.storage import rows
from server.storage.base import QUEUED
from server.storage.models import Agent, Attempt, Payload, Progress, Result, Task

#: Tasks of a job that are named beside one of them.
LISTED = 100
#: Tasks before one that waits that are counted.
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One agent's try at a task; times are milliseconds since 1970."""

    agent_id: str
    #: As the agent calls itself.
    agent: str | None
    status: str
    started_at: int
    lease_until: int
    ended_at: int | None
    error_code: str | None
    error_message: str | None
    engine_ms: float | None


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """What came of a task, without its content."""

    agent_id: str
    agent: str | None
    #: Milliseconds since 1970.
    stored_at: int
    #: Of its vectors, or of its output.
    size: int
    dimensions: int
    tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class ProgressRecord:
    """What an agent told of a task that a client may ask about, without the log itself."""

    #: `starting` or `running`; None until the agent says so.
    status: str | None
    stage: str | None
    log_characters: int
    #: Of what came with a failure.
    output_bytes: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another task of the same job."""

    id: str
    status: str


def attempts(connection: Connection, task_id: str) -> list[AttemptRecord]:
    """Return the attempts at a task, oldest first; there are at most 24."""
    columns = (Attempt.agent_id, Agent.display_name, Attempt.status, Attempt.started_at, Attempt.lease_until)
    told = (Attempt.ended_at, Attempt.error_code, Attempt.error_message, Attempt.engine_ms)
    wanted = select(*columns, *told).outerjoin(Agent, Agent.id == Attempt.agent_id)
    found = connection.execute(wanted.where(Attempt.task_id == task_id).order_by(Attempt.started_at, Attempt.id))
    return rows.each(AttemptRecord, found)


def retried_as(connection: Connection, task_id: str) -> str | None:
    """Return the id of the task that does a failed one again."""
    return connection.execute(select(Task.id).where(Task.retry_of == task_id)).scalar()


def kept_until(connection: Connection, task_id: str) -> int | None:
    """Return until when what a failed task asked is kept (ms since 1970); None where it is not."""
    return connection.execute(select(Payload.kept_until).where(Payload.task_id == task_id)).scalar()


def result(connection: Connection, task_id: str) -> ResultRecord | None:
    """Return what came of a task; its size is read from the row's header, not from its content."""
    size = func.length(Result.vectors) + func.coalesce(func.length(Result.output), 0)
    wanted = select(
        Result.agent_id,
        Agent.display_name,
        Result.stored_at,
        size,
        Result.dimensions,
        Result.tokens,
        Result.completion_tokens,
    ).outerjoin(Agent, Agent.id == Result.agent_id)
    return rows.one(ResultRecord, connection.execute(wanted.where(Result.task_id == task_id)).first())


def progress(connection: Connection, task_id: str) -> ProgressRecord | None:
    """Return what was told of a task; None for work of which nothing is kept."""
    output_bytes = func.coalesce(func.length(Progress.output), 0)
    wanted = select(Progress.status, Progress.stage, func.length(Progress.log), output_bytes, Progress.updated_at)
    return rows.one(ProgressRecord, connection.execute(wanted.where(Progress.task_id == task_id)).first())


def siblings(connection: Connection, task_id: str, job_id: str) -> list[Sibling]:
    """Return the other tasks of a task's job, oldest first, up to `LISTED`."""
    wanted = select(Task.id, Task.status).where(Task.job_id == job_id, Task.id != task_id)
    return rows.each(Sibling, connection.execute(wanted.order_by(Task.id).limit(LISTED)))


def asked(connection: Connection, task_id: str) -> bytes | None:
    """Return what a task asks of its agent, as JSON; None once it was deleted."""
    return connection.execute(select(Payload.body).where(Payload.task_id == task_id)).scalar()


def log_end(connection: Connection, task_id: str, characters: int) -> str:
    """Return the end of what was logged of a task."""
    wanted = select(func.substr(Progress.log, -characters)).where(Progress.task_id == task_id)
    return connection.execute(wanted).scalar() or ""


def ahead(connection: Connection, task_id: str) -> int | None:
    """Count the tasks that are claimed before one that waits, up to `COUNTED`; None when it does not wait."""
    place = select(Task.capability, Task.priority, Task.turn).where(Task.id == task_id, Task.status == QUEUED)
    row = connection.execute(place).first()
    if row is None:
        return None
    earlier = tuple_(Task.priority, Task.turn, Task.id) < (row.priority, row.turn, task_id)
    before = select(Task.id).where(Task.status == QUEUED, Task.capability == row.capability, earlier).limit(COUNTED)
    return int(connection.execute(select(func.count()).select_from(before.subquery())).scalar_one())


def last_agents(connection: Connection, task_ids: Sequence[str]) -> dict[str, tuple[str, str | None, int]]:
    """Return who tried tasks last: task id → (agent's id, what it calls itself, since when)."""
    columns = (Attempt.task_id, Attempt.agent_id, Agent.display_name, Attempt.started_at)
    wanted = select(*columns).outerjoin(Agent, Agent.id == Attempt.agent_id).where(Attempt.task_id.in_(task_ids))
    found = connection.execute(wanted.order_by(Attempt.started_at, Attempt.id))
    return {task_id: (agent_id, name, started_at) for task_id, agent_id, name, started_at in found}
