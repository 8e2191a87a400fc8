"""Canceling: a client, or the operator, no longer wants a job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from server.domain.errors import Conflict, NotFound
from server.domain.lifecycle import ACTIVE, JobStatus, job_status
from server.services import settling
from server.services.outcomes import Aftermath
from server.services.pool import Pool
from server.storage import events, jobs, task_records

#: How canceling one of several tasks went.
CANCELED, OVER, UNKNOWN = "canceled", "over", "not_found"


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
            _end(connection, job_id, after, now)
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


def _end(connection: Connection, job_id: str, after: Aftermath, now: int) -> None:
    settling.end_job(connection, job_id, after, now)
    # An equal request must not join it.
    jobs.mark_fetched(connection, [job_id], now)


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of canceling several tasks."""

    #: How it went → with how many tasks: `CANCELED`, `OVER` or `UNKNOWN`.
    outcomes: Counter[str]
    #: The jobs that were ended.
    jobs: frozenset[str]


def cancel_some(pool: Pool, task_or_job_ids: Sequence[str], ended_before: frozenset[str], now: int) -> Ended:
    """Cancel tasks, each with the rest of its job, in one transaction; one that is over does not keep the others.

    A task of a job in `ended_before` counts as canceled: an earlier part of the same act ended it.
    """

    def cancel(connection: Connection) -> tuple[Ended, Aftermath]:
        after, outcomes, ended = Aftermath(), Counter[str](), set(ended_before)
        for named in task_or_job_ids:
            standing = task_records.standing(connection, named)
            if standing is None:
                outcomes[UNKNOWN] += 1
            elif standing.over and standing.job_id not in ended:
                outcomes[OVER] += 1
            else:
                if standing.job_id not in ended:
                    _end(connection, standing.job_id, after, now)
                    ended.add(standing.job_id)
                outcomes[CANCELED] += 1
        return Ended(outcomes, frozenset(ended)), after

    ended, after = pool.database.write(cancel)
    after.tell(pool)
    return ended
