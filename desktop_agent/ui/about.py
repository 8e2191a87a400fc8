"""What this program is: version, makers' promise, and the programs of others in it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from .. import __version__
from ..core.text import Text
from .icons import app_icon
from .labels import Label, SecondaryLabel, heading, title
from .language import shown
from .licences import parts
from .marks import Sign
from .notice import Notice

#: Sizes at 100 %, in pixels.
PICTURE = QSize(56, 56)
SIZE = QSize(560, 560)
MARGINS = (24, 22, 24, 18)
TABLE_HEIGHT = 190

WINDOW_TITLE = Text("About EmbedPool Agent")
NAME = Text("EmbedPool Agent")
WHAT_IT_IS = Text("Lends this PC's graphics card to a pool while you do not need it.")
LICENCE = Text("EmbedPool is free software under the Apache License 2.0.")
PARTS = Text("Made with")
QT_LICENCE = Text(
    "Qt and PySide6 are used under the LGPL 3. They lie beside the program as files of their own, so you may put "
    "other versions in their place."
)
PARTS_NAME = Text("Programs of others, with their licences")
PART, VERSION, PART_LICENCE = Text("Name"), Text("Version"), Text("Licence")
COPY_DIAGNOSTICS = Text("Copy &diagnostics")
COPIED = Text("Copied. It contains no key and no text that was computed.")
CLOSE = Text("&Close")


def version_line() -> Text:
    """Name the version."""
    return Text("Version {version}", version=__version__)


class AboutPanel(QWidget):
    """Stands in the settings, and alone in its own window."""

    copy_diagnostics_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._copied = Notice(keeps_room=True)
        copy = QPushButton(shown(COPY_DIAGNOSTICS))
        copy.setAutoDefault(False)
        copy.clicked.connect(self._copy)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addWidget(self._copied, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 12, 4)
        column.setSpacing(8)
        column.addLayout(_head())
        for label in (Label(WHAT_IT_IS), SecondaryLabel(LICENCE)):
            column.addWidget(label)
        column.addLayout(buttons)
        column.addWidget(heading(PARTS))
        column.addWidget(_table(), 1)
        column.addWidget(SecondaryLabel(QT_LICENCE))

    def _copy(self) -> None:
        self.copy_diagnostics_requested.emit()
        self._copied.say(Sign.GOOD, COPIED)


class AboutDialog(QDialog):
    """The panel with a button to close it."""

    copy_diagnostics_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(shown(WINDOW_TITLE))
        self.setWindowIcon(app_icon())
        panel, close = AboutPanel(), QPushButton(shown(CLOSE))
        panel.copy_diagnostics_requested.connect(self.copy_diagnostics_requested)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(12)
        column.addWidget(panel, 1)
        column.addLayout(buttons)
        self.resize(SIZE)
        close.setFocus()


def _head() -> QHBoxLayout:
    picture = QLabel()
    picture.setPixmap(app_icon().pixmap(PICTURE))
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(title(NAME))
    words.addWidget(SecondaryLabel(version_line()))
    row = QHBoxLayout()
    row.setSpacing(16)
    row.addWidget(picture)
    row.addLayout(words, 1)
    return row


def _table() -> QTableWidget:
    found = parts()
    table = QTableWidget(len(found), 3)
    table.setAccessibleName(shown(PARTS_NAME))
    table.setHorizontalHeaderLabels([shown(PART), shown(VERSION), shown(PART_LICENCE)])
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setMinimumHeight(TABLE_HEIGHT)
    for row, part in enumerate(found):
        for at, words in enumerate((part.name, part.version, part.licence)):
            item = QTableWidgetItem(words)
            item.setToolTip(part.home if at == 0 else words)
            table.setItem(row, at, item)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table
