"""Inhibitors and full screen on Windows, over libraries that stand in for Windows' own."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from desktop_agent.core.sensors.base import SensorFailed
from desktop_agent.core.sensors.windows.full_screen import WindowsFullScreen
from desktop_agent.core.sensors.windows.inhibitors import WindowsInhibitors
from tests.desktop_agent.sensors.native import NativeLibrary

SCREEN = (0, 0, 2560, 1440)
SECOND_SCREEN = (2560, 0, 4480, 1080)


def inhibitors(state: int, status: int = 0) -> WindowsInhibitors:
    def answer(level: int, _in: Any, in_size: int, out: int, out_size: int) -> int:
        assert (level, in_size, out_size) == (16, 0, 4)
        ctypes.c_uint32.from_address(out).value = state
        return status

    return WindowsInhibitors(NativeLibrary(CallNtPowerInformation=answer))


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (0x0, ()),
        (0x1, ()),  # ES_SYSTEM_REQUIRED: a download, or we ourselves while we compute
        (0x2, ("a program",)),  # ES_DISPLAY_REQUIRED
        (0x3, ("a program",)),
        (0x4, ()),  # ES_USER_PRESENT
    ],
)
def test_only_the_display_counts(state: int, names: tuple[str, ...]) -> None:
    """Whoever keeps only the PC awake shows nothing to anybody."""
    assert inhibitors(state).read() == names


def test_a_failed_question_is_no_answer() -> None:
    """An NTSTATUS other than success is said, not taken for "nobody"."""
    with pytest.raises(SensorFailed, match="keeps the screen on"):
        inhibitors(0, status=-1073741790).read()


class Desktop:
    """A desktop with one window in front."""

    def __init__(self, state: int, window: tuple[int, ...] = SCREEN, screen: tuple[int, ...] = SCREEN) -> None:
        self.state, self.window, self.screen = state, window, screen
        self.front: int | None = 0x1234
        self.class_name = "UnrealWindow"
        self.result = 0

    def sensor(self) -> WindowsFullScreen:
        user32 = NativeLibrary(
            GetForegroundWindow=lambda: self.front,
            GetShellWindow=lambda: 0x77,
            GetClassNameW=self._class,
            GetWindowRect=lambda _window, rect: self._fill(rect.contents, self.window),
            MonitorFromWindow=lambda _window, flags: 0x99 if flags == 2 else None,
            GetMonitorInfoW=self._monitor,
        )
        return WindowsFullScreen(NativeLibrary(SHQueryUserNotificationState=self._query), user32)

    def _query(self, state: Any) -> int:
        state[0] = self.state
        return self.result

    def _class(self, _window: int, buffer: Any, _size: int) -> int:
        for place, letter in enumerate(self.class_name):
            buffer[place] = ord(letter)
        return len(self.class_name)

    def _monitor(self, monitor: int, info: Any) -> int:
        assert (monitor, info.contents.cbSize) == (0x99, 40)
        return self._fill(info.contents.rcMonitor, self.screen)

    @staticmethod
    def _fill(rect: Any, sides: tuple[int, ...]) -> int:
        rect.left, rect.top, rect.right, rect.bottom = sides
        return 1


@pytest.mark.parametrize(
    ("state", "full"), [(1, False), (2, True), (3, True), (4, True), (5, False), (6, False), (7, False)]
)
def test_the_states_of_windows(state: int, full: bool) -> None:
    """3 is a Direct3D full screen, 4 a presentation; 2 counts with a window that covers its monitor, as here."""
    assert Desktop(state).sensor().read() is full


@pytest.mark.parametrize(
    ("window", "screen", "full"),
    [
        (SCREEN, SCREEN, True),
        ((-8, -8, 2568, 1448), SCREEN, True),
        ((0, 0, 2560, 1400), SCREEN, False),  # above the taskbar
        ((100, 0, 2560, 1440), SCREEN, False),
        (SECOND_SCREEN, SECOND_SCREEN, True),
        (SCREEN, SECOND_SCREEN, False),
    ],
)
def test_busy_needs_a_window_that_covers_its_monitor(
    window: tuple[int, ...], screen: tuple[int, ...], full: bool
) -> None:
    """Overlays make Windows say "busy" all day; they alone stop nothing."""
    assert Desktop(2, window, screen).sensor().read() is full


@pytest.mark.parametrize(("front", "class_name"), [(None, "x"), (0x77, "x"), (5, "Progman"), (5, "WorkerW")])
def test_the_desktop_itself_is_no_full_screen(front: int | None, class_name: str) -> None:
    """The wallpaper's windows cover their monitor, too."""
    desktop = Desktop(2)
    desktop.front, desktop.class_name = front, class_name
    assert desktop.sensor().read() is False


def test_a_failed_call_is_no_answer() -> None:
    """An HRESULT below zero is said."""
    desktop = Desktop(3)
    desktop.result = -2147467259
    with pytest.raises(SensorFailed, match="full screen"):
        desktop.sensor().read()
