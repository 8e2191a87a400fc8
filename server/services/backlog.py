"""How much waits in the queue, kept in memory, so that the cap on it costs no look into the database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

#: Milliseconds between two counts made only because the queue seems to be full.
RECOUNT_AFTER_MS = 100
#: Milliseconds for which a count of texts, which people look at, is good enough: it looks at every task that waits.
TEXTS_GOOD_FOR_MS = 10_000


@dataclass(slots=True)
class Backlog:
    """The tasks that wait, as they were counted last, kept current by what was submitted since.

    Room is taken before a job is written, so that any number of clients at once do not go beyond the cap together.
    """

    by_capability: dict[str, int] = field(default_factory=dict)
    #: Tasks on disk that the last count did not see.
    submitted_since: int = 0
    #: Tasks that have their room, and are on their way to the disk.
    _under_way: int = 0
    _counted_at: int | None = None
    #: The texts of the tasks that wait, and when they were counted.
    _texts: int = 0
    _texts_counted_at: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    #: Held while texts are counted: whoever else asks then waits for the same count.
    _texts_lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def total(self) -> int:
        """Tasks that wait, at most (claims since the last count are not taken off)."""
        return sum(self.by_capability.values()) + self.submitted_since + self._under_way

    def take_room(self, tasks: int, most: int) -> bool:
        """Take room for a job's tasks; False when more than `most` would wait."""
        with self._lock:
            if self.total + tasks > most:
                return False
            self._under_way += tasks
            return True

    def use_room(self, tasks: int) -> None:
        """The tasks that room was taken for are on disk."""
        with self._lock:
            self._under_way -= tasks
            self.submitted_since += tasks

    def leave_room(self, tasks: int) -> None:
        """The tasks that room was taken for will not come."""
        with self._lock:
            self._under_way -= tasks

    def recount(self, count: Callable[[], dict[str, int]], now: int) -> None:
        """Count anew, by capability; what comes onto the disk meanwhile may be counted twice until the next time."""
        with self._lock:
            seen, self._counted_at = self.submitted_since, now
        counted = count()
        with self._lock:
            self.by_capability = counted
            self.submitted_since -= min(seen, self.submitted_since)

    def texts(self, count: Callable[[], int], now: int) -> int:
        """Return how many texts wait; counted anew by one of those who ask, when the last count is old."""
        with self._texts_lock:
            counted_at = self._texts_counted_at
            if counted_at is None or now - counted_at >= TEXTS_GOOD_FOR_MS:
                self._texts, self._texts_counted_at = count(), now
            return self._texts

    def is_stale(self, now: int) -> bool:
        """Whether the last count is so old that another one may find room again."""
        return self._counted_at is None or now - self._counted_at >= RECOUNT_AFTER_MS
