"""Choosing a program: one that runs now, or any by its name."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from ...core.settings import clean_programs
from ...core.system.running_programs import running_programs
from ..labels import Label, field_label
from ..language import shown
from . import texts

#: Size at 100 %, in pixels.
WIDTH, HEIGHT = 420, 460
MARGINS = (20, 18, 20, 16)


class AddProgram(QDialog):
    """The list narrows down while a name is typed."""

    #: Name of the program, as running programs are looked for.
    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(shown(texts.ADD_TITLE))
        self.name, self.list = QLineEdit(), QListWidget()
        self._programs = running_programs()
        self.list.addItems(self._programs)
        self._add, cancel = QPushButton(shown(texts.ADD)), QPushButton(shown(texts.CANCEL))
        self._add.setDefault(True)
        cancel.setAutoDefault(False)
        self._add.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self.name.textChanged.connect(self._narrow)
        self.list.currentTextChanged.connect(self._take)
        self.list.itemActivated.connect(lambda _item: self.accept())
        self._lay_out(cancel)
        self._narrow("")

    def _lay_out(self, cancel: QPushButton) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._add)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(8)
        column.addWidget(Label(texts.ADD_INTRO))
        column.addWidget(field_label(texts.PROGRAM_NAME, self.name))
        column.addWidget(self.name)
        column.addWidget(field_label(texts.RUNNING, self.list))
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        self.resize(WIDTH, HEIGHT)

    def accept(self) -> None:
        """Tell the name, if there is one."""
        for name in clean_programs([self.name.text()]):
            self.chosen.emit(name)
            super().accept()

    def _take(self, name: str) -> None:
        if name and self.list.hasFocus():
            self.name.setText(name)

    def _narrow(self, typed: str) -> None:
        self._add.setEnabled(bool(clean_programs([typed])))
        if self.list.hasFocus():
            return
        for row, program in enumerate(self._programs):
            self.list.item(row).setHidden(typed.strip().lower() not in program)
