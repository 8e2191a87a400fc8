"""The pace: what was done per minute in the last hour, per quarter of an hour in the last day, and how fast it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.limits import MINUTE_MS, minute_of
from server.services.pool import Pool
from server.storage import throughput
from server.storage.throughput import Counts

#: Minutes of one bar, and bars: of the last hour and of the last day.
HOUR_STEP, HOUR_BARS = 1, 60
DAY_STEP, DAY_BARS = 15, 96
#: Milliseconds for which what was read is good enough: the day's rows are some thousands.
HOUR_GOOD_FOR_MS, DAY_GOOD_FOR_MS = 1000, 10_000
#: Minutes back that tell how fast work is done: long enough for slow models, and short enough for a burst.
STEADY_MINUTES, BURST_MINUTES = 10, 2
#: Minutes over which what is shown as the present pace is averaged, beside the current one.
LATELY_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """What was done in equal stretches of time, the last of which is not over."""

    #: When the first stretch begins (ms since 1970), and how long each is.
    since: int
    step_ms: int
    counts: tuple[Counts, ...]

    @property
    def starts(self) -> tuple[int, ...]:
        """When each stretch begins (ms since 1970)."""
        return tuple(self.since + number * self.step_ms for number in range(len(self.counts)))

    @property
    def total(self) -> Counts:
        """What was done in all of them."""
        return sum(self.counts, Counts())


def last_hour(pool: Pool, now: int) -> Pace:
    """Return what was done in each of the last 60 minutes, up to a second old."""
    return pool.remembered.recall(
        "pace of the hour", lambda: _read(pool, HOUR_STEP, HOUR_BARS, now), good_for_ms=HOUR_GOOD_FOR_MS, now=now
    )


def last_day(pool: Pool, now: int) -> Pace:
    """Return what was done in each quarter of an hour of the last day, up to ten seconds old."""
    return pool.remembered.recall(
        "pace of the day", lambda: _read(pool, DAY_STEP, DAY_BARS, now), good_for_ms=DAY_GOOD_FOR_MS, now=now
    )


def _read(pool: Pool, step: int, bars: int, now: int) -> Pace:
    # Stretches begin at whole quarters of an hour, so that a bar does not change once it is over.
    first = minute_of(now) // step * step - (bars - 1) * step
    with pool.database.read() as connection:
        found = {one.minute: one.counts for one in throughput.stretches(connection, first_minute=first, minutes=step)}
    counts = tuple(found.get(first + number * step, Counts()) for number in range(bars))
    return Pace(first * MINUTE_MS, step * MINUTE_MS, counts)


def lately(hour: Pace, now: int) -> tuple[float, float]:
    """Return the tasks and the texts of a minute, on average of the last `LATELY_MINUTES` and the current one."""
    counts = sum(hour.counts[-LATELY_MINUTES - 1 :], Counts())
    minutes = LATELY_MINUTES + (now % MINUTE_MS) / MINUTE_MS
    return counts.tasks / minutes, counts.texts / minutes


def tasks_per_minute(pool: Pool, now: int) -> Mapping[str, float]:
    """Return how many tasks leave the queue in a minute, by capability: the faster of a steady pace and a burst.

    A pool that had little to do lately is faster than what it did: see `speed_of`.
    """
    paces = [_rates(pool, minutes, now) for minutes in (STEADY_MINUTES, BURST_MINUTES)]
    return {capability: max(pace.get(capability, 0) for pace in paces) for capability in paces[0]}


def _rates(pool: Pool, minutes: int, now: int) -> dict[str, float]:
    first = minute_of(now) - minutes
    with pool.database.read() as connection:
        done = throughput.by_capability(connection, first)
    return {capability: counts.ended * MINUTE_MS / (now - first * MINUTE_MS) for capability, counts in done.items()}


def speed_of(measured: float, typical_seconds: float | None, agents: int) -> float:
    """Return how many tasks a minute a capability's agents do.

    Args:
        measured: tasks a minute, as it was measured.
        typical_seconds: how long a task took lately; None where nobody knows.
        agents: how many agents serve it, each of which does at least one task at a time.
    """
    return max(measured, agents * 60 / max(typical_seconds, 0.001) if typical_seconds is not None else 0.0)


def seconds_until_done(waiting: int, speed: float) -> float | None:
    """Return how long so many tasks take at a speed (tasks a minute); None where nothing is done."""
    return waiting * 60 / speed if speed else None
