"""Failed tasks whose content is still kept, so that they can be run again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from server.domain.lifecycle import TaskStatus
from server.storage import rows
from server.storage.models import Job, Payload, Task


@dataclass(frozen=True, slots=True)
class KeptTask:
    """A failed task with what it asked; times are milliseconds."""

    id: str
    job_id: str
    key_id: str
    kind: str
    capability: str
    texts: int
    positions: bytes
    #: How many tasks its job had.
    job_tasks: int
    #: As in `NewTask`.
    plain: bool
    runner: str | None
    trust: int
    #: How long its job was to wait for its first agent, and to take in all.
    waits_ms: int
    runs_ms: int
    #: JSON as the agent got it.
    body: bytes
    hashes: bytes
    envelope: str | None
    model: str
    class_id: int | None
    fingerprint: bytes
    inputs: int
    cached_positions: bytes
    cached_vectors: bytes
    cached_tokens: int


def find(connection: Connection, task_id: str) -> KeptTask | None:
    """Return a failed task with what it asked; None where that is not kept (any more)."""
    return rows.one(KeptTask, connection.execute(_FIND, {"task": task_id}).first())


_FIND = (
    select(
        Task.id,
        Task.job_id,
        Task.key_id,
        Task.kind,
        Task.capability,
        Task.texts,
        Task.positions,
        Task.job_tasks,
        Task.plain,
        Task.runner,
        Task.trust,
        Job.expires_at - Job.created_at,
        Task.runs_until - Task.created_at,
        Payload.body,
        Payload.hashes,
        Payload.envelope,
        Job.model,
        Job.class_id,
        Job.fingerprint,
        Job.inputs,
        Job.cached_positions,
        Job.cached_vectors,
        Job.cached_tokens,
    )
    .join(Payload, Payload.task_id == Task.id)
    .join(Job, Job.id == Task.job_id)
    .where(Task.id == bindparam("task"), Task.status == TaskStatus.FAILED)
)
