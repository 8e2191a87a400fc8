"""How long to wait before trying again: exponential growth with full jitter."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

#: Longest wait between two tries, in seconds. A volunteer's PC is back within a minute of the server's return.
CAP_SECONDS = 60.0
#: Longest possible wait before the second try, in seconds.
BASE_SECONDS = 0.5


def delay_seconds(attempt: int, draw: Callable[[], float]) -> float:
    """Give the seconds to wait before try number `attempt` + 1; `draw` gives a number from 0 to 1.

    Full jitter, so that agents that lost their server together do not return together.
    """
    return draw() * min(CAP_SECONDS, BASE_SECONDS * 2.0 ** min(attempt, 16))


@dataclass(slots=True)
class Backoff:
    """Counts the failures in a row and turns them into waits."""

    draw: Callable[[], float] = random.random
    failures: int = 0

    def failed(self) -> float:
        """Count one more failure; give the seconds to stay away."""
        self.failures += 1
        return delay_seconds(self.failures - 1, self.draw)

    def succeeded(self) -> None:
        """Forget the failures."""
        self.failures = 0
