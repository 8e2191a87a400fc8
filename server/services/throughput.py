"""What was done lately, counted in memory and added to the database once a second, so that a task costs no write."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from server.storage.throughput import Counts


@dataclass(slots=True)
class Throughput:
    """Work that ended since the last time it was taken, by capability.

    A crash in between loses at most a second of it: it is for charts, the accounts are kept with the tasks.
    """

    _counts: dict[str, Counts] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_completed(self, capability: str, texts: int) -> None:
        """Count a completed task."""
        self._add(capability, Counts(tasks=1, texts=texts))

    def add_failed(self, capability: str) -> None:
        """Count a task that ended failed."""
        self._add(capability, Counts(failed=1))

    def take(self, hits: Mapping[tuple[str, str], tuple[int, int]]) -> dict[str, Counts]:
        """Return what was counted since the last time, and what the cache answered.

        Args:
            hits: (key id, capability) → (texts, tokens), as `CacheHits.take` gives them.
        """
        with self._lock:
            counts, self._counts = self._counts, {}
        for (_, capability), (texts, _) in hits.items():
            counts[capability] = counts.get(capability, Counts()) + Counts(cached=texts)
        return counts

    def _add(self, capability: str, more: Counts) -> None:
        with self._lock:
            before = self._counts.get(capability)
            self._counts[capability] = more if before is None else before + more
