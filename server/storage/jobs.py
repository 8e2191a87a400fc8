"""Jobs: what a client asked for in one call, and what is known of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection, bindparam, func, insert, select, update

from server.domain.lifecycle import TaskStatus
from server.storage import rows
from server.storage.models import Job, Result, Task
from server.storage.prepared import Prepared
from server.storage.results import Part


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job about to be submitted, with the part of its answer that the cache had."""

    id: str
    key_id: str
    kind: str
    model: str
    class_id: int | None
    fingerprint: bytes
    inputs: int
    created_at: int
    expires_at: int
    #: int32 little-endian positions of the inputs that the cache answered.
    cached_positions: bytes = b""
    #: Their vectors, little-endian float32, row by row.
    cached_vectors: bytes = b""
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job as it stands in the table."""

    id: str
    kind: str
    model: str
    class_id: int | None
    inputs: int
    created_at: int
    expires_at: int
    cached_positions: bytes
    cached_vectors: bytes
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """How one task of a job stands, with its result if it has one."""

    id: str
    #: A `TaskStatus`, as text.
    status: str
    positions: bytes
    finished_at: int | None
    error_code: str | None
    error_message: str | None
    error_position: int | None
    agent_id: str | None
    vectors: bytes | None
    dimensions: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    #: JSON list of positions in the task that the engine cut.
    truncated: str | None
    output: bytes | None

    @property
    def part(self) -> Part | None:
        """The task's result; None where there is none (any more)."""
        if self.agent_id is None:
            return None
        return Part(
            task_id=self.id,
            agent_id=self.agent_id,
            positions=self.positions,
            vectors=self.vectors or b"",
            dimensions=self.dimensions or 0,
            prompt_tokens=self.prompt_tokens or 0,
            completion_tokens=self.completion_tokens or 0,
            truncated=self.truncated or "[]",
            output=self.output,
        )


_STORED = (
    Job.id,
    Job.kind,
    Job.model,
    Job.class_id,
    Job.inputs,
    Job.created_at,
    Job.expires_at,
    Job.cached_positions,
    Job.cached_vectors,
    Job.cached_tokens,
)


def submit(connection: Connection, job: NewJob) -> None:
    """Write a job; its tasks are queued in the same transaction."""
    _SUBMIT.run(
        connection,
        {
            "id": job.id,
            "key_id": job.key_id,
            "kind": job.kind,
            "model": job.model,
            "class_id": job.class_id,
            "fingerprint": job.fingerprint,
            "inputs": job.inputs,
            "created_at": job.created_at,
            "expires_at": job.expires_at,
            "cached_positions": job.cached_positions,
            "cached_vectors": job.cached_vectors,
            "cached_tokens": job.cached_tokens,
        },
    )


_SUBMIT = Prepared(insert(Job), *(field.name for field in fields(NewJob)))


def find(connection: Connection, *, job_id: str, key_id: str | None) -> StoredJob | None:
    """Return a job of a client; None when there is none of that id, or it is somebody else's.

    Without a `key_id` the operator asks, who may see everybody's.
    """
    statement, values = (_FIND, {"job": job_id, "key": key_id}) if key_id is not None else (_FIND_ANY, {"job": job_id})
    return rows.one(StoredJob, connection.execute(statement, values).first())


_FIND_ANY = select(*_STORED).where(Job.id == bindparam("job"))
_FIND = _FIND_ANY.where(Job.key_id == bindparam("key"))


def count_unfinished(connection: Connection, job_id: str) -> int:
    """Count the tasks of a job that are not final."""
    count: int = _COUNT_UNFINISHED.scalar(connection, {"job": job_id})
    return count


_COUNT_UNFINISHED = Prepared(select(func.count()).where(Task.job_id == bindparam("job"), Task.finished_at.is_(None)))


def statuses(connection: Connection, job_id: str) -> list[TaskStatus]:
    """Return how each task of a job stands, without its result."""
    return [TaskStatus(status) for status in connection.execute(_STATUSES, {"job": job_id}).scalars()]


_STATUSES = select(Task.status).where(Task.job_id == bindparam("job"))


def outcomes(connection: Connection, job_id: str) -> list[TaskOutcome]:
    """Return the outcome of every task of a job, in the order of its inputs."""
    return rows.each(TaskOutcome, connection.execute(_OUTCOMES, {"job": job_id}))


_OUTCOMES = (
    select(
        Task.id,
        Task.status,
        Task.positions,
        Task.finished_at,
        Task.error_code,
        Task.error_message,
        Task.error_position,
        Result.agent_id,
        Result.vectors,
        Result.dimensions,
        Result.tokens,
        Result.completion_tokens,
        Result.truncated,
        Result.output,
    )
    .outerjoin(Result, Result.task_id == Task.id)
    .where(Task.job_id == bindparam("job"))
    .order_by(Task.id)
)


def mark_fetched(connection: Connection, job_ids: Sequence[str], now: int) -> None:
    """Note that the answers of these jobs reached their clients."""
    connection.execute(_MARK_FETCHED, {"ids": job_ids, "now": now})


_MARK_FETCHED = (
    update(Job)
    .where(Job.id.in_(bindparam("ids", expanding=True)), Job.fetched_at.is_(None))
    .values(fetched_at=bindparam("now"))
)
