"""How fast a download goes, from what had arrived when."""

from __future__ import annotations

from collections import deque

#: Seconds over which the speed is averaged: shorter and it jumps, longer and it lies after a stall.
WINDOW_SECONDS = 6.0
#: Shortest time that says anything.
SHORTEST_SECONDS = 1.0


class Pace:
    """Remembers the last seconds of one download."""

    def __init__(self) -> None:
        self._model = ""
        self._seen: deque[tuple[float, int]] = deque()

    def saw(self, model: str, done_bytes: int, now: float) -> None:
        """Take note; `now` in seconds of a clock that only goes forward."""
        if model != self._model or (self._seen and done_bytes < self._seen[-1][1]):
            self._model = model
            self._seen.clear()
        self._seen.append((now, done_bytes))
        while len(self._seen) > 2 and now - self._seen[1][0] >= WINDOW_SECONDS:
            self._seen.popleft()

    def bytes_per_second(self) -> float | None:
        """Give the speed; None while it cannot be told, or nothing arrives."""
        if len(self._seen) < 2:
            return None
        (began, before), (now, after) = self._seen[0], self._seen[-1]
        if now - began < SHORTEST_SECONDS or after <= before:
            return None
        return (after - before) / (now - began)
