"""What the operator does with tasks: look at them, cancel them, run a failed one again, clear the queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from server.domain import chat_answer
from server.domain.errors import NotFound
from server.services import cancelling, settling
from server.services.operator.task_timings import Timings, timings
from server.services.operator.task_waits import Wait, wait_of
from server.services.outcomes import Aftermath
from server.services.pool import Pool
from server.storage import events, foreign_tasks, retention, task_details, task_records
from server.storage.foreign_tasks import TaskView
from server.storage.task_details import AttemptRecord, ProgressRecord, ResultRecord, Sibling
from server.storage.task_records import Page, TaskRecord, Wanted

#: Tasks and bytes of content in each of the four lists that OffloadMQ's page shows; tasks read at once for them.
LISTED, LISTED_BYTES, READ_AT_ONCE = 100, 8 * 2**20, 5
#: Characters of an agent's message that are shown.
LONGEST_MESSAGE = 500
#: Jobs ended in one transaction, so that the queue's other users never wait long behind it.
BATCH = 100


@dataclass(frozen=True, slots=True)
class TaskDetails:
    """A task with all that is known of it; never with its content."""

    record: TaskRecord
    attempts: list[AttemptRecord]
    #: The task that does it again, if there is one; and until when that can be asked (ms since 1970).
    retried_as: str | None
    kept_until: int | None
    result: ResultRecord | None
    progress: ProgressRecord | None
    #: The other tasks of its job, up to `task_details.LISTED`.
    siblings: list[Sibling]
    timings: Timings
    #: Why it waits; None when it does not.
    wait: Wait | None


@dataclass(frozen=True, slots=True)
class Listed:
    """The newest tasks of a priority class, newest first."""

    waiting: list[TaskView]
    #: Those that an agent has or had, and those that ended without one.
    others: list[TaskView]


def page(pool: Pool, wanted: Wanted, before: str, limit: int, *, after: str | None = None) -> Page:
    """Return the newest wanted tasks before an id; or, where an `after` is given, the oldest ones after that."""
    with pool.database.read() as connection:
        return task_records.page(connection, wanted, before=before, after=after, limit=limit)


def details(pool: Pool, task_id: str, now: int) -> TaskDetails:
    """Return all that is known of a task but for its content; NotFound when there is none of that id."""
    with pool.database.read() as connection:
        record = task_records.find(connection, task_id)
        if record is None:
            raise NotFound(f"There is no task {task_id[:64]}.")
        attempts = task_details.attempts(connection, task_id)
        ahead = task_details.ahead(connection, task_id)
        return TaskDetails(
            record,
            attempts,
            task_details.retried_as(connection, task_id),
            task_details.kept_until(connection, task_id),
            task_details.result(connection, task_id),
            task_details.progress(connection, task_id),
            task_details.siblings(connection, task_id, record.job_id),
            timings(record, attempts, now),
            None if ahead is None else wait_of(pool, record, ahead, now),
        )


def beginning(text: str | None) -> str | None:
    """Return how an id begins that somebody typed or pasted; None where nothing was."""
    # A chat's answer names its job as OpenAI's do.
    return (text or "").strip().removeprefix(chat_answer.ID_PREFIX).upper() or None


def telling(code: str | None, message: str | None) -> str | None:
    """Return what an agent said of a failure; not where it is about a text, because it may quote it."""
    if message is None or code in settling.ABOUT_THE_TEXT:
        return None
    return message[:LONGEST_MESSAGE]


def cancel(pool: Pool, task_or_job_id: str, now: int, *, capability: str | None = None) -> TaskView:
    """End a task and the rest of its job at once, and return the task as it stood before.

    Where a capability is given, it has to be the task's. Raises NotFound, and Conflict when it is over already.
    """
    with pool.database.read() as connection:
        job_id = task_records.job_of(connection, task_or_job_id)
        views = foreign_tasks.of_job(connection, job_id) if job_id else []
    named = [view for view in views if view.id == task_or_job_id] or views
    if job_id is None or not named or (capability is not None and named[0].capability != capability):
        raise NotFound(f"There is no task {task_or_job_id[:64]}.")
    cancelling.cancel_job(pool, job_id, key_id=None, now=now)
    return named[0]


def listed(pool: Pool, priority: int) -> Listed:
    """Return the newest tasks of a priority class as OffloadMQ's page shows them, a bounded number of them.

    What clients of other surfaces asked, and what they got, is left out.
    """
    return Listed(_views(pool, priority, waiting=True), _views(pool, priority, waiting=False))


def _views(pool: Pool, priority: int, *, waiting: bool) -> list[TaskView]:
    found: list[TaskView] = []
    size = 0
    with pool.database.read() as connection:
        task_ids = task_records.newest(connection, priority=priority, waiting=waiting, limit=LISTED)
        for start in range(0, len(task_ids), READ_AT_ONCE):
            read = foreign_tasks.views(connection, task_ids[start : start + READ_AT_ONCE])
            found += [_discreet(view) for view in reversed(read)]
            size += sum(_size(view) for view in read)
            if size > LISTED_BYTES:
                break
    return found


def _discreet(view: TaskView) -> TaskView:
    return view if view.log is not None else replace(view, body=None, output=None, failure_output=None)


def _size(view: TaskView) -> int:
    return sum(len(part or b"") for part in (view.body, view.output, view.failure_output, view.log))


def reset(pool: Pool, now: int) -> int:
    """Cancel everything that waits or is computed, then delete all tasks; returns how many jobs there were.

    Usage and events stay.
    """
    while _cancel_some(pool, now):
        pass
    deleted = _repeat(pool, lambda connection: retention.drop_jobs(connection, created_before=now + 1))
    pool.database.write(
        lambda connection: events.record(
            connection, actor=events.OPERATOR, verb="tasks.reset", subject="*", now=now, detail={"jobs": deleted}
        )
    )
    return deleted


def _cancel_some(pool: Pool, now: int) -> bool:
    def end(connection: Connection) -> Aftermath:
        after = Aftermath()
        for job_id in task_records.active_jobs(connection, created_before=now + 1, limit=BATCH):
            settling.end_job(connection, job_id, after, now)
        return after

    after = pool.database.write(end)
    after.tell(pool)
    return bool(after.finished)


def _repeat(pool: Pool, delete: Callable[[Connection], int]) -> int:
    deleted = 0
    while some := pool.database.write(delete):
        deleted += some
    return deleted
