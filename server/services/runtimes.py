"""How long tasks took lately, by capability: what OffloadMQ's clients are told to expect."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from statistics import median

#: Durations that are remembered of one capability, and capabilities that are.
REMEMBERED, CAPABILITIES = 50, 1000
#: Durations from which on one is called typical.
ENOUGH = 2


@dataclass(slots=True)
class Runtimes:
    """The durations of the last completed tasks; they are forgotten when the server stops."""

    _took: OrderedDict[str, deque[int]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, capability: str, milliseconds: int) -> None:
        """Remember how long a task took, from its claim to its result."""
        with self._lock:
            self._took.setdefault(capability, deque(maxlen=REMEMBERED)).append(milliseconds)
            self._took.move_to_end(capability)
            if len(self._took) > CAPABILITIES:
                self._took.popitem(last=False)

    def typical_seconds(self, capability: str) -> float | None:
        """Return how long such a task usually takes; None before two of them were seen."""
        with self._lock:
            took = list(self._took.get(capability, ()))
        return median(took) / 1000 if len(took) >= ENOUGH else None
