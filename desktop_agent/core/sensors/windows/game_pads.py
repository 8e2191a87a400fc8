"""Game pads on Windows: their use counts as input, though GetLastInputInfo does not see it.

XInput: https://learn.microsoft.com/windows/win32/api/xinput/nf-xinput-xinputgetstate
"""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from .libraries import DWORD, Library, declare, load

#: As many as XInput knows.
PADS = 4
#: Seconds between looks at places without a pad: Windows asks for that, since such a look takes long.
EMPTY_LOOK_SECONDS = 10.0
#: By how much a stick (of 32,767) and a trigger (of 255) must move. XInput's own dead zones: sticks never rest quite
#: still, and a worn one on the table must not read as somebody who plays.
STICK_MOVED, TRIGGER_MOVED = 7849, 30

_SUCCESS = 0


class XINPUT_GAMEPAD(ctypes.Structure):  # noqa: N801 - the name that Windows gives it
    """Buttons (bits), triggers and sticks."""

    _fields_ = (
        ("wButtons", ctypes.c_uint16),
        ("bLeftTrigger", ctypes.c_uint8),
        ("bRightTrigger", ctypes.c_uint8),
        ("sThumbLX", ctypes.c_int16),
        ("sThumbLY", ctypes.c_int16),
        ("sThumbRX", ctypes.c_int16),
        ("sThumbRY", ctypes.c_int16),
    )


class XINPUT_STATE(ctypes.Structure):  # noqa: N801 - the name that Windows gives it
    """One pad; the packet number changes with anything else here."""

    _fields_ = (("dwPacketNumber", DWORD), ("Gamepad", XINPUT_GAMEPAD))


@dataclass(frozen=True, slots=True)
class _Pad:
    """How a pad was when it was last seen to be used."""

    packet: int
    buttons: int
    triggers: tuple[int, int]
    sticks: tuple[int, int, int, int]

    @classmethod
    def of(cls, state: XINPUT_STATE) -> _Pad:
        pad = state.Gamepad
        return cls(
            packet=state.dwPacketNumber,
            buttons=pad.wButtons,
            triggers=(pad.bLeftTrigger, pad.bRightTrigger),
            sticks=(pad.sThumbLX, pad.sThumbLY, pad.sThumbRX, pad.sThumbRY),
        )

    def moved_to(self, other: _Pad) -> bool:
        """Tell whether a person made the difference between the two."""
        if self.packet == other.packet:
            return False
        return (
            self.buttons != other.buttons
            or _far(self.triggers, other.triggers, TRIGGER_MOVED)
            or _far(self.sticks, other.sticks, STICK_MOVED)
        )


def _far(before: tuple[int, ...], after: tuple[int, ...], least: int) -> bool:
    return any(abs(b - a) > least for b, a in zip(before, after, strict=True))


class XInputPads:
    """Up to four game pads, looked at each time somebody asks."""

    def __init__(self, xinput: Library = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Open XInput, unless one is given; raises OSError where Windows has none."""
        library = xinput or load("xinput1_4.dll", "xinput9_1_0.dll")
        self._get_state = declare(library, "XInputGetState", DWORD, [DWORD, ctypes.POINTER(XINPUT_STATE)])
        self._clock = clock
        self._pads: dict[int, _Pad] = {}
        self._used_at = -math.inf
        self._looked_at_all = -math.inf
        self._first_look = True

    def idle_seconds(self) -> float:
        """Give the seconds since a pad was last seen to be used or switched on; infinite when none was."""
        now = self._clock()
        every_place = now - self._looked_at_all >= EMPTY_LOOK_SECONDS
        if every_place:
            self._looked_at_all = now
        # A list: every pad is looked at, also after one that was used.
        used = [self._was_used(place) for place in range(PADS) if every_place or place in self._pads]
        # What lay there before us is no sign of a person; a pad that appears later was switched on by one.
        if any(used) and not self._first_look:
            self._used_at = now
        self._first_look = False
        return now - self._used_at

    def _was_used(self, place: int) -> bool:
        state = XINPUT_STATE()
        if self._get_state(place, ctypes.byref(state)) != _SUCCESS:
            self._pads.pop(place, None)
            return False
        seen, before = _Pad.of(state), self._pads.get(place)
        if before is not None and not before.moved_to(seen):
            return False
        self._pads[place] = seen
        return True
