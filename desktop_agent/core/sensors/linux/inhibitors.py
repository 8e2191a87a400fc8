"""Who keeps the screen on: the sum of what every part of the desktop says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...messages import sensors as messages
from ..base import SensorFailed
from .dbus import ServiceMissing
from .inhibitors_dbus import Way
from .program_names import program_name

#: What keeps this PC awake in our own name is no reason to stop. The library that does it calls itself wakepy.
_OURS = frozenset({"wakepy", "embedpool", "io.embedpool.agent"})


class AllInhibitors:
    """Asks every way that this desktop offers; one that works is enough, and those that are not there do not count."""

    def __init__(self, ways: Sequence[Way], folders: Sequence[Path]) -> None:
        self._ways = ways
        self._folders = folders

    def read(self) -> tuple[str, ...]:
        """Give the names of the programs, sorted, each once. Raises SensorFailed when nobody could be asked."""
        names: set[str] = set()
        answered = False
        failures: list[SensorFailed] = []
        for way in self._ways:
            try:
                names.update(self._for_people(name) for name in way.names() if name.casefold() not in _OURS)
            except SensorFailed as failed:
                failures.append(failed)
            else:
                answered = True
        faults = [failed for failed in failures if not isinstance(failed, ServiceMissing)]
        # A desktop that should know but does not answer may hide a film: then the others' “nobody” is worth nothing.
        if not answered or (faults and not names):
            reason = (faults or failures)[0].reason if failures else messages.NO_DESKTOP
            raise SensorFailed(messages.cannot_tell_inhibitors(reason))
        return tuple(sorted(names, key=str.casefold))

    def close(self) -> None:
        """Let go of every way."""
        for way in self._ways:
            way.close()

    def _for_people(self, name: str) -> str:
        return program_name(name, self._folders) or messages.A_PROGRAM
