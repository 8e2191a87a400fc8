"""Whether a program fills the screen, on Windows.

https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-shqueryusernotificationstate
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ...messages import sensors as messages
from ..base import SensorFailed
from .libraries import BOOL, DWORD, HANDLE, HRESULT, RECT, Library, declare, load

_MONITOR_DEFAULTTONEAREST = 2
#: Names of the windows that are the desktop itself; they fill the screen, too.
_DESKTOP_CLASSES = frozenset({"Progman", "WorkerW"})
_CLASS_NAME_CHARACTERS = 256


class NotificationState(IntEnum):
    """What Windows says about showing notifications: the states that mean a full screen, and the doubtful one."""

    BUSY = 2  # a window fills the screen, or some overlay only seems to
    D3D_FULL_SCREEN = 3
    PRESENTATION = 4


class MONITORINFO(ctypes.Structure):
    """A monitor's place on the desktop, with and without the taskbar."""

    _fields_ = (("cbSize", DWORD), ("rcMonitor", RECT), ("rcWork", RECT), ("dwFlags", DWORD))


@dataclass(frozen=True, slots=True)
class _User32:
    foreground: Callable[..., Any]
    shell_window: Callable[..., Any]
    class_name: Callable[..., Any]
    window_rect: Callable[..., Any]
    monitor_of: Callable[..., Any]
    monitor_info: Callable[..., Any]

    @classmethod
    def of(cls, library: Library) -> _User32:
        return cls(
            foreground=declare(library, "GetForegroundWindow", HANDLE, []),
            shell_window=declare(library, "GetShellWindow", HANDLE, []),
            class_name=declare(
                library, "GetClassNameW", ctypes.c_int32, [HANDLE, ctypes.POINTER(ctypes.c_uint16), ctypes.c_int32]
            ),
            window_rect=declare(library, "GetWindowRect", BOOL, [HANDLE, ctypes.POINTER(RECT)]),
            monitor_of=declare(library, "MonitorFromWindow", HANDLE, [HANDLE, DWORD]),
            monitor_info=declare(library, "GetMonitorInfoW", BOOL, [HANDLE, ctypes.POINTER(MONITORINFO)]),
        )


class WindowsFullScreen:
    """Games and presentations, as Windows itself notices them to hold notifications back."""

    def __init__(self, shell32: Library = None, user32: Library = None) -> None:
        """Open the libraries, unless some are given; raises OSError or AttributeError where they are missing."""
        self._query = declare(
            shell32 or load("shell32.dll"),
            "SHQueryUserNotificationState",
            HRESULT,
            [ctypes.POINTER(ctypes.c_int32)],
        )
        self._user32 = _User32.of(user32 or load("user32.dll"))

    def read(self) -> bool:
        """Tell; "busy" counts only if the window in front really fills its monitor."""
        state = ctypes.c_int32()
        if self._query(ctypes.byref(state)) < 0:
            raise SensorFailed(messages.cannot_tell_full_screen(messages.WINDOWS_SILENT))
        if state.value in (NotificationState.D3D_FULL_SCREEN, NotificationState.PRESENTATION):
            return True
        return state.value == NotificationState.BUSY and self._front_fills_monitor()

    def close(self) -> None:
        """Nothing is held."""

    def _front_fills_monitor(self) -> bool:
        window = self._user32.foreground()
        if not window or window == self._user32.shell_window() or self._class_of(window) in _DESKTOP_CLASSES:
            return False
        inside, info = RECT(), MONITORINFO(cbSize=ctypes.sizeof(MONITORINFO))
        monitor = self._user32.monitor_of(window, _MONITOR_DEFAULTTONEAREST)
        told = self._user32.window_rect(window, ctypes.byref(inside)) and self._user32.monitor_info(
            monitor, ctypes.byref(info)
        )
        return bool(told) and covers(inside, info.rcMonitor)

    def _class_of(self, window: int) -> str:
        buffer = (ctypes.c_uint16 * _CLASS_NAME_CHARACTERS)()
        length = self._user32.class_name(window, buffer, _CLASS_NAME_CHARACTERS)
        return bytes(buffer)[: 2 * length].decode("utf-16-le", errors="replace")


def covers(window: RECT, monitor: RECT) -> bool:
    """Tell whether the window leaves nothing of the monitor to be seen."""
    return bool(
        window.left <= monitor.left
        and window.top <= monitor.top
        and window.right >= monitor.right
        and window.bottom >= monitor.bottom
    )
