"""The icon in the tray: made only when there is a tray, as soon as there is one."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from ..core.state import AgentState, StateSnapshot
from .icons import tray_icon
from .tray_menu import TrayMenu
from .wording import drawn_state, tooltip

#: Milliseconds between two looks for a tray. At login, panels come later than we do; an icon that is made before them
#: is never shown by some.
LOOK_MS = 1000
#: Milliseconds between two looks whether the tray is still there.
CALM_LOOK_MS = 10_000
#: Looks in vain after which there is probably no tray on this desktop.
PATIENCE_LOOKS = 5
_OPENERS = (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick)


class Tray(QObject):
    """Draws a snapshot as icon, tooltip and menu. Its wishes are the signals of `menu`, and `open_requested`."""

    open_requested = Signal()
    #: Whether there is a tray: told as soon as one comes, and once when none has come for some seconds.
    available_changed = Signal(bool)
    #: A notification of ours was clicked, where the tray shows them.
    message_clicked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.menu = TrayMenu()
        self.menu.open_requested.connect(self.open_requested)
        self._icon: QSystemTrayIcon | None = None
        self._snapshot: StateSnapshot | None = None
        self._drawn: AgentState | None = None
        self._available: bool | None = None
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Show the icon now, or as soon as there is a tray."""
        self._timer.start()
        self._look()

    def stop(self) -> None:
        """Take the icon away; without this, Windows keeps its ghost until the mouse passes over it."""
        self._timer.stop()
        if self._icon is not None:
            self._icon.hide()

    @property
    def icon(self) -> QSystemTrayIcon | None:
        """Give the icon, once there is one."""
        return self._icon

    @property
    def available(self) -> bool:
        """Tell whether the icon is somewhere to be seen."""
        return bool(self._available)

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Draw the state; nothing is redrawn that looks the same."""
        self._snapshot = snapshot
        self.menu.show_snapshot(snapshot)
        if self._icon is None:
            return
        if self._drawn is not (state := drawn_state(snapshot)):
            self._drawn = state
            self._icon.setIcon(tray_icon(state))
        if self._icon.toolTip() != (words := tooltip(snapshot)):
            self._icon.setToolTip(words)

    def _look(self) -> None:
        there = QSystemTrayIcon.isSystemTrayAvailable()
        self._looks += 1
        if there and self._icon is None:
            self._make()
        self._timer.setInterval(CALM_LOOK_MS if there else LOOK_MS)
        if there != self._available and (there or self._available or self._looks >= PATIENCE_LOOKS):
            self._available = there
            self.available_changed.emit(there)

    def _make(self) -> None:
        state = drawn_state(self._snapshot) if self._snapshot else AgentState.SETUP
        self._drawn = state
        self._icon = QSystemTrayIcon(tray_icon(state), self)
        self._icon.setContextMenu(self.menu)
        self._icon.messageClicked.connect(self.message_clicked)
        if sys.platform != "darwin":  # there, a click opens the menu, and nothing else may happen
            self._icon.activated.connect(self._activated)
        if self._snapshot:
            self._icon.setToolTip(tooltip(self._snapshot))
        self._icon.show()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in _OPENERS:
            self.open_requested.emit()
