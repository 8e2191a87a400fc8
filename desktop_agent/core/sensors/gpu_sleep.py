"""Linux powers the graphics card of many laptops down by itself: when one may be asked without waking it.

Asking wakes a card that sleeps, and one that is asked all the time never falls asleep. Whether it sleeps can be read
from its folder without touching it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path

#: Seconds for which a card that falls asleep by itself is left alone after it was asked. When it still runs then,
#: somebody else keeps it awake, and asking changes nothing.
REST_SECONDS = 30.0


class Doze(Enum):
    """Whether a card may be asked now."""

    ASK = "ask"
    ASLEEP = "asleep"
    #: It may be about to fall asleep.
    LEAVE_ALONE = "leave-alone"


class CardSleep:
    """The sleep of one card, whose folder in sysfs is given."""

    def __init__(self, device: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._power = device / "power"
        self._clock = clock
        self._asked_at = float("-inf")

    @property
    def by_itself(self) -> bool:
        """Whether the system powers it down when nobody uses it."""
        return read_text(self._power / "control") == "auto"

    def look(self, *, working: bool) -> Doze:
        """Tell whether it may be asked; while we work it may, because it is in use."""
        if working or not self.by_itself:
            return Doze.ASK
        if read_text(self._power / "runtime_status") in ("suspended", "suspending"):
            return Doze.ASLEEP
        return Doze.LEAVE_ALONE if self._clock() - self._asked_at < REST_SECONDS else Doze.ASK

    def asked(self) -> None:
        """Note that it was asked now."""
        self._asked_at = self._clock()


def read_text(path: Path) -> str:
    """Give what a file of sysfs or procfs says; empty where it cannot be read, which is as good as not there."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def read_number(path: Path) -> int | None:
    """Give the whole number in a file; None where there is none."""
    try:
        return int(read_text(path))
    except ValueError:
        return None
