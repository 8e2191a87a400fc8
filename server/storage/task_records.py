"""Task records: the queue as the operator looks at it. Reads only, newest first, a bounded stretch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, select

from server.domain import ids
from server.domain.lifecycle import ACTIVE, TaskStatus
from server.storage import rows
from server.storage.base import QUEUED, written_out
from server.storage.models import Attempt, ClientKey, Job, Payload, Task

#: Tasks looked at for one page: beyond that the page ends early, and its cursor goes on from there.
STRETCH = 20_000
#: What sorts after every id.
LAST = "~"
#: Statuses that have an index of their own, because they are rare.
_ENDED_BADLY = (TaskStatus.FAILED, TaskStatus.CANCELED, TaskStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks the operator wants to see; None is any."""

    status: str | None = None
    #: Base capability.
    capability: str | None = None
    #: Agent that tried it, and client key that asked, by their ids.
    agent_id: str | None = None
    key_id: str | None = None
    #: Submitted before, and from then on (ms since 1970).
    before: int | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A task without its content; times are milliseconds since 1970."""

    id: str
    job_id: str
    key_id: str
    #: The key's name.
    client: str
    kind: str
    capability: str
    class_id: int | None
    status: str
    priority: int
    texts: int
    job_tasks: int
    created_at: int
    not_before: int
    expires_at: int
    runs_until: int
    finished_at: int | None
    attempts_made: int
    attempts_charged: int
    releases: int
    error_code: str | None
    error_message: str | None
    retry_of: str | None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One agent's try at a task; times are milliseconds since 1970."""

    agent_id: str
    status: str
    started_at: int
    lease_until: int
    ended_at: int | None
    error_code: str | None
    error_message: str | None
    engine_ms: float | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of tasks, newest first, and where the next one begins; None where nothing is left."""

    records: list[TaskRecord]
    cursor: str | None


_COLUMNS = (
    Task.id,
    Task.job_id,
    Task.key_id,
    ClientKey.name,
    Task.kind,
    Task.capability,
    Task.class_id,
    Task.status,
    Task.priority,
    Task.texts,
    Task.job_tasks,
    Task.created_at,
    Task.not_before,
    Task.expires_at,
    Task.runs_until,
    Task.finished_at,
    Task.attempts_made,
    Task.attempts_charged,
    Task.releases,
    Task.error_code,
    Task.error_message,
    Task.retry_of,
)
_RECORDS = select(*_COLUMNS).join(ClientKey, ClientKey.id == Task.key_id)


def page(connection: Connection, wanted: Wanted, *, before: str = LAST, limit: int) -> Page:
    """Return the tasks before an id that are wanted.

    At most `STRETCH` tasks are looked at, so a page may have fewer than `limit` tasks, even none, and yet a cursor.
    """
    upper = before if wanted.before is None else min(before, ids.first_ulid(wanted.before))
    lower = "" if wanted.since is None else ids.first_ulid(wanted.since)
    edge = connection.execute(stretch(wanted, upper, lower)).scalar()
    found = rows.each(TaskRecord, connection.execute(listing(wanted, upper, edge or lower, limit + 1)))
    if len(found) > limit:
        return Page(found[:limit], found[limit - 1].id)
    return Page(found, edge)


def stretch(wanted: Wanted, upper: str, lower: str) -> Select[Any]:
    """Choose where the stretch that is looked at ends: its last id, if more lies beyond."""
    if wanted.agent_id is not None:
        column: Any = Attempt.task_id
        chosen = select(column).where(Attempt.agent_id == wanted.agent_id)
    else:
        column = _id_of(wanted)
        chosen = select(column).where(*_indexed(wanted))
    return chosen.where(column < upper, column >= lower).order_by(column.desc()).limit(1).offset(STRETCH)


def listing(wanted: Wanted, upper: str, lower: str, limit: int) -> Select[Any]:
    """Choose the wanted tasks of a stretch."""
    column = _id_of(wanted)
    chosen: Any = _RECORDS.where(column < upper, column >= lower, *_indexed(wanted))
    if wanted.agent_id is not None:
        tried = select(Attempt.task_id).where(
            Attempt.agent_id == wanted.agent_id, Attempt.task_id < upper, Attempt.task_id >= lower
        )
        chosen = chosen.where(Task.id.in_(tried))
    if wanted.status is not None:
        chosen = chosen.where(Task.status == wanted.status)
    if wanted.key_id is not None:
        chosen = chosen.where(Task.key_id == wanted.key_id)
    if wanted.capability is not None:
        chosen = chosen.where(Task.capability == wanted.capability)
    chosen = chosen.order_by(column.desc()).limit(limit)
    return cast(Select[Any], chosen)


def _id_of(wanted: Wanted) -> Any:
    """Return what is compared and sorted by: the id.

    Of what is under way in a form that has no index: SQLite would walk the ids of all tasks there are, where the index
    of those under way is short.
    """
    return Task.id.concat("") if wanted.status in ACTIVE and wanted.agent_id is None else Task.id


def _indexed(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    """Return the one condition whose index is walked; the others are only looked at along it."""
    if wanted.agent_id is not None:
        return ()
    if wanted.status in _ENDED_BADLY:
        written = [written_out(status) for status in _ENDED_BADLY]
        # Said twice, because the index holds all that ended badly.
        return (Task.status.in_(written), Task.status == wanted.status)
    if wanted.status in ACTIVE:
        return (Task.finished_at.is_(None),)
    return () if wanted.key_id is None else (Task.key_id == wanted.key_id,)


def find(connection: Connection, task_id: str) -> TaskRecord | None:
    """Return a task by its id."""
    return rows.one(TaskRecord, connection.execute(_RECORDS.where(Task.id == task_id)).first())


def job_of(connection: Connection, task_or_job_id: str) -> str | None:
    """Return the id of the job that a task belongs to, or of the job that is named itself."""
    found = connection.execute(select(Task.job_id).where(Task.id == task_or_job_id)).scalar()
    return found or connection.execute(select(Job.id).where(Job.id == task_or_job_id)).scalar()


def attempts(connection: Connection, task_id: str) -> list[AttemptRecord]:
    """Return the attempts at a task, oldest first; there are at most 24."""
    columns = (Attempt.agent_id, Attempt.status, Attempt.started_at, Attempt.lease_until, Attempt.ended_at)
    wanted = select(*columns, Attempt.error_code, Attempt.error_message, Attempt.engine_ms)
    found = connection.execute(wanted.where(Attempt.task_id == task_id).order_by(Attempt.started_at, Attempt.id))
    return rows.each(AttemptRecord, found)


def retried_as(connection: Connection, task_id: str) -> str | None:
    """Return the id of the task that does a failed one again."""
    return connection.execute(select(Task.id).where(Task.retry_of == task_id)).scalar()


def kept_until(connection: Connection, task_id: str) -> int | None:
    """Return until when what a failed task asked is kept (ms since 1970); None where it is not."""
    return connection.execute(select(Payload.kept_until).where(Payload.task_id == task_id)).scalar()


def newest(connection: Connection, *, priority: int, waiting: bool, limit: int) -> list[str]:
    """Return the ids of the newest tasks of a priority class that wait; or, of the last `STRETCH`, that do not."""
    of_class = select(Task.id).where(Task.priority == priority)
    if waiting:
        # As in `_id_of`: the index of what waits is short.
        wanted = of_class.where(Task.status == QUEUED).order_by(Task.id.concat("").desc())
    else:
        edge = connection.execute(stretch(Wanted(), LAST, "")).scalar() or ""
        wanted = of_class.where(Task.id >= edge, Task.status != TaskStatus.QUEUED).order_by(Task.id.desc())
    return list(connection.execute(wanted.limit(limit)).scalars())


def active_jobs(connection: Connection, *, created_before: int, limit: int) -> list[str]:
    """Return jobs that are not over."""
    found = connection.execute(
        select(Task.job_id).where(Task.finished_at.is_(None), Task.created_at < created_before).distinct().limit(limit)
    )
    return list(found.scalars())
