"""What the owner wants, written where the host finds it: the windows' only way to pause, resume and work now."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from ..core import control, messages
from ..core.control import Control, save_control
from ..core.data_folder import DataFolder
from ..core.errors import AgentError, DataFolderUnusable


class Wishes(QObject):
    """Writes the owner's last wish; the host acts on it within half a second, with or without the pool."""

    #: The wish could not be written; an AgentError.
    failed = Signal(object)

    def __init__(self, folder: DataFolder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder

    def pause(self) -> None:
        """Take no work until it is resumed."""
        self._wish(control.pause())

    def finish_then_pause(self) -> None:
        """Finish what is computing, then take no work."""
        self._wish(control.pause(finish_first=True))

    def pause_until(self, at: float) -> None:
        """Take no work until then (seconds since 1970)."""
        self._wish(control.snooze(at))

    def resume(self) -> None:
        """Take work, as the rules allow."""
        self._wish(control.resume())

    def work_now(self) -> None:
        """Work for an hour, whatever the rules about the owner say."""
        self._wish(control.work_now(time.time()))

    def _wish(self, wish: Control) -> None:
        try:
            save_control(self._folder.control, wish)
        except OSError as error:
            failure: AgentError = DataFolderUnusable(messages.joining.data_folder_unusable(self._folder.root, error))
            self.failed.emit(failure)
