"""The log, live: what the agent writes, without secrets, as the file has it."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QSize, QTimer, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QFontDatabase,
    QGuiApplication,
    QHideEvent,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout

from ..core.text import Text
from .icons import app_icon
from .labels import SecondaryLabel, field_label
from .language import shown
from .log_tail import LOG_FILE, MOST_LINES, Line, LogTail

#: Size at 100 %, in pixels.
SIZE = QSize(860, 560)
MARGINS = (16, 14, 16, 14)
#: Milliseconds between two looks at the file, while the window is shown.
LOOK_MS = 700

TITLE = Text("EmbedPool log")
LEVEL = Text("&Show")
LEVELS = {
    logging.DEBUG: Text("Everything"),
    logging.INFO: Text("What happens"),
    logging.WARNING: Text("Warnings and errors"),
    logging.ERROR: Text("Errors"),
}
FIND = Text("&Find")
LINES_NAME = Text("Lines of the log")
COPY = Text("&Copy")
OPEN_FOLDER = Text("Open log f&older")
CLOSE = Text("C&lose")
EMPTY = Text("Nothing to show.")
PROMISE = Text("Keys, invite codes and texts are never written to the log.")


class LogWindow(QDialog):
    """Follows the end of the file while it is shown; scrolling up stops the view, not the log."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder, self._tail = folder, LogTail(folder / LOG_FILE)
        self.setWindowTitle(shown(TITLE))
        self.setWindowIcon(app_icon())
        self.level, self.search, self.lines = QComboBox(), QLineEdit(), QPlainTextEdit()
        self._count = SecondaryLabel(wraps=False)
        self.lines.setReadOnly(True)
        self.lines.setMaximumBlockCount(MOST_LINES)
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.lines.setAccessibleName(shown(LINES_NAME))
        self.lines.setPlaceholderText(shown(EMPTY))
        for level, words in LEVELS.items():
            self.level.addItem(shown(words), level)
        self.level.setCurrentIndex(1)
        self.search.setClearButtonEnabled(True)
        self.level.currentIndexChanged.connect(self._show_all)
        self.search.textChanged.connect(self._show_all)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self).activated.connect(self.search.setFocus)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        for widget in (field_label(LEVEL, self.level), self.level, field_label(FIND, self.search)):
            top.addWidget(widget)
        top.addWidget(self.search, 1)
        copy, folder, close = (QPushButton(shown(words)) for words in (COPY, OPEN_FOLDER, CLOSE))
        copy.clicked.connect(self.copy)
        folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))))
        close.clicked.connect(self.close)
        close.setDefault(True)
        bottom = QHBoxLayout()
        bottom.addWidget(self._count, 1)
        for button in (copy, folder, close):
            button.setAutoDefault(button is close)
            bottom.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self.lines, 1)
        column.addLayout(bottom)
        self._count.say(PROMISE)
        self.resize(SIZE.boundedTo(self.screen().availableSize() * 0.95))

    def look(self) -> None:
        """Show what has come since."""
        new = [line.words for line in self._tail.read_on() if self._is_wanted(line)]
        if new:
            self.lines.appendPlainText("\n".join(new))

    def copy(self) -> None:
        """Put what is marked, or everything that is shown, on the clipboard."""
        marked = self.lines.textCursor().selection().toPlainText()
        QGuiApplication.clipboard().setText(marked or self.lines.toPlainText())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Follow the file."""
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Leave the file alone."""
        super().hideEvent(event)
        self._timer.stop()

    def _show_all(self) -> None:
        wanted = [line.words for line in self._tail.lines if self._is_wanted(line)]
        self.lines.setPlainText("\n".join(wanted))
        end = self.lines.verticalScrollBar()
        end.setValue(end.maximum())

    def _is_wanted(self, line: Line) -> bool:
        return line.level >= self.level.currentData() and self.search.text().lower() in line.words.lower()
