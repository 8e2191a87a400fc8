"""What this PC has done, from the files in which the host keeps it, for as long as somebody looks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from ..core.data_folder import DataFolder
from ..core.history import History
from ..core.ran import Ran

#: Milliseconds between two looks at the files, and days that are drawn.
LOOK_MS = 2000
DAYS = 30


class Past(QObject):
    """Reads the history and the ended tasks again when they changed."""

    #: The days, the oldest first, and the texts in all.
    history_changed = Signal(object, int)
    #: The ended tasks, the latest first.
    ran_changed = Signal(object)

    def __init__(self, folder: DataFolder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._seen: dict[Path, object] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def watch(self, watched: bool) -> None:
        """Look now and every two seconds, or stop looking."""
        if watched:
            self.look()
            self._timer.start()
        else:
            self._timer.stop()

    def look(self) -> None:
        """Read what changed since the last look; a new day changes the history, too."""
        today = dt.datetime.now().astimezone().date()
        if self._is_new(self._folder.history, today):
            history = History.load(self._folder.history)
            self.history_changed.emit(history.days(DAYS, today), history.all_time.texts)
        if self._is_new(self._folder.ran):
            self.ran_changed.emit(Ran.load(self._folder.ran).newest())

    def _is_new(self, path: Path, *more: object) -> bool:
        try:
            stamp: object = (path.stat().st_mtime_ns, *more)
        except OSError:
            stamp = (0, *more)
        changed = self._seen.get(path) != stamp
        self._seen[path] = stamp
        return changed
