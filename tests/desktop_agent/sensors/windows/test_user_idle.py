"""Keyboard, mouse and game pads on Windows, over libraries that stand in for Windows' own."""

from __future__ import annotations

import ctypes
import math
from typing import Any

import pytest

from desktop_agent.core.sensors.base import SensorFailed
from desktop_agent.core.sensors.windows.game_pads import EMPTY_LOOK_SECONDS, PADS, STICK_MOVED, XInputPads
from desktop_agent.core.sensors.windows.user_idle import WindowsUserIdle, seconds_between
from tests.desktop_agent.sensors.native import NativeLibrary

NOT_CONNECTED = 1167


class Windows:
    """Windows' clock and the time of the last input, in milliseconds."""

    def __init__(self, last: int = 0, now: int = 0) -> None:
        self.last, self.now, self.answers = last, now, True
        self.user32 = NativeLibrary(GetLastInputInfo=self._fill)
        self.kernel32 = NativeLibrary(GetTickCount=lambda: self.now)

    def _fill(self, info: Any) -> int:
        assert info.contents.cbSize == 8
        info.contents.dwTime = self.last
        return int(self.answers)

    def idle(self, pads: XInputPads | None = None) -> WindowsUserIdle:
        return WindowsUserIdle(pads, self.user32, self.kernel32)


class Pads:
    """Game pads by place: (packet, buttons, left trigger, left stick's x)."""

    def __init__(self) -> None:
        self.now = 100.0
        self.held: dict[int, tuple[int, int, int, int]] = {}
        self.asked: list[int] = []

    def sensor(self) -> XInputPads:
        return XInputPads(NativeLibrary(XInputGetState=self._state), lambda: self.now)

    def _state(self, place: int, state: Any) -> int:
        self.asked.append(place)
        if place not in self.held:
            return NOT_CONNECTED
        packet, buttons, trigger, stick = self.held[place]
        state.contents.dwPacketNumber = packet
        pad = state.contents.Gamepad
        pad.wButtons, pad.bLeftTrigger, pad.sThumbLX = buttons, trigger, stick
        return 0


def test_the_time_since_the_last_input() -> None:
    """The difference of Windows' two times, in seconds."""
    assert Windows(last=10_000, now=12_500).idle().read() == 2.5


def test_the_clock_begins_again_after_49_days() -> None:
    """An input just before the wrap was a moment ago, not 49 days."""
    assert seconds_between(0xFFFFFFFF - 999, 1000) == 2.0


def test_an_input_ahead_of_the_clock_is_now() -> None:
    """Windows may stamp an input some milliseconds late; that must never read as 49 days of rest."""
    assert seconds_between(5_016, 5_000) == 0.0
    assert seconds_between(3, 0xFFFFFFFF) == 0.0


def test_no_answer_is_no_idle_time() -> None:
    """Where Windows fails, the sensor does too, with words: never "away" by mistake."""
    windows = Windows(last=0, now=999_999)
    windows.answers = False
    with pytest.raises(SensorFailed, match="Windows does not answer"):
        windows.idle().read()


def test_a_game_pad_counts_as_input() -> None:
    """Who only holds a game pad is not away."""
    pads = Pads()
    pads.held[2] = (1, 0, 0, 0)
    sensor = Windows(last=0, now=600_000).idle(pads.sensor())
    assert sensor.read() == 600.0
    pads.held[2] = (2, 0x1000, 0, 0)
    pads.now += 1
    assert sensor.read() == 0.0
    pads.now += 30
    assert sensor.read() == 30.0


def test_a_pad_that_lies_there_at_the_start_is_no_person() -> None:
    """Only what changes counts; until then there is no time of a last use."""
    pads = Pads()
    pads.held[0] = (7, 0, 0, 0)
    sensor = pads.sensor()
    assert sensor.idle_seconds() == math.inf
    pads.now += 60
    assert sensor.idle_seconds() == math.inf


def test_a_pad_that_is_switched_on_is_a_person() -> None:
    """It appears at the next look at the empty places."""
    pads = Pads()
    sensor = pads.sensor()
    sensor.idle_seconds()
    pads.held[1] = (1, 0, 0, 0)
    pads.now += EMPTY_LOOK_SECONDS
    assert sensor.idle_seconds() == 0.0


@pytest.mark.parametrize(
    ("state", "used"),
    [
        ((2, 0, 0, STICK_MOVED), False),  # a worn stick trembles within its dead zone
        ((2, 0, 0, STICK_MOVED + 1), True),
        ((2, 0, 0, -STICK_MOVED - 1), True),
        ((2, 0, 30, 0), False),
        ((2, 0, 31, 0), True),
        ((2, 1, 0, 0), True),
        ((1, 1, 0, 0), False),  # the same packet: nothing has happened
    ],
)
def test_what_counts_as_use(state: tuple[int, int, int, int], used: bool) -> None:
    """Buttons always; sticks and triggers beyond their dead zones, with a new packet number."""
    pads = Pads()
    pads.held[0] = (1, 0, 0, 0)
    sensor = pads.sensor()
    sensor.idle_seconds()
    pads.held[0] = state
    pads.now += 1
    assert (sensor.idle_seconds() == 0.0) is used


def test_a_slow_stick_is_noticed_at_last() -> None:
    """Small steps add up: they are compared with the last use, not with the last look."""
    pads = Pads()
    sensor = pads.sensor()
    found = []
    for step in range(4):
        pads.held[0] = (step, 0, 0, step * 3000)
        pads.now += 1
        found.append(sensor.idle_seconds())
    assert found == [math.inf, math.inf, math.inf, 0.0]


def test_empty_places_are_asked_now_and_then_only() -> None:
    """A look at a place without a pad takes Windows milliseconds; one with a pad is looked at each time."""
    pads = Pads()
    pads.held[3] = (1, 0, 0, 0)
    sensor = pads.sensor()
    sensor.idle_seconds()
    assert pads.asked == list(range(PADS))
    pads.now += 1
    sensor.idle_seconds()
    assert pads.asked[PADS:] == [3]


def test_two_pads_are_both_followed() -> None:
    """The use of one does not hide what the other does meanwhile."""
    pads = Pads()
    pads.held = {0: (1, 0, 0, 0), 1: (1, 0, 0, 0)}
    sensor = pads.sensor()
    sensor.idle_seconds()
    pads.held = {0: (2, 1, 0, 0), 1: (2, 1, 0, 0)}
    pads.now += 1
    assert sensor.idle_seconds() == 0.0
    pads.now += 1
    assert sensor.idle_seconds() == 1.0


def test_the_structure_is_told_its_size() -> None:
    """Windows fills in nothing without it (the fake asserts that); ctypes passes it by reference."""
    assert ctypes.sizeof(ctypes.c_void_p) == 8
    assert Windows(last=1, now=1).idle().read() == 0.0
