"""How fast this PC works: texts per minute, from samples of a counter."""

from __future__ import annotations

from collections import deque

#: Seconds over which the speed is taken.
WINDOW_SECONDS = 60.0
#: Seconds after the last finished text during which the agent still counts as working: batches have gaps.
AFTERGLOW_SECONDS = 2.0


class Activity:
    """Remembers when the counter of finished texts stood where."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._moved_at = float("-inf")

    def sample(self, texts_done: int, now: float) -> int:
        """Note the counter; give the texts that were finished since the last sample. `now` is in seconds."""
        new = texts_done - self._samples[-1][1] if self._samples else texts_done
        if new:
            self._moved_at = now
        self._samples.append((now, texts_done))
        while len(self._samples) > 2 and self._samples[1][0] <= now - WINDOW_SECONDS:
            self._samples.popleft()
        return new

    def is_lively(self, now: float) -> bool:
        """Tell whether something was finished a moment ago."""
        return now - self._moved_at <= AFTERGLOW_SECONDS

    def texts_per_minute(self) -> int:
        """Give the speed over the last minute; a younger agent's minute is not over, and its rate is not guessed."""
        return self._samples[-1][1] - self._samples[0][1] if self._samples else 0
