"""What a person sees after a mistake of ours: what it means for them, and a report that can be sent."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ..core.logs import redact
from ..core.text import Text
from .icons import app_icon
from .labels import Label, SecondaryLabel, heading
from .language import shown
from .marks import Sign
from .notice import Notice

#: Size at 100 %, in pixels.
SIZE = QSize(620, 440)
MARGINS = (22, 20, 22, 16)

WINDOW_TITLE = Text("EmbedPool made a mistake")
HEADING = Text("Something unexpected happened")
WHAT_NOW = Text("EmbedPool goes on if it can. If something does not work any more, quit it and start it again.")
WHAT_IS_IN_IT = Text("The report says what went wrong. Keys and invite codes are taken out of it.")
REPORT_NAME = Text("The report")
COPY = Text("&Copy report")
COPIED = Text("Copied.")
OPEN_FOLDER = Text("&Open log folder")
REPORT = Text("&Report a problem")
CLOSE = Text("C&lose")


class CrashDialog(QDialog):
    """Shows one report."""

    #: The person wants to tell the makers.
    report_requested = Signal()

    def __init__(self, report: str, logs: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(shown(WINDOW_TITLE))
        self.setWindowIcon(app_icon())
        self.report = redact(report)
        self._copied, words = Notice(keeps_room=True), QPlainTextEdit(self.report)
        words.setReadOnly(True)
        words.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        words.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        words.setAccessibleName(shown(REPORT_NAME))
        copy, folder, tell, close = (QPushButton(shown(text)) for text in (COPY, OPEN_FOLDER, REPORT, CLOSE))
        copy.clicked.connect(self.copy)
        folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(logs))))
        tell.clicked.connect(self.report_requested)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        for button in (copy, folder, tell, close):
            button.setAutoDefault(button is close)
            buttons.addWidget(button)
        buttons.insertStretch(3, 1)
        close.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(10)
        for widget in (heading(HEADING), Label(WHAT_NOW), SecondaryLabel(WHAT_IS_IN_IT)):
            column.addWidget(widget)
        column.addWidget(words, 1)
        column.addWidget(self._copied)
        column.addLayout(buttons)
        self.resize(SIZE)
        close.setFocus()

    def copy(self) -> None:
        """Put the report on the clipboard."""
        QGuiApplication.clipboard().setText(self.report)
        self._copied.say(Sign.GOOD, COPIED)
