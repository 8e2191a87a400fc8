"""The list of models that the pool may use."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from ..language import shown
from . import texts

#: Height at 100 %, in pixels.
HEIGHT = 132
_NAME = Qt.ItemDataRole.UserRole


class ModelList(QListWidget):
    """Boxes to tick. All ticked means all, those to come included; one always stays ticked."""

    #: A tuple of names, empty for all: other models were chosen.
    chosen = Signal(object)
    #: The last tick was taken away, which is not possible.
    refused = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(shown(texts.MODELS_NAME))
        self.setFixedHeight(HEIGHT)
        self.itemChanged.connect(self._changed)

    def put(self, here: tuple[str, ...], only: tuple[str, ...]) -> None:
        """Show the models that are here, and those that were chosen (none for all) and are not here."""
        blocked = self.blockSignals(True)
        self.clear()
        for name in here:
            self._add(name, shown(name), ticked=not only or name in only)
        for name in only:
            if name not in here:
                self._add(name, shown(texts.model_gone(name)), ticked=True)
        self.blockSignals(blocked)

    def ticked(self) -> tuple[str, ...]:
        """Give the names that are ticked."""
        items = [self.item(row) for row in range(self.count())]
        return tuple(item.data(_NAME) for item in items if item.checkState() is Qt.CheckState.Checked)

    def _add(self, name: str, words: str, *, ticked: bool) -> None:
        item = QListWidgetItem(words)
        item.setData(_NAME, name)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self.addItem(item)

    def _changed(self, item: QListWidgetItem) -> None:
        ticked = self.ticked()
        if not ticked:
            item.setCheckState(Qt.CheckState.Checked)
            self.refused.emit()
            return
        self.chosen.emit(() if len(ticked) == self.count() else ticked)
