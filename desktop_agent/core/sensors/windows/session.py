"""Locked screens, remote desktops and switched users, on Windows.

WTSINFOEX: https://learn.microsoft.com/windows/win32/api/wtsapi32/ns-wtsapi32-wtsinfoex_level1_w
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..base import SessionState
from .libraries import BOOL, DWORD, HANDLE, LONG, Library, declare, load

_CURRENT_SERVER = None
_NO_SESSION = 0xFFFFFFFF
_USER_NAME, _SESSION_INFO_EX = 5, 25
#: Values of SessionFlags since Windows 8; before, they were the other way round.
_LOCKED, _UNLOCKED = 0, 1
_SM_REMOTESESSION = 0x1000
_DESKTOP_SWITCHDESKTOP = 0x0100


class WTSINFOEX_LEVEL1(ctypes.Structure):  # noqa: N801 - the name that Windows gives it
    """One session. Names are UTF-16; times are counts of 100 ns."""

    _fields_ = (
        ("SessionId", DWORD),
        ("SessionState", ctypes.c_int32),
        ("SessionFlags", LONG),
        ("WinStationName", ctypes.c_uint16 * 33),
        ("UserName", ctypes.c_uint16 * 21),
        ("DomainName", ctypes.c_uint16 * 18),
        ("LogonTime", ctypes.c_int64),
        ("ConnectTime", ctypes.c_int64),
        ("DisconnectTime", ctypes.c_int64),
        ("LastInputTime", ctypes.c_int64),
        ("CurrentTime", ctypes.c_int64),
        ("IncomingBytes", DWORD),
        ("OutgoingBytes", DWORD),
        ("IncomingFrames", DWORD),
        ("OutgoingFrames", DWORD),
        ("IncomingCompressedBytes", DWORD),
        ("OutgoingCompressedBytes", DWORD),
    )


class WTSINFOEX(ctypes.Structure):
    """What WTSQuerySessionInformation answers; level 1 is the only one there is."""

    _fields_ = (("Level", DWORD), ("Data", WTSINFOEX_LEVEL1))


@dataclass(frozen=True, slots=True)
class _Calls:
    query: Callable[..., Any]
    free: Callable[..., Any]
    metric: Callable[..., Any]
    open_desktop: Callable[..., Any]
    close_desktop: Callable[..., Any]
    console_session: Callable[..., Any]
    session_of: Callable[..., Any]
    own_process: Callable[..., Any]

    @classmethod
    def of(cls, wtsapi32: Library, user32: Library, kernel32: Library) -> _Calls:
        answer = [HANDLE, DWORD, ctypes.c_int32, ctypes.POINTER(HANDLE), ctypes.POINTER(DWORD)]
        return cls(
            query=declare(wtsapi32, "WTSQuerySessionInformationW", BOOL, answer),
            free=declare(wtsapi32, "WTSFreeMemory", None, [HANDLE]),
            metric=declare(user32, "GetSystemMetrics", ctypes.c_int32, [ctypes.c_int32]),
            open_desktop=declare(user32, "OpenInputDesktop", HANDLE, [DWORD, BOOL, DWORD]),
            close_desktop=declare(user32, "CloseDesktop", BOOL, [HANDLE]),
            console_session=declare(kernel32, "WTSGetActiveConsoleSessionId", DWORD, []),
            session_of=declare(kernel32, "ProcessIdToSessionId", BOOL, [DWORD, ctypes.POINTER(DWORD)]),
            own_process=declare(kernel32, "GetCurrentProcessId", DWORD, []),
        )


class WindowsSession:
    """Our own session, and who is in front of the PC instead."""

    def __init__(self, wtsapi32: Library = None, user32: Library = None, kernel32: Library = None) -> None:
        """Open the libraries, unless some are given; raises OSError or AttributeError where they are missing."""
        self._calls = _Calls.of(
            wtsapi32 or load("wtsapi32.dll"), user32 or load("user32.dll"), kernel32 or load("kernel32.dll")
        )

    def read(self) -> SessionState:
        """Tell. Another user in front of this PC counts as remote: their input is not ours to see."""
        remote = self._calls.metric(_SM_REMOTESESSION) != 0
        return SessionState(locked=self._is_locked(), remote=remote or self._another_user_in_front())

    def close(self) -> None:
        """Nothing is held."""

    def _is_locked(self) -> bool:
        flags = self._lock_flags()
        if flags in (_LOCKED, _UNLOCKED):
            return flags == _LOCKED
        # Not told: while the screen is locked, the desktop that gets the input is not ours to open.
        desktop = self._calls.open_desktop(0, False, _DESKTOP_SWITCHDESKTOP)
        if desktop:
            self._calls.close_desktop(desktop)
        return not desktop

    def _lock_flags(self) -> int | None:
        answer = self._ask(_NO_SESSION, _SESSION_INFO_EX)  # no session's number stands for our own
        if answer is None or len(answer) < ctypes.sizeof(WTSINFOEX):
            return None
        info = WTSINFOEX.from_buffer_copy(answer)
        return int(info.Data.SessionFlags) if info.Level == 1 else None

    def _another_user_in_front(self) -> bool:
        own, console = DWORD(), self._calls.console_session()
        known = self._calls.session_of(self._calls.own_process(), ctypes.byref(own))
        if not known or console in (own.value, _NO_SESSION):
            return False
        name = self._ask(console, _USER_NAME)
        # A log-on screen has no name: it is what a closed remote desktop leaves behind. A name that is not for us to
        # know is somebody's.
        return name is None or bool(name.strip(b"\0"))

    def _ask(self, session: int, what: int) -> bytes | None:
        """Give Windows' answer about a session; None where it does not answer."""
        buffer, size = HANDLE(), DWORD()
        if not self._calls.query(_CURRENT_SERVER, session, what, ctypes.byref(buffer), ctypes.byref(size)):
            return None
        try:
            return ctypes.string_at(buffer, size.value) if buffer.value else b""
        finally:
            self._calls.free(buffer)
