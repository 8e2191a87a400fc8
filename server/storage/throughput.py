"""Throughput: what was done in each minute, by capability. What the charts are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from server.domain.limits import minute_of
from server.storage import rows
from server.storage.models import Throughput


@dataclass(frozen=True, slots=True)
class Counts:
    """What was done: tasks completed and their texts, tasks that failed, and texts that the cache answered."""

    tasks: int = 0
    texts: int = 0
    failed: int = 0
    cached: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.tasks + other.tasks,
            self.texts + other.texts,
            self.failed + other.failed,
            self.cached + other.cached,
        )

    @property
    def ended(self) -> int:
        """Tasks that left the queue."""
        return self.tasks + self.failed

    @property
    def cached_share(self) -> float | None:
        """Share of the texts that the cache answered; None where there were none."""
        texts = self.texts + self.cached
        return self.cached / texts if texts else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was done in some minutes, by all together."""

    #: The first of them, in minutes since 1970.
    minute: int
    tasks: int
    texts: int
    failed: int
    cached: int

    @property
    def counts(self) -> Counts:
        """What was done."""
        return Counts(self.tasks, self.texts, self.failed, self.cached)


_NAMES = ("tasks", "texts", "failed", "cached")
_SUMS = [func.sum(getattr(Throughput, name)) for name in _NAMES]


def add(connection: Connection, done: Mapping[str, Counts], now: int) -> None:
    """Add what was done to the current minute; maps capabilities to counts."""
    minute = minute_of(now)
    for capability, counts in done.items():
        connection.execute(_ADD, {"minute": minute, "capability": capability, **asdict(counts)})


_NEW = upsert(Throughput)
_ADD = _NEW.on_conflict_do_update(
    index_elements=["minute", "capability"],
    set_={name: getattr(Throughput, name) + getattr(_NEW.excluded, name) for name in _NAMES},
)


def stretches(connection: Connection, *, first_minute: int, minutes: int) -> list[Stretch]:
    """Sum up stretches of so many minutes each, from a minute on; those without any work are left out."""
    values = {"first": first_minute, "minutes": minutes}
    return rows.each(Stretch, connection.execute(STRETCHES, values))


_START = (Throughput.minute - (Throughput.minute - bindparam("first")) % bindparam("minutes")).label("start")
STRETCHES = select(_START, *_SUMS).where(Throughput.minute >= bindparam("first")).group_by(_START)


def by_capability(connection: Connection, first_minute: int) -> dict[str, Counts]:
    """Sum up what was done from a minute on, by capability."""
    return {
        capability: Counts(*sums) for capability, *sums in connection.execute(BY_CAPABILITY, {"first": first_minute})
    }


BY_CAPABILITY = (
    select(Throughput.capability, *_SUMS).where(Throughput.minute >= bindparam("first")).group_by(Throughput.capability)
)


def drop(connection: Connection, *, before: int, limit: int) -> int:
    """Delete the oldest minutes from before a time (ms since 1970), up to a number of rows; returns how many went."""
    oldest = select(Throughput.minute).where(Throughput.minute < minute_of(before)).order_by(Throughput.minute)
    return connection.execute(delete(Throughput).where(Throughput.minute.in_(oldest.limit(limit)))).rowcount
