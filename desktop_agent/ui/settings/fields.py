"""Boxes and buttons that show one setting each and change it at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLayout, QSpinBox, QVBoxLayout, QWidget

from ...core.settings import BOUNDS
from ...core.text import Text
from ..labels import SecondaryLabel
from ..language import shown, shown_value
from ..panel import INSET, Panel
from .store import SettingsStore

#: Space before what belongs to the box above, in pixels: as wide as its square.
INDENT = 24

#: Says a number with its unit, the number first.
Unit = Callable[[int], Text]


class UnitSpinBox(QSpinBox):
    """A number with its unit behind it, in the right plural."""

    def __init__(self, unit: Unit) -> None:
        super().__init__()
        self._unit = unit
        self.valueChanged.connect(self._name_unit)

    def _name_unit(self, value: int) -> None:
        self.setSuffix(shown(self._unit(value)).removeprefix(shown_value(value)))


class Fields(QObject):
    """Makes fields over one store. They follow it, whoever changes it."""

    def __init__(self, store: SettingsStore, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._following = False

    def check_box(self, words: str, name: str) -> QCheckBox:
        """Make the box of a setting that is on or off."""
        box = QCheckBox(shown(words))
        self.follow(lambda: box.setChecked(getattr(self._store.settings, name)))
        box.toggled.connect(lambda on: self._change(name, on))
        return box

    def spin_box(self, name: str, unit: Unit, *, says: str) -> UnitSpinBox:
        """Make the field of a whole number; `says` is its name for those who do not see the line around it."""
        box = UnitSpinBox(unit)
        low, high = BOUNDS[name]
        box.setRange(int(low), int(high))
        box.setAccessibleName(shown(says).replace("&", ""))
        self.follow(lambda: box.setValue(round(getattr(self._store.settings, name))))
        box.valueChanged.connect(lambda value: self._change(name, value, settles=True))
        return box

    def check_and_spin(self, words: str, check: str, number: str, unit: Unit) -> QHBoxLayout:
        """Make a box with a number behind it that counts only while the box is ticked."""
        box, spin = self.check_box(words, check), self.spin_box(number, unit, says=words)
        spin.setEnabled(box.isChecked())
        box.toggled.connect(spin.setEnabled)
        return line(box, spin)

    def follow(self, show: Callable[[], object]) -> None:
        """Call `show` now and after every change; what widgets say meanwhile is no choice of their person."""

        def follow() -> None:
            self._following = True
            try:
                show()
            finally:
                self._following = False

        follow()
        self._store.changed.connect(lambda _settings: follow())

    def _change(self, name: str, value: object, *, settles: bool = False) -> None:
        if not self._following:
            self._store.change(settles=settles, **{name: value})


def line(*parts: QWidget) -> QHBoxLayout:
    """Put widgets in a row, to the left."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    return row


def indented(*parts: QWidget | QLayout) -> QVBoxLayout:
    """Put what belongs to the box above below it."""
    column = QVBoxLayout()
    column.setContentsMargins(INDENT, 0, 0, 0)
    column.setSpacing(6)
    for part in parts:
        _add(column, part)
    return column


def hint(words: str) -> SecondaryLabel:
    """Explain the box above."""
    label = SecondaryLabel(words)
    label.setContentsMargins(INDENT, 0, 0, 4)
    return label


def group(*parts: QWidget | QLayout) -> Panel:
    """Put on one surface what belongs together."""
    panel = Panel()
    column = QVBoxLayout(panel)
    column.setContentsMargins(*INSET)
    column.setSpacing(8)
    for part in parts:
        _add(column, part)
    return panel


def fill(whole: QWidget, *parts: QWidget | QLayout) -> None:
    """Lay groups and headings out on a page."""
    column = QVBoxLayout(whole)
    column.setContentsMargins(4, 4, 12, 4)
    column.setSpacing(10)
    for part in parts:
        _add(column, part)
    column.addStretch(1)


def _add(column: QVBoxLayout, part: QWidget | QLayout) -> None:
    if isinstance(part, QWidget):
        column.addWidget(part)
    else:
        column.addLayout(part)
