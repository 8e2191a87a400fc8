"""One line of the second step, drawn: sign, topic, how it stands, a bar where something goes on, and buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout

from ..labels import SecondaryLabel, heading
from ..language import shown
from ..marks import Mark
from ..panel import INSET, Panel
from .checks import FULL, Action, Button, Check

#: Height of the bar, in pixels.
BAR_HEIGHT = 6


class CheckRow(Panel):
    """Shows one Check after the other; buttons that stay keep the focus."""

    #: Action: its button was pressed.
    pressed = Signal(object)

    def __init__(self, topic: str) -> None:
        super().__init__()
        self._topic, self._mark = SecondaryLabel(topic, wraps=False), Mark()
        self._value, self._detail, self._bar = heading(""), SecondaryLabel(), QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(BAR_HEIGHT)
        self._bar.setAccessibleName(shown(topic))
        self._buttons: dict[Action, QPushButton] = {}
        self._actions = QHBoxLayout()
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(3)
        for widget in (self._topic, self._value, self._bar, self._detail):
            words.addWidget(widget)
        self._actions.setSpacing(8)
        words.addSpacing(3)
        words.addLayout(self._actions)
        row = QHBoxLayout(self)
        row.setContentsMargins(*INSET)
        row.setSpacing(12)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def show_check(self, check: Check) -> None:
        """Draw how it stands now."""
        self._mark.put(check.sign)
        self._value.say(check.value)
        self._detail.say(check.detail)
        self._detail.setVisible(bool(check.detail))
        self._bar.setVisible(check.progress is not None)
        if check.progress is not None:
            self._bar.setRange(0, FULL if check.progress >= 0 else 0)
            self._bar.setValue(check.progress)
        self._show_buttons(check.buttons)
        said = (self._topic.text(), self._mark.accessibleName(), self._value.text(), self._detail.text())
        self.setAccessibleName(". ".join(filter(None, said)))

    def _show_buttons(self, wanted: tuple[Button, ...]) -> None:
        if not self._actions.count():
            self._actions.addStretch(1)
        for button in wanted:
            if button.action not in self._buttons:
                self._buttons[button.action] = self._make(button.action)
            self._buttons[button.action].setText(shown(button.words or button.action.value))
        actions = [button.action for button in wanted]
        for action, made in self._buttons.items():
            made.setVisible(action in actions)

    def _make(self, action: Action) -> QPushButton:
        button = QPushButton(self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.pressed.emit(action))
        self._actions.insertWidget(self._actions.count() - 1, button)
        return button
