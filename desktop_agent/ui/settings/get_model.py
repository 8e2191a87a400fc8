"""Downloading a model by its name: one line, and below it how far it is."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ...core.engines.download import RECOMMENDED_MODEL
from ...core.errors import AgentError
from ...core.state import Download, StateSnapshot
from ..asking import Asks
from ..labels import field_label
from ..language import shown
from ..marks import Sign
from ..notice import Notice
from . import texts

#: Height of the bar, in pixels, and its steps.
BAR_HEIGHT, FULL = 6, 1000
MEGABYTE = 1_000_000


class GetModel(QWidget):
    """Starts a download in Ollama, shows whichever is under way, and stops it."""

    def __init__(self, asks: Asks) -> None:
        super().__init__()
        self._asks = asks
        self._download: Download | None = None
        self.name, self.button = QLineEdit(), QPushButton(shown(texts.DOWNLOAD))
        self.notice, self._bar = Notice(), QProgressBar()
        self.name.setPlaceholderText(RECOMMENDED_MODEL)
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._press)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(BAR_HEIGHT)
        self._bar.setAccessibleName(shown(texts.GET_MODEL).replace("&", ""))
        self._bar.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.name, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(field_label(texts.GET_MODEL, self.name))
        column.addLayout(row)
        column.addWidget(self._bar)
        column.addWidget(self.notice)

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Take over how the download goes; say once that it has ended well."""
        before, self._download = self._download, snapshot.download
        if snapshot.download is not None:
            self._say(snapshot.download)
        elif before is not None:
            self._bar.hide()
            self.button.setText(shown(texts.DOWNLOAD))
            self.notice.say(Sign.GOOD, texts.model_here(before.model))

    @property
    def _is_running(self) -> bool:
        return self._download is not None and not self._download.problem

    def _say(self, download: Download) -> None:
        self.button.setText(shown(texts.STOP if self._is_running else texts.DOWNLOAD))
        self._bar.setVisible(self._is_running)
        if download.problem:
            self.notice.say(Sign.BAD, download.problem)
            return
        self._bar.setRange(0, FULL if download.total_bytes else 0)
        self._bar.setValue(FULL * download.done_bytes // max(1, download.total_bytes))
        self.notice.say(Sign.BUSY, _progress(download))

    def _press(self) -> None:
        if self._is_running:
            self._asks.ask(lambda host: host.cancel_download(), failed=self._say_problem)
        else:
            model = self.name.text().strip() or RECOMMENDED_MODEL
            self._asks.ask(lambda host: host.download(model), failed=self._say_problem)

    def _say_problem(self, error: AgentError) -> None:
        self.notice.say(Sign.BAD, error.message)


def _progress(download: Download) -> str:
    if not download.total_bytes:
        return texts.downloading(download.model)
    done, total = (round(size / MEGABYTE) for size in (download.done_bytes, download.total_bytes))
    return texts.downloaded(download.model, done, total)
