"""The sweeper: what has to happen because time passed. `run_once` is one round; a thread repeats it."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import Connection

from server.domain import retry
from server.domain.lifecycle import TaskStatus
from server.services import giving_up, settling, switching
from server.services.outcomes import Aftermath
from server.services.pool import Pool
from server.services.submission import count_waiting
from server.storage import (
    agent_logs,
    agents,
    attempts,
    events,
    jobs,
    line,
    quotas,
    results,
    retention,
    tasks,
    throughput,
    usage,
)

log = logging.getLogger(__name__)

#: Seconds between two rounds, and between two writings of who was seen.
ROUND_SECONDS, SEEN_EVERY_SECONDS = 1.0, 15
#: Seconds between two rounds of deleting what was kept long enough.
RETENTION_EVERY_SECONDS = 60
#: Milliseconds a result is kept after it was fetched, and at most; and a job's row without it, for the operator.
FETCHED_RESULT_MS, RESULT_MS, JOB_MS = 3_600_000, 24 * 3_600_000, 7 * 24 * 3_600_000
#: Milliseconds that events and agents' logs are kept.
EVENT_MS, AGENT_LOG_MS = 90 * 24 * 3_600_000, 14 * 24 * 3_600_000
#: Milliseconds that what was done in each minute is kept.
THROUGHPUT_MS = 8 * 24 * 3_600_000


@dataclass(slots=True)
class Sweeper:
    """Remembers when it did what last; all times are milliseconds of the pool's clock."""

    pool: Pool
    _last_due: int = 0
    _last_reclaim: int = 0
    _last_seen: int = 0
    _last_retention: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Pardon the leases that ran out while the server was away, then sweep in the background."""
        pardon(self.pool, self.pool.clock.now())
        self._thread = threading.Thread(target=self._run_forever, name="sweeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the background thread and write what is only in memory."""
        self._stop.set()
        if self._thread:
            self._thread.join()
        now = self.pool.clock.now()
        self._note_seen(now)
        self._note_fetched(now)
        self._note_done(now)

    def run_once(self, now: int) -> None:
        """Do what is due at `now`."""
        self._count_and_wake(now)
        self._note_fetched(now)
        self._note_done(now)
        switching.carry_over_late(self.pool, now)
        giving_up.give_up_abandoned(self.pool, now)
        expire(self.pool, now)
        if now - self._last_reclaim >= retry.RECLAIM_EVERY_SECONDS * 1000:
            self._last_reclaim = now
            reclaim(self.pool, now)
        if now - self._last_seen >= SEEN_EVERY_SECONDS * 1000:
            self._note_seen(now)
        self.pool.database.writer.fold_if_idle()
        if now - self._last_retention >= RETENTION_EVERY_SECONDS * 1000:
            self._last_retention = now
            drop_old(self.pool, now)

    def _run_forever(self) -> None:
        while not self._stop.wait(ROUND_SECONDS):
            try:
                began = time.perf_counter()
                self.run_once(self.pool.clock.now())
                self.pool.vitals.note_round(self.pool.clock.now(), (time.perf_counter() - began) * 1000)
            except Exception:
                # A round that fails (a full disk) must not end the sweeping: the next one tries again.
                log.exception("a round of the sweeper failed")

    def _count_and_wake(self, now: int) -> None:
        """Count the backlog, and wake agents for tasks whose rest after a failure is over."""
        self.pool.backlog.recount(lambda: count_waiting(self.pool), now)
        with self.pool.database.read() as connection:
            due = line.due(connection, since=self._last_due, now=now)
        self._last_due = now
        for (capability, trust), count in due.items():
            self.pool.agents.wake(capability, count, trust=trust)

    def _note_fetched(self, now: int) -> None:
        fetched = self.pool.fetched.take()
        if fetched:
            self.pool.database.write(lambda connection: jobs.mark_fetched(connection, fetched, now))

    def _note_done(self, now: int) -> None:
        """Add what the cache answered to the usage, and it and what agents did to the charts."""
        hits = self.pool.cached.take()
        done = self.pool.throughput.take(hits)
        if not done:
            return

        def add(connection: Connection) -> None:
            usage.count_cached(connection, hits, now)
            throughput.add(connection, done, now)

        self.pool.database.write(add)

    def _note_seen(self, now: int) -> None:
        self._last_seen = now
        seen = self.pool.roster.take_unwritten()
        if seen:
            self.pool.database.write(lambda connection: agents.note_seen(connection, seen))


def pardon(pool: Pool, now: int) -> None:
    """Give running leases a fresh lapse: the server was away, not the agents."""
    until = now + retry.LEASE_SECONDS * 1000
    pardoned = pool.database.write(lambda connection: attempts.pardon(connection, lease_until=until))
    if pardoned:
        log.info("%d running leases got a fresh lapse", pardoned)


def reclaim(pool: Pool, now: int) -> int:
    """Take back the tasks of leases that lapsed; returns how many."""
    lapsed_before = now - retry.RECLAIM_GRACE_SECONDS * 1000
    with pool.database.read() as connection:
        lapses = attempts.lapsed(connection, lapsed_before)
    if not lapses:
        return 0

    def take_away(connection: Connection) -> tuple[int, Aftermath]:
        after = Aftermath()
        taken = [settling.take_away(pool, connection, lapse, lapsed_before, after, now) for lapse in lapses]
        return sum(taken), after

    taken, after = pool.database.write(take_away)
    after.tell(pool)
    if taken:
        log.info("reclaimed %d tasks of agents that went away", taken)
    return taken


def expire(pool: Pool, now: int) -> int:
    """End the tasks whose time to live is over, and the jobs with them; returns how many."""
    with pool.database.read() as connection:
        if not line.any_overdue(connection, now=now):
            return 0

    def end(connection: Connection) -> tuple[int, Aftermath]:
        after = Aftermath()
        expired = tasks.expire(connection, now=now)
        after.measured.ended[TaskStatus.EXPIRED] += len(expired)
        results.drop_payloads(connection, [task_id for task_id, _ in expired])
        quotas.give_back(connection, [task_id for task_id, _ in expired])
        for job_id in dict.fromkeys(job_id for _, job_id in expired):
            settling.end_job(connection, job_id, after, now)
        return len(expired), after

    expired, after = pool.database.write(end)
    after.tell(pool)
    return expired


def drop_old(pool: Pool, now: int) -> None:
    """Delete results, jobs, cached vectors, events and logs that were kept long enough."""
    pool.database.write(
        lambda connection: retention.drop_results(
            connection, fetched_before=now - FETCHED_RESULT_MS, stored_before=now - RESULT_MS
        )
    )
    pool.database.write(
        lambda connection: retention.drop_told(
            connection, fetched_before=now - FETCHED_RESULT_MS, finished_before=now - RESULT_MS
        )
    )
    pool.database.write(lambda connection: retention.drop_jobs(connection, created_before=now - JOB_MS))
    pool.database.write(lambda connection: retention.drop_kept_payloads(connection, now))
    pool.database.write(lambda connection: events.drop(connection, before=now - EVENT_MS, limit=retention.ROWS))
    pool.database.write(lambda connection: agent_logs.drop(connection, before=now - AGENT_LOG_MS, limit=retention.ROWS))
    pool.database.write(
        lambda connection: throughput.drop(connection, before=now - THROUGHPUT_MS, limit=retention.ROWS)
    )
    trim_cache(pool)


def trim_cache(pool: Pool) -> int:
    """Drop the oldest cached vectors over the size limit; returns how many went."""
    with pool.database.read() as connection:
        oldest, newest, size = results.cache_span(connection)
    if not newest:
        return 0
    room = pool.settings.cache_mib * 2**20 // (size + results.BYTES_BESIDE_VECTOR)
    surplus = newest - oldest + 1 - room
    if surplus <= 0:
        return 0
    last = oldest + min(surplus, retention.ROWS * 10) - 1
    return pool.database.write(lambda connection: results.forget_through(connection, last))
