"""Whether a program fills a screen, on macOS.

https://developer.apple.com/documentation/coregraphics/cgwindowlistcopywindowinfo(_:_:)
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass

from ...messages import sensors as messages
from ..base import SensorFailed
from .core_foundation import CoreFoundation, Plain
from .frameworks import Library, Ref, declare, load

_ON_SCREEN_ONLY, _WITHOUT_DESKTOP = 1, 16
#: More displays than any Mac has.
_MOST_DISPLAYS = 32
#: The floor of programs' own windows; menus, the Dock and overlays are on others.
_NORMAL_LAYER = 0


class CGRect(ctypes.Structure):
    """A rectangle in points."""

    _fields_ = (
        ("x", ctypes.c_double),
        ("y", ctypes.c_double),
        ("width", ctypes.c_double),
        ("height", ctypes.c_double),
    )


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Where a window or a display is, in points."""

    x: float
    y: float
    width: float
    height: float


class MacFullScreen:
    """A window of a program with just the bounds of a display. Titles are not read: they would need a permission."""

    def __init__(self, graphics: Library = None, core_foundation: CoreFoundation | None = None) -> None:
        """Open the frameworks, unless some are given; raises OSError or AttributeError where they are missing."""
        graphics = graphics or load("CoreGraphics")
        number = ctypes.c_uint32
        self._windows = declare(graphics, "CGWindowListCopyWindowInfo", Ref, [number, number])
        numbers = ctypes.POINTER(number)
        self._displays = declare(graphics, "CGGetActiveDisplayList", ctypes.c_int32, [number, numbers, numbers])
        self._bounds = declare(graphics, "CGDisplayBounds", CGRect, [number])
        self._core_foundation = core_foundation or CoreFoundation()

    def read(self) -> bool:
        """Tell."""
        windows = self._windows(_ON_SCREEN_ONLY | _WITHOUT_DESKTOP, 0)
        if not windows:
            raise SensorFailed(messages.cannot_tell_full_screen(messages.MACOS_SILENT))
        try:
            plain = self._core_foundation.plain(windows)
        finally:
            self._core_foundation.release(windows)
        return fills_a_display(plain, self._display_bounds(), os.getpid())

    def close(self) -> None:
        """Nothing is held."""

    def _display_bounds(self) -> frozenset[Rectangle]:
        ids, count = (ctypes.c_uint32 * _MOST_DISPLAYS)(), ctypes.c_uint32()
        if self._displays(_MOST_DISPLAYS, ids, ctypes.byref(count)) != 0:
            raise SensorFailed(messages.cannot_tell_full_screen(messages.MACOS_SILENT))
        bounds = (self._bounds(display) for display in ids[: count.value])
        return frozenset(Rectangle(each.x, each.y, each.width, each.height) for each in bounds)


def fills_a_display(windows: Plain, displays: frozenset[Rectangle], own_process: int) -> bool:
    """Tell whether one of the windows, as the window server describes them, has just the bounds of a display."""
    return any(
        isinstance(window, dict)
        and window.get("kCGWindowLayer") == _NORMAL_LAYER
        and window.get("kCGWindowOwnerPID") != own_process
        and _rectangle(window.get("kCGWindowBounds")) in displays
        for window in (windows if isinstance(windows, list) else ())
    )


def _rectangle(bounds: Plain) -> Rectangle | None:
    if not isinstance(bounds, dict):
        return None
    x, y, width, height = (bounds.get(name) for name in ("X", "Y", "Width", "Height"))
    sides = [float(side) for side in (x, y, width, height) if isinstance(side, int | float)]
    return Rectangle(*sides) if len(sides) == 4 else None
