"""Locked screens and remote desktops, from logind and the desktops' own screen savers."""

from __future__ import annotations

from collections.abc import Mapping

from ...messages import sensors as messages
from ..base import SensorFailed, SessionState
from .dbus import Bus, DBusFailed, Service, ServiceMissing, only
from .logind import OwnSession

#: Who says whether the screen is locked, besides logind: not every desktop tells logind.
_SCREEN_SAVERS = (
    Service("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"),
    Service("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"),
    Service("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver", "org.cinnamon.ScreenSaver"),
    Service("org.mate.ScreenSaver", "/org/mate/ScreenSaver", "org.mate.ScreenSaver"),
    Service("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver", "org.xfce.ScreenSaver"),
)


class LogindSession:
    """Asks logind about this session, and the screen savers whether they are on; one that says “locked” is enough."""

    def __init__(self, session_bus: Bus, system_bus: Bus, environ: Mapping[str, str]) -> None:
        self._session_bus = session_bus
        self._system_bus = system_bus
        self._own = OwnSession(system_bus, environ)

    def read(self) -> SessionState:
        """Tell. Somebody else at this PC's screen counts like somebody who uses it from another one."""
        savers = self._screen_savers()
        try:
            return SessionState(
                locked=self._own.property("LockedHint", bool) or any(savers),
                remote=self._own.property("Remote", bool) or self._own.someone_elses_turn(),
            )
        except DBusFailed as failed:
            if not savers:
                raise SensorFailed(messages.cannot_tell_session(failed.reason)) from failed
        return SessionState(locked=any(savers))

    def close(self) -> None:
        """Let go of the buses."""
        self._session_bus.close()
        self._system_bus.close()

    def _screen_savers(self) -> list[bool]:
        """Give the answers of those that are there and know."""
        answers = []
        for saver in _SCREEN_SAVERS:
            try:
                answers.append(only(self._session_bus.ask(saver, "GetActive"), bool, saver.name))
            except ServiceMissing:
                continue
            except DBusFailed:
                # One that hangs costs its whole time limit: there is no time to be kept waiting by the next.
                break
        return answers
