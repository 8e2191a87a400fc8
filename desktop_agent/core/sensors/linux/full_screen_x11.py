"""Whether the window in front fills the screen, from an X server and its window manager."""

from __future__ import annotations

import contextlib
from typing import Any

from Xlib import X, Xatom
from Xlib.display import Display
from Xlib.error import XError
from Xlib.ext import randr

from ...messages import sensors as messages
from ..base import SensorFailed
from .x11 import XServer

#: Windows of these kinds are as large as a monitor without anybody having made them so.
_FURNITURE = ("_NET_WM_WINDOW_TYPE_DESKTOP", "_NET_WM_WINDOW_TYPE_DOCK")


class XFullScreen:
    """Looks at the window in front: full screen by its own word, or a game's that takes the screen past the manager."""

    def __init__(self, server: XServer) -> None:
        self._server = server

    def read(self) -> bool:
        """Tell. A locked screen is not looked at: the window below it stays the one in front."""
        try:
            with self._server.asked() as display:
                return _fills(display, _in_front(display))
        except XError:
            # The window closed while it was looked at.
            return False
        except SensorFailed as failed:
            raise SensorFailed(messages.cannot_tell_full_screen(failed.reason)) from failed

    def close(self) -> None:
        """Let go of the X server."""
        self._server.close()


def _in_front(display: Display) -> int:
    """Give the number of the active window, 0 for none. Raises SensorFailed where nobody keeps it."""
    root = display.screen().root
    if not _is_managed(display, root):
        raise SensorFailed(messages.NO_WINDOW_MANAGER)
    active = _property(display, root, "_NET_ACTIVE_WINDOW", Xatom.WINDOW)
    return active[0] if active else X.NONE


def _is_managed(display: Display, root: Any) -> bool:
    """Tell whether a window manager runs: it keeps a window that names itself, and what a dead one left has none."""
    for number in _property(display, root, "_NET_SUPPORTING_WM_CHECK", Xatom.WINDOW):
        with contextlib.suppress(XError):
            window = display.create_resource_object("window", number)
            return _property(display, window, "_NET_SUPPORTING_WM_CHECK", Xatom.WINDOW) == [number]
    return False


def _fills(display: Display, number: int) -> bool:
    if number == X.NONE:
        return False
    window = display.create_resource_object("window", number)
    states = _atoms(display, window, "_NET_WM_STATE")
    if "_NET_WM_STATE_HIDDEN" in states:
        return False
    if "_NET_WM_STATE_FULLSCREEN" in states:
        return True
    bypass = _property(display, window, "_NET_WM_BYPASS_COMPOSITOR", Xatom.CARDINAL)
    kinds = _atoms(display, window, "_NET_WM_WINDOW_TYPE")
    return bypass == [1] and not any(kind in _FURNITURE for kind in kinds) and _covers_a_monitor(display, window)


def _covers_a_monitor(display: Display, window: Any) -> bool:
    root = display.screen().root
    size = window.get_geometry()
    corner = root.translate_coords(window, 0, 0)
    return any(
        corner.x <= x and corner.y <= y and corner.x + size.width >= x + width and corner.y + size.height >= y + height
        for x, y, width, height in _monitors(display)
    )


def _monitors(display: Display) -> list[tuple[int, int, int, int]]:
    """Give left, top, width and height of each monitor; of the whole screen where the server knows no monitors."""
    screen = display.screen()
    if not display.has_extension(randr.extname):
        return [(0, 0, screen.width_in_pixels, screen.height_in_pixels)]
    found = randr.get_monitors(screen.root).monitors
    return [(m.x, m.y, m.width_in_pixels, m.height_in_pixels) for m in found]


def _atoms(display: Display, window: Any, name: str) -> list[str]:
    return [display.get_atom_name(atom) for atom in _property(display, window, name, Xatom.ATOM)]


def _property(display: Display, window: Any, name: str, kind: int) -> list[int]:
    """Read a property of numbers; empty where the window has none."""
    read = window.get_full_property(display.intern_atom(name), kind)
    return [int(number) for number in read.value] if read is not None else []
