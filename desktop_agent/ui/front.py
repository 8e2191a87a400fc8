"""Bringing a window to where its person looks."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

#: Where a program may put its window above others; elsewhere (Wayland) Qt only complains.
_CAN_RAISE = ("xcb", "windows", "cocoa")


def bring_to_front(window: QWidget) -> None:
    """Show the window, above the others where the system allows that."""
    if window.isMinimized():
        window.showNormal()
    window.show()
    if QGuiApplication.platformName() in _CAN_RAISE:
        window.raise_()
    window.activateWindow()
