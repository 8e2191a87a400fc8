"""The sensors of macOS, over frameworks that stand in for Apple's."""

from __future__ import annotations

import os
from typing import Any

import pytest

from desktop_agent.core.sensors.base import SensorFailed, SessionState
from desktop_agent.core.sensors.macos.full_screen import CGRect, MacFullScreen, Rectangle, fills_a_display
from desktop_agent.core.sensors.macos.inhibitors import MacInhibitors, display_keepers
from desktop_agent.core.sensors.macos.network import MacNetwork
from desktop_agent.core.sensors.macos.session import MacSession, state_of
from desktop_agent.core.sensors.macos.user_idle import MacUserIdle
from tests.desktop_agent.sensors.macos.mac import Mac
from tests.desktop_agent.sensors.native import NativeLibrary


class Input:
    """The window server and the input system of a Mac."""

    def __init__(self, by_events: float, by_hardware: Any) -> None:
        self.mac = Mac()
        self.by_events, self.by_hardware = by_events, by_hardware
        self.services: list[int] = []

    def sensor(self) -> MacUserIdle:
        return MacUserIdle(
            NativeLibrary(CGEventSourceSecondsSinceLastEventType=self._since),
            NativeLibrary(
                IOServiceMatching=lambda name: self.mac.inside(name.decode()),
                IOServiceGetMatchingService=self._find,
                IORegistryEntryCreateCFProperty=self._property,
                IOObjectRelease=self._let_go,
            ),
            self.mac.core_foundation(),
        )

    def _since(self, source: int, event: int) -> float:
        return self.by_events if (source, event) == (0, 0xFFFFFFFF) else -5.0

    def _find(self, port: int, matching: int) -> int:
        if port != 0 or self.mac.value(matching) != "IOHIDSystem" or self.by_hardware == "no service":
            return 0
        self.services.append(77)
        return 77

    def _let_go(self, service: int) -> int:
        self.services.remove(service)
        return 0

    def _property(self, service: int, key: int, _allocator: None, _options: int) -> int | None:
        known = service == 77 and self.mac.value(key) == "HIDIdleTime" and self.by_hardware is not None
        return self.mac.give(self.by_hardware) if known else None

    def read(self) -> float:
        try:
            return self.sensor().read()
        finally:
            assert (self.mac.owned, self.services) == (set(), []), "something was not given back"


@pytest.mark.parametrize(
    ("by_events", "by_hardware", "seconds"),
    [
        (12.5, 90_000_000_000, 12.5),
        (90.0, 3_500_000_000, 3.5),
        (0.0, 90_000_000_000, 0.0),
        (42.0, None, 42.0),  # the property is not there
        (42.0, "no service", 42.0),
        (42.0, b"data", 42.0),  # of a kind that older systems gave
        (-1.0, 3_500_000_000, 3.5),
    ],
)
def test_the_lower_of_both_counts(by_events: float, by_hardware: Any, seconds: float) -> None:
    """Each misses some input, so the one that saw some is right; one alone serves, too."""
    assert Input(by_events, by_hardware).read() == seconds


def test_idle_is_unknown_where_neither_tells() -> None:
    """Never "away" by mistake."""
    with pytest.raises(SensorFailed, match="macOS does not answer"):
        Input(-1.0, "no service").read()


def assertion(kind: str, level: int = 255) -> Any:
    return {"AssertType": kind, "AssertLevel": level, "AssertName": "Playing a film"}


def test_films_and_calls_keep_the_display_on() -> None:
    """Both names of the assertion count; those that keep only the PC awake do not, nor does one that is off."""
    found = display_keepers(
        {
            10: [assertion("PreventUserIdleDisplaySleep")],
            11: [assertion("PreventUserIdleSystemSleep"), assertion("NoDisplaySleepAssertion")],
            12: [assertion("PreventUserIdleSystemSleep")],  # ours, while we keep the PC awake
            13: [assertion("PreventUserIdleDisplaySleep", level=0)],
            14: [assertion("UserIsActive")],
            15: [],
            16: None,
        }
    )
    assert found == (10, 11)


def inhibitors(mac: Mac, assertions: Any, result: int = 0) -> MacInhibitors:
    def copy(answer: Any) -> int:
        answer[0] = None if assertions is None else mac.give(assertions)
        return result

    names = {10: "Safari", 11: "zoom.us", 12: "Safari"}
    return MacInhibitors(
        lambda pid: names.get(pid, ""), NativeLibrary(IOPMCopyAssertionsByProcess=copy), mac.core_foundation()
    )


def test_programs_are_named_once_each() -> None:
    """By their process ids; one that has just gone is "a program"."""
    mac, kind = Mac(), "PreventUserIdleDisplaySleep"
    held = {pid: [assertion(kind)] for pid in (10, 11, 12, 99)}
    assert inhibitors(mac, held).read() == ("Safari", "zoom.us", "a program")
    assert mac.owned == set()


def test_no_assertions_are_nobody() -> None:
    """MacOS gives a null pointer then."""
    assert inhibitors(Mac(), None).read() == ()


def test_a_failed_question_is_no_answer() -> None:
    """An IOReturn other than success is said."""
    with pytest.raises(SensorFailed, match="keeps the screen on"):
        inhibitors(Mac(), None, result=-536870212).read()


def window(bounds: tuple[float, float, float, float], layer: int = 0, pid: int = 500) -> dict[str, Any]:
    named = dict(zip(("X", "Y", "Width", "Height"), bounds, strict=True))
    return {"kCGWindowLayer": layer, "kCGWindowOwnerPID": pid, "kCGWindowBounds": named}


LAPTOP, MONITOR = (0.0, 0.0, 1512.0, 982.0), (1512.0, -100.0, 2560.0, 1440.0)
DISPLAYS = frozenset({Rectangle(*LAPTOP), Rectangle(*MONITOR)})


@pytest.mark.parametrize(
    ("windows", "full"),
    [
        ([], False),
        ([window((0, 38, 1512, 944))], False),  # as large as it goes beside the menu bar
        ([window(LAPTOP)], True),
        ([window((0, 38, 1512, 944)), window(MONITOR)], True),
        ([window(LAPTOP, layer=25)], False),  # an overlay
        ([window(LAPTOP, layer=-2147483603)], False),  # the wallpaper
        ([window(LAPTOP, pid=1)], False),  # our own
        ([{"kCGWindowLayer": 0}], False),
        ([{"kCGWindowLayer": 0, "kCGWindowBounds": {"X": 0, "Y": 0}}], False),
        (["odd", None], False),
        (None, False),
    ],
)
def test_a_window_with_a_displays_bounds(windows: Any, full: bool) -> None:
    """A normal window of another program with just a display's bounds, on any display."""
    assert fills_a_display(windows, DISPLAYS, own_process=1) is full


@pytest.mark.parametrize("own", [False, True])
def test_the_window_server_is_asked(own: bool) -> None:
    """Windows on screen without the desktop's, and the bounds of every display; our own windows do not count."""
    mac = Mac()
    pid = os.getpid() if own else os.getpid() + 1
    bounds = {1: LAPTOP, 69: MONITOR}

    def displays(most: int, ids: Any, count: Any) -> int:
        ids[0], ids[1], count[0] = 1, 69, 2
        return 0 if most >= 2 else 1

    graphics = NativeLibrary(
        CGWindowListCopyWindowInfo=lambda option, _window: mac.give([window(MONITOR, pid=pid)] if option == 17 else []),
        CGGetActiveDisplayList=displays,
        CGDisplayBounds=lambda display: CGRect(*bounds[display]),
    )
    assert MacFullScreen(graphics, mac.core_foundation()).read() is not own
    assert mac.owned == set()


def test_no_list_of_windows_is_no_answer() -> None:
    """There is none without a desktop session."""
    graphics = NativeLibrary(
        CGWindowListCopyWindowInfo=lambda *_: None,
        CGGetActiveDisplayList=lambda *_: 0,
        CGDisplayBounds=CGRect,
    )
    with pytest.raises(SensorFailed, match="full screen"):
        MacFullScreen(graphics, Mac().core_foundation()).read()


@pytest.mark.parametrize(
    ("session", "state"),
    [
        ({"kCGSSessionOnConsoleKey": True}, SessionState()),
        ({"kCGSSessionOnConsoleKey": True, "CGSSessionScreenIsLocked": True}, SessionState(locked=True)),
        ({"kCGSSessionOnConsoleKey": True, "CGSSessionScreenIsLocked": 1}, SessionState(locked=True)),
        ({"kCGSSessionOnConsoleKey": False}, SessionState(remote=True)),
        ({}, SessionState()),
    ],
)
def test_the_session(session: dict[str, Any], state: SessionState) -> None:
    """The lock's key is there while it is locked; off the console somebody else sits there."""
    mac = Mac()
    graphics = NativeLibrary(CGSessionCopyCurrentDictionary=lambda: mac.give(session))
    assert MacSession(graphics, mac.core_foundation()).read() == state
    assert mac.owned == set()


def test_no_session_is_no_answer() -> None:
    """Over ssh nobody is logged in at the screen."""
    graphics = NativeLibrary(CGSessionCopyCurrentDictionary=lambda: None)
    with pytest.raises(SensorFailed, match="logged in"):
        MacSession(graphics, Mac().core_foundation()).read()
    with pytest.raises(SensorFailed):
        state_of([])


def test_the_networks_price_is_said_to_be_unknown() -> None:
    """No guess: a reason for the owner."""
    with pytest.raises(SensorFailed, match="metered"):
        MacNetwork().read()
