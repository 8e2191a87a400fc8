"""What the running parts tell of themselves, for whoever looks how the server does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _nobody() -> int:
    return 0


@dataclass(slots=True)
class Vitals:
    """Written by the parts themselves; times are milliseconds of the pool's clock."""

    #: When the pool was opened.
    started_at: int
    #: Tells how many threads of the web server are busy.
    busy_threads: Callable[[], int] = _nobody
    #: When the sweeper's last round ended well, and how long it took (ms).
    swept_at: int | None = None
    sweep_ms: float = 0

    def note_round(self, now: int, took_ms: float) -> None:
        """Note a round of the sweeper that ended well."""
        self.swept_at, self.sweep_ms = now, took_ms
