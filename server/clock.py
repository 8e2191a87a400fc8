"""The server's one clock. Agents' and clients' clocks are never read."""

from __future__ import annotations

import time


class Clock:
    """Milliseconds since 1970.

    The queue's time begins at the wall clock's and then runs with the monotonic one: when somebody sets the wall
    clock, or it leaps, no lease lapses and no task expires for it. What a person was promised in calendar time (the
    expiry of a key or a token) goes by the wall clock.
    """

    def __init__(self) -> None:
        self._offset_ms = time.time_ns() // 1_000_000 - time.monotonic_ns() // 1_000_000

    def now(self) -> int:
        """Return the queue's time; it never runs backwards and never leaps."""
        return time.monotonic_ns() // 1_000_000 + self._offset_ms

    def wall(self) -> int:
        """Return the wall clock's time."""
        return time.time_ns() // 1_000_000
