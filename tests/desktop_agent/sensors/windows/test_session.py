"""Locked, remote and switched sessions on Windows, over libraries that stand in for Windows' own."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from desktop_agent.core.sensors.base import SessionState
from desktop_agent.core.sensors.windows.session import WTSINFOEX, WindowsSession
from tests.desktop_agent.sensors.native import NativeLibrary

LOCKED, UNLOCKED, NOT_TOLD = 0, 1, -1
OWN, OTHER, NONE = 2, 5, 0xFFFFFFFF


class Pc:
    """A PC with our session, and perhaps another one in front."""

    def __init__(self) -> None:
        self.flags: int | None = UNLOCKED
        self.remote = 0
        self.input_desktop: int | None = 0x50
        self.console = OWN
        self.console_user: str | None = "somebody"
        self.buffers: dict[int, Any] = {}
        self.closed: list[int] = []

    def sensor(self) -> WindowsSession:
        return WindowsSession(
            NativeLibrary(WTSQuerySessionInformationW=self._query, WTSFreeMemory=self._free),
            NativeLibrary(
                GetSystemMetrics=lambda which: self.remote if which == 0x1000 else 99,
                OpenInputDesktop=lambda _flags, _inherit, access: self.input_desktop if access == 0x100 else None,
                CloseDesktop=self._close,
            ),
            NativeLibrary(
                WTSGetActiveConsoleSessionId=lambda: self.console,
                ProcessIdToSessionId=self._session_of,
                GetCurrentProcessId=lambda: 4321,
            ),
        )

    def _close(self, desktop: int) -> int:
        self.closed.append(desktop)
        return 1

    @staticmethod
    def _session_of(process: int, session: Any) -> int:
        session[0] = OWN
        return int(process == 4321)

    def _query(self, server: int | None, session: int, what: int, answer: Any, size: Any) -> int:
        assert server is None
        data = self._answer(session, what)
        if data is None:
            return 0
        buffer = ctypes.create_string_buffer(data, len(data))
        self.buffers[ctypes.addressof(buffer)] = buffer
        answer[0], size[0] = ctypes.addressof(buffer), len(data)
        return 1

    def _answer(self, session: int, what: int) -> bytes | None:
        if what == 25 and session == NONE:
            return None if self.flags is None else self._info()
        if what == 5 and session == OTHER and self.console_user is not None:
            return f"{self.console_user}\0".encode("utf-16-le")
        return None

    def _info(self) -> bytes:
        info = WTSINFOEX(Level=1)
        info.Data.SessionFlags = self.flags
        return bytes(info)

    def _free(self, buffer: int) -> None:
        del self.buffers[buffer]


def read(pc: Pc) -> SessionState:
    state = pc.sensor().read()
    assert pc.buffers == {}, "what Windows gave was not given back"
    return state


def test_somebody_at_the_pc() -> None:
    """Unlocked and not remote."""
    assert read(Pc()) == SessionState(locked=False, remote=False)


def test_a_locked_screen() -> None:
    """Windows' own flag says so; 0 means locked."""
    pc = Pc()
    pc.flags = LOCKED
    assert read(pc) == SessionState(locked=True)


@pytest.mark.parametrize("flags", [NOT_TOLD, None])
@pytest.mark.parametrize(("desktop", "locked"), [(0x50, False), (None, True)])
def test_the_input_desktop_tells_where_the_flag_does_not(flags: int | None, desktop: int | None, locked: bool) -> None:
    """The lock screen's desktop is not ours to open; one that was opened is closed again."""
    pc = Pc()
    pc.flags, pc.input_desktop = flags, desktop
    assert read(pc).locked is locked
    assert pc.closed == ([desktop] if desktop else [])


def test_a_remote_desktop() -> None:
    """SM_REMOTESESSION."""
    pc = Pc()
    pc.remote = 1
    assert read(pc).remote


@pytest.mark.parametrize(
    ("console", "user", "remote"),
    [
        (OTHER, "somebody", True),  # switched users: another person sits there, whose input we do not see
        (OTHER, None, True),  # not for us to know, so there may be one
        (OTHER, "", False),  # the log-on screen, after a remote desktop was closed
        (NONE, "somebody", False),  # nobody, for a moment
        (OWN, "somebody", False),
    ],
)
def test_another_user_in_front(console: int, user: str | None, remote: bool) -> None:
    """Our idle time says nothing about a person in another session."""
    pc = Pc()
    pc.console, pc.console_user = console, user
    assert read(pc).remote is remote
