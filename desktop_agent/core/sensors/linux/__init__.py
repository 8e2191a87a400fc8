"""The sensors on Linux. Each is cheap to make, and connects to its desktop when it is first read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ...messages import sensors as messages
from ..base import DisplayInhibitors, FullScreen, Network, Session, UserIdle
from .cannot_tell import CannotTell
from .dbus import Bus, WhichBus
from .full_screen_sway import SwayFullScreen
from .full_screen_x11 import XFullScreen
from .idle_chain import IdleChain
from .idle_dbus import MUFFIN, MUTTER, CompositorIdle, ScreenSaverIdle
from .idle_logind import LogindIdle
from .idle_x11 import XIdle
from .inhibitors import AllInhibitors
from .inhibitors_dbus import GnomeInhibitors, KdeInhibitors, LogindInhibitors, Way, XfceInhibitors
from .network import NetworkManagerMeter
from .program_names import application_folders
from .session import LogindSession
from .x11 import XServer

try:
    from . import wayland_sensors
except ImportError:
    # Its library has no build for this kind of processor.
    HAVE_WAYLAND = False
else:
    HAVE_WAYLAND = True

__all__ = ["full_screen", "inhibitors", "network", "session", "user_idle"]


def user_idle(environ: Mapping[str, str] = os.environ) -> UserIdle:
    """Give the idle time from the best source that this desktop has; its `name` says which one is in use."""
    sources: list[UserIdle] = [
        CompositorIdle(_session_bus(environ), MUTTER, messages.FROM_GNOME),
        CompositorIdle(_session_bus(environ), MUFFIN, messages.FROM_CINNAMON),
    ]
    if _on_wayland(environ):
        sources.append(_wayland_idle(environ))
    elif _on_x11(environ):
        sources.append(XIdle(XServer(environ["DISPLAY"])))
    sources += [ScreenSaverIdle(_session_bus(environ)), LogindIdle(_system_bus(environ), environ)]
    return IdleChain(sources)


def inhibitors(environ: Mapping[str, str] = os.environ) -> DisplayInhibitors:
    """Give who keeps the screen on, by everybody on this desktop who may know."""
    ways: list[Way] = [
        GnomeInhibitors(_session_bus(environ)),
        KdeInhibitors(_session_bus(environ)),
        XfceInhibitors(_session_bus(environ)),
        LogindInhibitors(_system_bus(environ)),
    ]
    path = _compositor_socket(environ)
    if path and HAVE_WAYLAND:
        ways.append(wayland_sensors.WaylandInhibitors(path))
    return AllInhibitors(ways, application_folders(environ))


def full_screen(environ: Mapping[str, str] = os.environ) -> FullScreen:
    """Give whether a program fills the screen, where programs may know that."""
    if environ.get("SWAYSOCK"):
        return SwayFullScreen(environ["SWAYSOCK"])
    if _on_x11(environ):
        return XFullScreen(XServer(environ["DISPLAY"]))
    why = messages.WAYLAND_KEEPS_IT if _on_wayland(environ) else messages.NO_DESKTOP
    return CannotTell(messages.cannot_tell_full_screen(why))


def session(environ: Mapping[str, str] = os.environ) -> Session:
    """Give whether the screen is locked, or this PC is used from another one."""
    return LogindSession(_session_bus(environ), _system_bus(environ), environ)


def network(environ: Mapping[str, str] = os.environ) -> Network:
    """Give whether the connection is metered."""
    return NetworkManagerMeter(_system_bus(environ))


def _wayland_idle(environ: Mapping[str, str]) -> UserIdle:
    path = _compositor_socket(environ)
    if not path:
        return CannotTell(messages.NO_WAYLAND_SOCKET)
    if not HAVE_WAYLAND:
        return CannotTell(messages.NO_WAYLAND_LIBRARY)
    return wayland_sensors.WaylandIdle(path)


def _compositor_socket(environ: Mapping[str, str]) -> str:
    """Give the compositor's socket, empty where none is known. A name that is a whole path stays what it is."""
    name = environ.get("WAYLAND_DISPLAY", "")
    return str(Path(environ.get("XDG_RUNTIME_DIR", "/"), name)) if name else ""


def _on_wayland(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("WAYLAND_DISPLAY")) or environ.get("XDG_SESSION_TYPE") == "wayland"


def _on_x11(environ: Mapping[str, str]) -> bool:
    """Tell whether the X server is the desktop's own; under Wayland it is one that sees next to nothing."""
    return bool(environ.get("DISPLAY")) and not _on_wayland(environ)


def _session_bus(environ: Mapping[str, str]) -> Bus:
    return Bus(WhichBus.SESSION, environ)


def _system_bus(environ: Mapping[str, str]) -> Bus:
    return Bus(WhichBus.SYSTEM, environ)
