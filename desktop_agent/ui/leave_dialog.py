"""The question before this PC leaves its pool, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..core.errors import AgentError
from ..core.pool.links import host_of
from ..core.state import StateSnapshot
from ..core.text import Text
from .asking import Asks
from .labels import Label, heading
from .language import shown
from .marks import Sign
from .notice import Notice

#: Width at 100 %, in pixels.
WIDTH = 440
MARGINS = (24, 20, 24, 18)

TITLE = Text("Leave the pool")
QUESTION = Text("Leave this pool?")
LEAVE = Text("&Leave")
CANCEL = Text("&Cancel")
CLOSE = Text("&Close")
LEAVING = Text("Giving back what is under way, and leaving…")
LEFT = Text("This PC has left the pool. Its key is deleted.")


class LeaveDialog(QDialog):
    """Asks once; Escape and Enter both mean no."""

    #: This PC belongs to no pool any more.
    left = Signal()

    def __init__(self, asks: Asks, snapshot: StateSnapshot | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asks = asks
        self.setWindowTitle(shown(TITLE))
        self._question, self._notice = Label(consequences(snapshot)), Notice()
        self._yes, self._no = QPushButton(shown(LEAVE)), QPushButton(shown(CANCEL))
        self._yes.setAutoDefault(False)
        self._no.setDefault(True)
        self._no.setFocus()
        self._yes.clicked.connect(self._leave)
        self._no.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._yes)
        buttons.addWidget(self._no)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(12)
        for widget in (heading(QUESTION), self._question, self._notice):
            column.addWidget(widget)
        column.addStretch(1)
        column.addLayout(buttons)
        self.setMinimumWidth(WIDTH)

    def _leave(self) -> None:
        self._yes.setEnabled(False)
        self._notice.say(Sign.BUSY, LEAVING)
        self._asks.ask(lambda host: host.leave(), done=self._has_left, failed=self._has_not_left)

    def _has_left(self, untold: AgentError | None) -> None:
        self._yes.hide()
        self._no.setText(shown(CLOSE))
        self._notice.say(*(Sign.GOOD, LEFT) if untold is None else (Sign.ATTENTION, left_untold(untold)))
        self.left.emit()

    def _has_not_left(self, error: AgentError) -> None:
        self._yes.setEnabled(True)
        self._notice.say(Sign.BAD, error.message)


def consequences(snapshot: StateSnapshot | None) -> Text:
    """Say what leaving means."""
    host = host_of(snapshot.server) if snapshot is not None else ""
    if not host:
        return Text("This PC stops working for the pool and its key is deleted. Your contribution stays counted.")
    return Text("This PC stops working for {host} and its key is deleted. Your contribution stays counted.", host=host)


def left_untold(error: AgentError) -> Text:
    """Say that the pool does not know yet, and that this does not matter here."""
    return Text("This PC has left the pool, but the pool could not be told: {why}", why=error.message)
