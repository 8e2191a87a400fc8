"""This person's session, as systemd-logind or elogind keeps it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from ...messages import sensors as messages
from .dbus import Bus, DBusFailed, Service, ServiceMissing, only

_NAME = "org.freedesktop.login1"
MANAGER = Service(_NAME, "/org/freedesktop/login1", f"{_NAME}.Manager")
_SESSION = Service(_NAME, "/", f"{_NAME}.Session")
_USER = Service(_NAME, "/", f"{_NAME}.User")
_SEAT = Service(_NAME, "/", f"{_NAME}.Seat")

T = TypeVar("T")


class OwnSession:
    """The session that this program belongs to; looked up once, and again when it is gone."""

    def __init__(self, bus: Bus, environ: Mapping[str, str]) -> None:
        self._bus = bus
        self._environ = environ
        self._found: Service | None = None

    def property(self, name: str, kind: type[T]) -> T:
        """Read a property of it. Raises DBusFailed, also when there is no session."""
        found = self._found or self._find()
        try:
            value = only((self._bus.property(found, name),), kind, MANAGER.name)
        except DBusFailed:
            self._found = None
            raise
        self._found = found
        return value

    def someone_elses_turn(self) -> bool:
        """Tell whether another person's session, not the log-in screen, has this session's seat. Raises DBusFailed."""
        if self.property("Active", bool):
            return False
        seat = self._path_in(self.property("Seat", tuple))
        if seat is None:
            return False
        active = self._path_in(self._bus.property(replace(_SEAT, path=seat), "ActiveSession"))
        if active is None:
            return False
        return str(self._bus.property(replace(_SESSION, path=active), "Class")).startswith("user")

    def _find(self) -> Service:
        """Look where a session may be; the first that is there is ours."""
        for look in (self._by_id, self._by_process, self._on_display):
            try:
                path = look()
            except ServiceMissing:
                raise
            except DBusFailed:
                continue
            if path is not None:
                return replace(_SESSION, path=path)
        raise ServiceMissing(messages.NO_SESSION)

    def _by_id(self) -> str | None:
        session = self._environ.get("XDG_SESSION_ID")
        return only(self._bus.ask(MANAGER, "GetSession", "s", session), str, MANAGER.name) if session else None

    def _by_process(self) -> str:
        return only(self._bus.ask(MANAGER, "GetSessionByPID", "u", os.getpid()), str, MANAGER.name)

    def _on_display(self) -> str | None:
        """What the person's own systemd starts belongs to no session: then it is the one with the screen."""
        user = only(self._bus.ask(MANAGER, "GetUser", "u", os.getuid()), str, MANAGER.name)
        return self._path_in(self._bus.property(replace(_USER, path=user), "Display"))

    @staticmethod
    def _path_in(pair: object) -> str | None:
        """Take the object out of logind's pairs of id and object; it says `/` for none."""
        match pair:
            case (str(), str(path)) if path != "/":
                return path
        return None
