"""Notices on the screen: decided by `notices`, shown by the desktop's own service or by the tray."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from ..core.settings import Settings
from ..core.state import StateSnapshot
from . import texts
from .icons import app_icon
from .language import shown
from .notices import Notice, NoticeAction, NoticeMemory, NoticeRules
from .notify_dbus import DbusNotices
from .tray import Tray

#: Milliseconds that a notice of the tray stays, where the system lets us choose.
STAY_MS = 10_000


class Shows(Protocol):
    """Something that puts a notice on the screen."""

    def show(self, notice: Notice) -> None:
        """Show it soon; never wait, never raise."""

    def stop(self) -> None:
        """Let go of connections."""


class TrayNotices:
    """Shows notices by the tray icon: on Windows and macOS, where that is the system's own way."""

    def __init__(self, tray: Tray, clicked: Callable[[NoticeAction], None]) -> None:
        self._tray, self._clicked = tray, clicked
        self._last: Notice | None = None
        tray.message_clicked.connect(self._was_clicked)

    def show(self, notice: Notice) -> None:
        """Show it, where there is a tray."""
        icon: QSystemTrayIcon | None = self._tray.icon
        if icon is not None:
            self._last = notice
            icon.showMessage(shown(texts.APP_NAME), shown(notice.words), app_icon(), STAY_MS)

    def stop(self) -> None:
        """Nothing is held."""

    def _was_clicked(self) -> None:
        if self._last is not None:
            self._clicked(self._last.action)


class Notifier(QObject):
    """Looks at every snapshot and shows what is worth it; clicks come back as `action_requested`."""

    #: A `NoticeAction`; emitted in the GUI thread.
    action_requested = Signal(object)

    def __init__(self, memory: Path, tray: Tray, settings: Settings, shows: Shows | None = None) -> None:
        """`memory` is the file that remembers what was told; `shows` is chosen by system where it is not given."""
        super().__init__()
        self._rules = NoticeRules(NoticeMemory.load(memory))
        self._settings = settings
        self._shows = shows or self._usual(tray)

    def _usual(self, tray: Tray) -> Shows:
        clicked = self.action_requested.emit
        return DbusNotices(clicked) if sys.platform.startswith("linux") else TrayNotices(tray, clicked)

    def use_settings(self, settings: Settings) -> None:
        """Honour these choices from now on."""
        self._settings = settings

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Tell what this snapshot gives reason to."""
        for notice in self._rules.look(snapshot, self._settings, time.time()):
            self._shows.show(notice)

    def window_closed(self) -> None:
        """Tell, the first time, that EmbedPool goes on without its window."""
        notice = self._rules.window_closed(time.time())
        if notice is not None:
            self._shows.show(notice)

    def stop(self) -> None:
        """Let go of connections."""
        self._shows.stop()
