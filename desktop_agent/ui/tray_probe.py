"""Is there a tray? Asked by the doctor, in a process of its own: Qt ends a program that finds no screen."""

from __future__ import annotations

from PySide6.QtWidgets import QSystemTrayIcon

from .qt_app import make_app


def has_tray() -> bool:
    """Ask the desktop; raises NoWindows."""
    app = make_app()
    app.processEvents()
    return QSystemTrayIcon.isSystemTrayAvailable()
