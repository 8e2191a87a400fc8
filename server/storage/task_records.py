"""Task records: the queue as the operator looks at it. Reads only, newest first, a bounded stretch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from server.domain import ids
from server.domain.lifecycle import ACTIVE, TaskStatus
from server.storage import rows
from server.storage.base import QUEUED, written_out
from server.storage.models import Attempt, ClientKey, Job, Task

#: Tasks looked at for one page: beyond that the page ends early, and its cursor goes on from there.
STRETCH = 20_000
#: What sorts after every id; and what makes an id sort behind itself, but before every later one.
LAST, BEHIND = "~", "!"
#: Statuses that have an index of their own, because they are rare.
ENDED_BADLY = (TaskStatus.FAILED, TaskStatus.CANCELED, TaskStatus.EXPIRED)


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
    #: `embedding`, `chat` or `task`.
    kind: str | None = None
    #: Code of the error that it ended with, or met last.
    error: str | None = None
    #: How its id begins, or that of its job.
    begins: str | None = None

    @property
    def of_status(self) -> str | None:
        """The status whose index is walked: an error code that is wanted without one is looked for in what failed."""
        return TaskStatus.FAILED if self.status is None and self.error is not None else self.status


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
    plain: bool
    #: The only agent that may have it, where its client named one.
    runner: str | None
    #: Least trust (`domain/trust.py`) that an agent needs to have it.
    trust: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of tasks, newest first, and where those beside it begin; None where nothing is left."""

    records: list[TaskRecord]
    #: The older ones are before it.
    cursor: str | None
    #: The newer ones are after it.
    newer: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose part a task is, and whether it is over."""

    job_id: str
    over: bool


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
    Task.plain,
    Task.runner,
    Task.trust,
)
_RECORDS = select(*_COLUMNS).join(ClientKey, ClientKey.id == Task.key_id)


def page(connection: Connection, wanted: Wanted, *, before: str = LAST, after: str | None = None, limit: int) -> Page:
    """Return the wanted tasks that come next before an id, or next after one: of these the oldest, newest first.

    At most `STRETCH` tasks are looked at, so a page may have fewer than `limit` tasks, even none, and yet a cursor.
    Where fewer than `limit` are left after an id, the newest page is returned, whole.
    """
    if after is not None:
        return _page_after(connection, wanted, after, limit)
    lower, upper = bounds(wanted, before, "")
    edge = edge_of(connection, wanted, upper, lower)
    found = rows.each(TaskRecord, connection.execute(listing(wanted, upper, edge or lower, limit + 1)))
    newer = found[0].id if found and before != LAST else None
    if len(found) > limit:
        return Page(found[:limit], found[limit - 1].id, newer)
    return Page(found, edge, newer)


def _page_after(connection: Connection, wanted: Wanted, after: str, limit: int) -> Page:
    lower, upper = bounds(wanted, LAST, after + BEHIND)
    edge = edge_of(connection, wanted, upper, lower, upward=True)
    upper = upper if edge is None else edge + BEHIND
    chosen = listing(wanted, upper, lower, limit + 1, upward=True)
    found = rows.each(TaskRecord, connection.execute(chosen))
    newer = found[limit - 1].id if len(found) > limit else edge
    if newer is None:
        return page(connection, wanted, limit=limit)
    records = found[:limit][::-1]
    return Page(records, records[-1].id if records else after + BEHIND, newer)


def bounds(wanted: Wanted, before: str, since: str) -> tuple[str, str]:
    """Return the least id that may be wanted, and what sorts after the greatest."""
    lower, upper = [since], [before]
    if wanted.before is not None:
        upper.append(ids.first_ulid(wanted.before))
    if wanted.since is not None:
        lower.append(ids.first_ulid(wanted.since))
    if wanted.begins is not None:
        # A job and its tasks are made at the same time, which is what their ids begin with.
        time = wanted.begins[: ids.ULID_TIME_LENGTH]
        lower.append(time)
        upper.append(time + LAST)
    return max(lower), min(upper)


def edge_of(connection: Connection, wanted: Wanted, upper: str, lower: str, *, upward: bool = False) -> str | None:
    """Return where the stretch that is looked at ends; None where all of it is, as of what is under way."""
    if _walks_active(wanted):
        return None
    edge: str | None = connection.execute(stretch(wanted, upper, lower, upward=upward)).scalar()
    return edge


def stretch(wanted: Wanted, upper: str, lower: str, *, upward: bool = False) -> Select[Any]:
    """Choose where the stretch that is looked at ends: its last id, if more lies beyond."""
    if wanted.agent_id is not None:
        column: Any = Attempt.task_id
        chosen = select(column).where(Attempt.agent_id == wanted.agent_id)
    else:
        column = _id_of(wanted)
        chosen = select(column).where(*_indexed(wanted))
    order = column.asc() if upward else column.desc()
    return chosen.where(column < upper, column >= lower).order_by(order).limit(1).offset(STRETCH)


def listing(wanted: Wanted, upper: str, lower: str, limit: int, *, upward: bool = False) -> Select[Any]:
    """Choose the wanted tasks of a stretch."""
    column = _id_of(wanted)
    chosen: Any = _RECORDS.where(column < upper, column >= lower, *_indexed(wanted), *_narrowing(wanted))
    if wanted.agent_id is not None:
        tried = select(Attempt.task_id).where(
            Attempt.agent_id == wanted.agent_id, Attempt.task_id < upper, Attempt.task_id >= lower
        )
        chosen = chosen.where(Task.id.in_(tried))
    chosen = chosen.order_by(column.asc() if upward else column.desc()).limit(limit)
    return cast(Select[Any], chosen)


def _id_of(wanted: Wanted) -> Any:
    """Return what is compared and sorted by: the id.

    Of what is under way in a form that has no index: SQLite would walk the ids of all tasks there are, where the index
    of those under way is short.
    """
    return Task.id.concat("") if _walks_active(wanted) else Task.id


def _walks_active(wanted: Wanted) -> bool:
    """Whether what is under way is walked, because nothing narrows the search further."""
    return wanted.status in ACTIVE and wanted.agent_id is None and wanted.begins is None


def _indexed(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    """Return the one condition whose index is walked; the others are only looked at along it."""
    if wanted.agent_id is not None:
        return ()
    # What is narrowed by how its id begins is so few that no status narrows it further.
    if wanted.begins is None and wanted.of_status in ENDED_BADLY:
        written = [written_out(status) for status in ENDED_BADLY]
        # Said twice, because the index holds all that ended badly.
        return (Task.status.in_(written), Task.status == wanted.of_status)
    if _walks_active(wanted):
        return (Task.finished_at.is_(None),)
    return () if wanted.key_id is None else (Task.key_id == wanted.key_id,)


def _narrowing(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return what is looked at along the way."""
    equal = {
        Task.status: wanted.of_status,
        Task.key_id: wanted.key_id,
        Task.capability: wanted.capability,
        Task.kind: wanted.kind,
        Task.error_code: wanted.error,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if wanted.begins is not None:
        end = wanted.begins + LAST
        named = [(column >= wanted.begins) & (column < end) for column in (Task.id, Task.job_id)]
        conditions.append(or_(*named))
    return conditions


def find(connection: Connection, task_id: str) -> TaskRecord | None:
    """Return a task by its id."""
    return rows.one(TaskRecord, connection.execute(_RECORDS.where(Task.id == task_id)).first())


def job_of(connection: Connection, task_or_job_id: str) -> str | None:
    """Return the id of the job that a task belongs to, or of the job that is named itself."""
    found = connection.execute(select(Task.job_id).where(Task.id == task_or_job_id)).scalar()
    return found or connection.execute(select(Job.id).where(Job.id == task_or_job_id)).scalar()


def standing(connection: Connection, task_or_job_id: str) -> Standing | None:
    """Return how a task stands; or a job, which is over when all its tasks are."""
    own = select(Task.job_id, Task.finished_at.is_not(None)).where(Task.id == task_or_job_id)
    row = connection.execute(own).first()
    if row is None:
        of_job = select(Task.job_id, func.count() == func.count(Task.finished_at)).group_by(Task.job_id)
        row = connection.execute(of_job.where(Task.job_id == task_or_job_id)).first()
    return None if row is None else Standing(row[0], bool(row[1]))


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
