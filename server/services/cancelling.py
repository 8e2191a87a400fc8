"""Canceling: a client, or the operator, no longer wants a job."""

from __future__ import annotations

from sqlalchemy import Connection

from server.domain.errors import Conflict, NotFound
from server.domain.lifecycle import ACTIVE, JobStatus, job_status
from server.services import settling
from server.services.outcomes import Aftermath
from server.services.pool import Pool
from server.storage import events, jobs


def cancel_job(pool: Pool, job_id: str, *, key_id: str | None, now: int) -> JobStatus:
    """End a job at once, whatever of it waits or runs; its agents hear of it with their next word.

    Args:
        pool: the running pool.
        job_id: which.
        key_id: the client that asks; None for the operator, who may cancel everybody's.
        now: the time.

    Returns how the job stood before. Raises NotFound when there is no such job (of this client's), Conflict when it
    is over already.
    """

    def cancel(connection: Connection) -> tuple[JobStatus | None, Aftermath]:
        after = Aftermath()
        if jobs.find(connection, job_id=job_id, key_id=key_id) is None:
            return None, after
        statuses = jobs.statuses(connection, job_id)
        if not set(statuses).isdisjoint(ACTIVE):
            settling.end_job(connection, job_id, after, now)
            # An equal request must not join it.
            jobs.mark_fetched(connection, [job_id], now)
            if key_id is None:
                events.record(connection, actor=events.OPERATOR, verb="task.cancel", subject=job_id, now=now)
        return job_status(statuses), after

    before, after = pool.database.write(cancel)
    after.tell(pool)
    if before is None:
        raise NotFound(f"There is no task {job_id[:64]} of yours.")
    if not after.finished:
        raise Conflict(f"The task {job_id} is over already (status: {before}).")
    return before
