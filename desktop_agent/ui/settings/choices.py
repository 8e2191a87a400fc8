"""The three answers to "when may it work?", as the first run and the settings offer them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from ...core.settings import WorkWhen
from ..labels import SecondaryLabel
from ..language import shown
from . import texts

#: Space before what belongs to the button above, in pixels: as wide as its circle.
INDENT = 24

_WORDS = {
    WorkWhen.AWAY: texts.WHEN_AWAY,
    WorkWhen.CARD_FREE: texts.WHEN_CARD_FREE,
    WorkWhen.ON_DEMAND: texts.WHEN_ON_DEMAND,
}
_HINTS = {WorkWhen.CARD_FREE: texts.WHEN_CARD_FREE_HINT, WorkWhen.ON_DEMAND: texts.WHEN_ON_DEMAND_HINT}


class WhenChoices(QWidget):
    """Three radio buttons, each with a line that says what it means."""

    #: WorkWhen: another one was chosen.
    chosen = Signal(object)

    def __init__(self, below_away: QWidget) -> None:
        """Take what belongs below the first answer."""
        super().__init__()
        self._group = QButtonGroup(self)
        self._below_away = below_away
        self.buttons = {when: QRadioButton(shown(words)) for when, words in _WORDS.items()}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for when, button in self.buttons.items():
            self._group.addButton(button)
            hint = SecondaryLabel(_HINTS[when]) if when in _HINTS else below_away
            hint.setContentsMargins(INDENT, 0, 0, 8)
            button.clicked.connect(lambda _checked=False, when=when: self._choose(when))
            column.addWidget(button)
            column.addWidget(hint)

    def choice(self) -> WorkWhen:
        """Give the answer; where none of the three is, somebody chose "always" by the command line."""
        checked = [when for when, button in self.buttons.items() if button.isChecked()]
        return checked[0] if checked else WorkWhen.ALWAYS

    def put(self, when: WorkWhen) -> None:
        """Show this answer."""
        if when in self.buttons:
            self.buttons[when].setChecked(True)
            self._below_away.setEnabled(when is WorkWhen.AWAY)

    def _choose(self, when: WorkWhen) -> None:
        self._below_away.setEnabled(when is WorkWhen.AWAY)
        self.chosen.emit(when)
