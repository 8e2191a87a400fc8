"""Giving up: whoever waited for a job hung up, and nobody else wants it."""

from __future__ import annotations

import logging

from server.domain.errors import Conflict, NotFound
from server.services.cancelling import cancel_job
from server.services.pool import Pool

log = logging.getLogger(__name__)


def give_up(pool: Pool, key_id: str, job_id: str) -> None:
    """Cancel a job whose client hung up, unless the client waits for it on another connection too.

    The agent hears of it within seconds and stops computing.
    """
    if pool.jobs.anyone(job_id):
        return
    try:
        cancel_job(pool, job_id, key_id=key_id, now=pool.clock.now())
    except (Conflict, NotFound):
        return  # It ended meanwhile.
    log.info("job %s was canceled: its client hung up", job_id)


def give_up_unless_retried(pool: Pool, key_id: str, job_id: str) -> None:
    """Cancel a job after a while, unless its client has come back for it by then.

    An official SDK hangs up when its time is over, and comes back by itself; JavaScript's does not tell beforehand how
    long it waits, where that was set for the whole client. Canceled at once, its work would begin anew each time.
    """
    pool.abandoned.add(job_id, key_id, pool.clock.now())


def give_up_abandoned(pool: Pool, now: int) -> None:
    """Cancel the jobs to which nobody came back in time."""
    for job_id, key_id in pool.abandoned.take_due(now):
        give_up(pool, key_id, job_id)
