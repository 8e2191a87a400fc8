"""Who keeps the screen on, as each desktop tells it over D-Bus. Each way gives the names that programs have there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Protocol

from ...messages import sensors as messages
from .dbus import Bus, DBusFailed, Service, ServiceMissing, only
from .logind import MANAGER

_GNOME = Service("org.gnome.SessionManager", "/org/gnome/SessionManager", "org.gnome.SessionManager")
_KDE = Service(
    "org.kde.Solid.PowerManagement",
    "/org/kde/Solid/PowerManagement/PolicyAgent",
    "org.kde.Solid.PowerManagement.PolicyAgent",
)
_XFCE = Service(
    "org.freedesktop.PowerManagement",
    "/org/freedesktop/PowerManagement/Inhibit",
    "org.freedesktop.PowerManagement.Inhibit",
)
#: GNOME's flag for “the session must not be marked as idle”.
_GNOME_IDLE = 8
#: KDE's flag for “the screen's settings must not change”, which is how the screen goes dark.
_KDE_SCREEN = 4


class Way(Protocol):
    """One way to ask."""

    def names(self) -> list[str]:
        """Give the programs; an empty name for one that tells none. Raises ServiceMissing, DBusFailed."""

    def close(self) -> None:
        """Let go of connections."""


class GnomeInhibitors:
    """GNOME's session manager; Cinnamon's and MATE's go by its name. It also knows what browsers ask screen savers."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def names(self) -> list[str]:
        """Give the programs that keep the session from being idle."""
        if not only(self._bus.ask(_GNOME, "IsInhibited", "u", _GNOME_IDLE), bool, _GNOME.name):
            return []
        paths = only(self._bus.ask(_GNOME, "GetInhibitors"), list, _GNOME.name)
        # Without a single name left, one has gone in between, or will not say its name.
        return [name for path in paths for name in self._name_of(str(path))] or [""]

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()

    def _name_of(self, path: str) -> Iterator[str]:
        """Give the name of an inhibitor of idleness; nothing for another one, or for one that is gone by now."""
        inhibitor = Service(_GNOME.name, path, "org.gnome.SessionManager.Inhibitor")
        try:
            if only(self._bus.ask(inhibitor, "GetFlags"), int, _GNOME.name) & _GNOME_IDLE:
                yield only(self._bus.ask(inhibitor, "GetAppId"), str, _GNOME.name)
        except DBusFailed:
            return


class KdeInhibitors:
    """KDE's power management."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def names(self) -> list[str]:
        """Give the programs, when one of them keeps the screen on; KDE does not tell which of them does."""
        if not only(self._bus.ask(_KDE, "HasInhibition", "u", _KDE_SCREEN), bool, _KDE.name):
            return []
        try:
            listed = only(self._bus.ask(_KDE, "ListInhibitions"), list, _KDE.name)
        except ServiceMissing:
            # That there is one stays true where a version of KDE does not tell which.
            return [""]
        return [str(who) for who, _why in _rows(listed, 2, _KDE.name)] or [""]

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()


class XfceInhibitors:
    """The power manager of Xfce and of older desktops."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def names(self) -> list[str]:
        """Give the programs that keep the PC awake; here that keeps the screen on as well."""
        if not only(self._bus.ask(_XFCE, "HasInhibit"), bool, _XFCE.name):
            return []
        return [str(name) for name in only(self._bus.ask(_XFCE, "GetInhibitors"), list, _XFCE.name)] or [""]

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()


class LogindInhibitors:
    """The system's login service: what this person's programs block there, our own process excepted."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def names(self) -> list[str]:
        """Give the programs that block idleness."""
        listed = only(self._bus.ask(MANAGER, "ListInhibitors"), list, MANAGER.name)
        return [
            str(who)
            for what, who, why, mode, uid, pid in _rows(listed, 6, MANAGER.name)
            if "idle" in str(what).split(":")
            and mode == "block"
            and uid == os.getuid()
            and pid != os.getpid()
            # GNOME's session manager repeats there, under the person's own name, what its programs asked of it.
            and why != "user session inhibited"
        ]

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()


def _rows(listed: list[object], width: int, asked: str) -> Iterator[tuple[object, ...]]:
    for row in listed:
        if not isinstance(row, tuple) or len(row) != width:
            raise DBusFailed(messages.odd_answer(asked))
        yield row
