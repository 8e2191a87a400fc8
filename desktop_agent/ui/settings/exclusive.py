"""The owner's list of programs beside which nothing is computed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QPushButton, QVBoxLayout, QWidget

from ...core.settings import clean_programs
from ..labels import SecondaryLabel
from ..language import shown
from . import texts
from .add_program import AddProgram
from .fields import Fields
from .store import SettingsStore

#: Height of the list at 100 %, in pixels.
LIST_HEIGHT = 84


class ExclusivePrograms(QWidget):
    """A list with Add and Remove; the Delete key removes, too."""

    def __init__(self, store: SettingsStore, fields: Fields) -> None:
        super().__init__()
        self._store = store
        self.list, self._none = QListWidget(), SecondaryLabel(texts.NO_PROGRAMS)
        self.list.setAccessibleName(shown(texts.PROGRAMS_NAME))
        self.list.setFixedHeight(LIST_HEIGHT)
        self._add, self.remove = QPushButton(shown(texts.ADD_PROGRAM)), QPushButton(shown(texts.REMOVE_PROGRAM))
        self._add.clicked.connect(self._ask)
        self.remove.clicked.connect(self._remove)
        self.list.currentRowChanged.connect(lambda row: self.remove.setEnabled(row >= 0))
        label = QLabel(shown(texts.EXCLUSIVE))
        label.setBuddy(self.list)
        buttons = QVBoxLayout()
        for button in (self._add, self.remove):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        side_by_side = QHBoxLayout()
        side_by_side.addWidget(self.list, 1)
        side_by_side.addWidget(self._none, 1, Qt.AlignmentFlag.AlignTop)
        side_by_side.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(label)
        column.addLayout(side_by_side)
        fields.follow(self._show)

    def add(self, name: str) -> None:
        """Put a program on the list."""
        self._store.change(exclusive_programs=clean_programs((*self._store.settings.exclusive_programs, name)))

    def _show(self) -> None:
        programs = list(self._store.settings.exclusive_programs)
        if programs != [self.list.item(row).text() for row in range(self.list.count())]:
            self.list.clear()
            self.list.addItems(programs)
        self.list.setVisible(bool(programs))
        self._none.setVisible(not programs)
        self.remove.setVisible(bool(programs))
        self.remove.setEnabled(self.list.currentRow() >= 0)

    def _ask(self) -> None:
        dialog = AddProgram(self)
        dialog.chosen.connect(self.add)
        dialog.open()

    def _remove(self) -> None:
        row = self.list.currentRow()
        programs = self._store.settings.exclusive_programs
        if 0 <= row < len(programs):
            self._store.change(exclusive_programs=programs[:row] + programs[row + 1 :])
