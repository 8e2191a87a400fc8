"""One line that says how it stands, with the buttons that lead on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from .labels import Label
from .language import shown
from .marks import MARK_SIZE, Mark, Sign

#: A button: its words, and what happens.
Offer = tuple[str, Callable[[], None]]


class Notice(QWidget):
    """A sign, a sentence, and below them the ways out."""

    def __init__(self, *, keeps_room: bool = False) -> None:
        """Keep the room of one line while nothing is said, where what is below should not jump."""
        super().__init__()
        self._keeps_room = keeps_room
        self._mark, self._words = Mark(), Label()
        self._buttons = QVBoxLayout()
        self._buttons.setContentsMargins(MARK_SIZE + 8, 0, 0, 0)
        self._buttons.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addLayout(self._buttons)
        self.clear()

    @property
    def words(self) -> str:
        """Give what is shown."""
        return self._words.text()

    @property
    def sign(self) -> Sign:
        """Give the sign that is shown."""
        return self._mark.sign

    @property
    def buttons(self) -> list[QPushButton]:
        """Give the buttons that are shown."""
        return [button for button in self.findChildren(QPushButton) if not button.isHidden()]

    def clear(self) -> None:
        """Say nothing."""
        self.say(Sign.NONE, "")

    def say(self, sign: Sign, words: str, offers: Iterable[Offer] = ()) -> None:
        """Show a sentence and its buttons in the place of the last ones."""
        self._mark.put(sign)
        self._words.say(words)
        self.setAccessibleName(f"{self._mark.accessibleName()}: {self._words.text()}" if words else "")
        self._offer(offers)
        self.setVisible(bool(words) or self._keeps_room)

    def _offer(self, offers: Iterable[Offer]) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        before: QWidget = self
        for words, happens in offers:
            button = QPushButton(shown(words), self)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, happens=happens: happens())
            self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            button.show()
            # The Tab key comes here next, and not after everything that was made earlier.
            QWidget.setTabOrder(before, button)
            before = button
