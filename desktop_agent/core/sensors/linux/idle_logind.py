"""The idle time from logind, which knows only what the desktop tells it, and later than others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from ...messages import sensors as messages
from ..base import SensorFailed
from .dbus import Bus
from .logind import OwnSession


class LogindIdle:
    """Reads the session's idle hint. Its clock starts only when the desktop gives the hint, minutes after the input."""

    name: str = messages.FROM_LOGIND

    def __init__(self, bus: Bus, environ: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._bus = bus
        self._session = OwnSession(bus, environ)
        self._clock = clock

    def read(self) -> float:
        """Give the seconds since the hint; 0 while somebody is there."""
        since_us = self._session.property("IdleSinceHintMonotonic", int)
        if since_us == 0:
            # The desktop has never given a hint (KDE does not): “not idle” would mean nothing.
            raise SensorFailed(messages.NO_IDLE_HINT)
        if not self._session.property("IdleHint", bool):
            return 0.0
        return self._clock() - since_us / 1_000_000

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()
