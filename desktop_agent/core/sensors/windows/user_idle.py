"""How long nobody has touched keyboard, mouse or game pad, on Windows."""

from __future__ import annotations

import ctypes
from typing import Protocol

from ...messages import sensors as messages
from ..base import SensorFailed
from .libraries import BOOL, DWORD, Library, declare, load

_TICKS = 1 << 32
#: Milliseconds by which an input's time may be ahead of the clock. Windows stamps some inputs a little late or early;
#: without this a mouse that moves just now would read as 49.7 days of rest.
_AHEAD = 60_000


class LASTINPUTINFO(ctypes.Structure):
    """What GetLastInputInfo fills in; `dwTime` is GetTickCount's time of the last input, in milliseconds."""

    _fields_ = (("cbSize", DWORD), ("dwTime", DWORD))


class GamePads(Protocol):
    """Game pads, which GetLastInputInfo does not see."""

    def idle_seconds(self) -> float:
        """Give the seconds since one was last used; infinite when none was."""


class WindowsUserIdle:
    """GetLastInputInfo for keyboard, mouse, touch and pen; game pads beside it. It sees this user's session only."""

    name: str = messages.FROM_WINDOWS

    def __init__(self, pads: GamePads | None = None, user32: Library = None, kernel32: Library = None) -> None:
        """Open the libraries, unless some are given; raises OSError or AttributeError where they are missing."""
        self._last_input = declare(
            user32 or load("user32.dll"), "GetLastInputInfo", BOOL, [ctypes.POINTER(LASTINPUTINFO)]
        )
        self._ticks = declare(kernel32 or load("kernel32.dll"), "GetTickCount", DWORD, [])
        self._pads = pads

    def read(self) -> float:
        """Give the seconds since the last input."""
        seconds = self._since_last_input()
        return seconds if self._pads is None else min(seconds, self._pads.idle_seconds())

    def close(self) -> None:
        """Nothing is held."""

    def _since_last_input(self) -> float:
        info = LASTINPUTINFO(cbSize=ctypes.sizeof(LASTINPUTINFO))
        if not self._last_input(ctypes.byref(info)):
            raise SensorFailed(messages.cannot_tell_away(messages.WINDOWS_SILENT))
        return seconds_between(info.dwTime, self._ticks())


def seconds_between(then: int, now: int) -> float:
    """Give the seconds between two readings of GetTickCount, whose 32 bits begin again every 49.7 days."""
    gap = (now - then) % _TICKS
    return 0.0 if gap >= _TICKS - _AHEAD else gap / 1000
