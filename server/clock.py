"""The server's one clock. Agents' and clients' clocks are never read."""

from __future__ import annotations

import threading
import time


class Clock:
    """Milliseconds since 1970 that never run backwards, and a watch on jumps of the wall clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._offset = time.time() - time.monotonic()

    def now(self) -> int:
        """Return the time in milliseconds; at least what was returned before."""
        with self._lock:
            self._last = max(self._last, time.time_ns() // 1_000_000)
            return self._last

    def jumped(self, tolerance: float) -> bool:
        """Whether the wall clock moved against the monotonic one by over `tolerance` seconds since the last look."""
        offset = time.time() - time.monotonic()
        with self._lock:
            jumped = abs(offset - self._offset) > tolerance
            self._offset = offset
        return jumped
