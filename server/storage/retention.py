"""Deleting what has been kept long enough, a little at a time."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, or_, select

from server.storage.models import Attempt, Job, Payload, Progress, Result, Task

#: Rows deleted in one transaction, so that the queue's other users never wait long behind it.
ROWS = 500


def drop_results(connection: Connection, *, fetched_before: int, stored_before: int) -> int:
    """Delete results that were fetched, or stored, long enough ago; returns how many."""
    return connection.execute(
        _DROP_RESULTS, {"fetched_before": fetched_before, "stored_before": stored_before}
    ).rowcount


_DROP_RESULTS = delete(Result).where(
    Result.task_id.in_(
        select(Result.task_id)
        .join(Task, Task.id == Result.task_id)
        .join(Job, Job.id == Task.job_id)
        .where(or_(Job.fetched_at < bindparam("fetched_before"), Result.stored_at < bindparam("stored_before")))
        .limit(ROWS)
    )
)


def drop_told(connection: Connection, *, fetched_before: int, finished_before: int) -> int:
    """Delete what agents told of tasks (answers, too) as long after their end as results; returns how many."""
    return connection.execute(
        _DROP_TOLD, {"fetched_before": fetched_before, "finished_before": finished_before}
    ).rowcount


_DROP_TOLD = delete(Progress).where(
    Progress.task_id.in_(
        select(Progress.task_id)
        .join(Task, Task.id == Progress.task_id)
        .join(Job, Job.id == Task.job_id)
        .where(
            Task.finished_at.is_not(None),
            or_(Job.fetched_at < bindparam("fetched_before"), Task.finished_at < bindparam("finished_before")),
        )
        .limit(ROWS)
    )
)


def drop_kept_payloads(connection: Connection, now: int) -> int:
    """Delete what failed tasks asked for, where the time to run them again is over; returns how many."""
    return connection.execute(_DROP_KEPT, {"now": now}).rowcount


_DROP_KEPT = delete(Payload).where(
    Payload.task_id.in_(select(Payload.task_id).where(Payload.kept_until <= bindparam("now")).limit(ROWS))
)


def drop_jobs(connection: Connection, *, created_before: int) -> int:
    """Delete jobs, with their tasks and attempts, of which nothing is left to do or to fetch; returns how many."""
    ids = list(connection.execute(_OLD_JOBS, {"before": created_before}).scalars())
    if ids:
        tasks_of_them = select(Task.id).where(Task.job_id.in_(ids))
        for table in (Result, Payload, Progress, Attempt):
            connection.execute(delete(table).where(table.task_id.in_(tasks_of_them)))
        connection.execute(delete(Task).where(Task.job_id.in_(ids)))
        connection.execute(delete(Job).where(Job.id.in_(ids)))
    return len(ids)


_OLD_JOBS = (
    select(Job.id)
    .where(
        Job.created_at < bindparam("before"),
        ~select(Task.id).where(Task.job_id == Job.id, Task.finished_at.is_(None)).exists(),
    )
    .limit(ROWS)
)
