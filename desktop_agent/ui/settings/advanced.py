"""The page Advanced: files, the log, what to send when something is wrong, and the way back to the usual settings."""

from __future__ import annotations

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton, QWidget

from ...core.data_folder import DataFolder
from ...core.settings import Settings
from ...core.state import StateSnapshot
from ..labels import Label, SecondaryLabel, heading
from ..language import shown
from ..marks import Sign
from ..notice import Notice
from . import texts
from .fields import fill, group, line
from .store import SettingsStore

#: Milliseconds for which it is said that something was done.
SAID_MS = 6000


class AdvancedPage(QWidget):
    """What most people never need."""

    log_requested = Signal()
    copy_diagnostics_requested = Signal()

    def __init__(self, store: SettingsStore, folder: DataFolder) -> None:
        super().__init__()
        self._store = store
        self._idle, self._notice = Label(), Notice(keeps_room=True)
        open_folder, log = QPushButton(shown(texts.OPEN_FOLDER)), QPushButton(shown(texts.OPEN_LOG))
        copy, reset = QPushButton(shown(texts.COPY_DIAGNOSTICS)), QPushButton(shown(texts.RESET))
        open_folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder.root))))
        log.clicked.connect(self.log_requested)
        copy.clicked.connect(self._copy)
        reset.clicked.connect(self._reset)
        for button in (open_folder, log, copy, reset):
            button.setAutoDefault(False)
        path = Label(str(folder.root))
        fill(
            self,
            heading(texts.FILES),
            group(SecondaryLabel(texts.DATA_FOLDER), path, line(open_folder, log)),
            heading(texts.IDLE),
            group(self._idle),
            heading(texts.HELP),
            group(line(copy, reset), self._notice),
        )

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Take over how being away is seen."""
        self._idle.say(snapshot.pc.idle_source or snapshot.pc.idle_problem or texts.IDLE_UNKNOWN)

    def _copy(self) -> None:
        self.copy_diagnostics_requested.emit()
        self._say(texts.COPIED)

    def _reset(self) -> None:
        usual = Settings(installation_id=self._store.settings.installation_id)
        self._store.replace(usual)
        self._say(texts.RESET_DONE)

    def _say(self, words: str) -> None:
        self._notice.say(Sign.GOOD, words)
        QTimer.singleShot(SAID_MS, self._notice, self._notice.clear)
