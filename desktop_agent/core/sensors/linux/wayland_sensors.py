"""The idle time, and whether a program keeps the screen on, from a Wayland compositor that offers ext-idle-notify."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import TypeVar

from ...messages import sensors as messages
from ..base import SensorFailed
from .wayland import WaylandLine, idle_seconds, screen_kept_on

T = TypeVar("T")


class WaylandIdle:
    """Keeps a line to the compositor and makes a new one after a failure; the idle time then starts from zero."""

    name: str = messages.FROM_WAYLAND

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._line: WaylandLine | None = None
        self._lock = threading.Lock()
        #: A program that ends with the line open would crash in its last moment.
        self._at_exit: weakref.finalize[[], WaylandIdle] | None = None

    def read(self) -> float:
        """Give the seconds since the last input; 0 for less than one."""
        return self._ask(idle_seconds)

    def screen_kept_on(self) -> bool:
        """Tell whether a program keeps the screen on. Raises ServiceMissing where the compositor cannot tell."""
        return self._ask(screen_kept_on)

    def close(self) -> None:
        """Let go of the compositor."""
        with self._lock:
            self._hang_up()

    def _ask(self, question: Callable[[WaylandLine, float], T]) -> T:
        with self._lock:
            line = self._looked_at() or self._connected()
            return question(line, self._clock())

    def _looked_at(self) -> WaylandLine | None:
        """Give the line with its news, if it is still good: a seat may have come, or the compositor started again."""
        if self._line is not None:
            try:
                self._line.look()
            except SensorFailed:
                self._hang_up()
        return self._line

    def _connected(self) -> WaylandLine:
        self._line = WaylandLine(self._path, self._clock)
        self._at_exit = weakref.finalize(self, self._line.close)
        return self._line

    def _hang_up(self) -> None:
        if self._at_exit is not None:
            self._at_exit()
        self._line = self._at_exit = None


class WaylandInhibitors:
    """Films on desktops without a service for them (sway and its kin) ask the compositor alone."""

    def __init__(self, path: str) -> None:
        self._compositor = WaylandIdle(path)

    def names(self) -> list[str]:
        """Give one program without a name, for the compositor tells none; or nobody."""
        return [""] if self._compositor.screen_kept_on() else []

    def close(self) -> None:
        """Let go of the compositor."""
        self._compositor.close()
