"""Asks the pool about an invite while it is being typed, without using it up."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from ...core.errors import AgentError
from ...core.pool.invite_preview import InvitePreview
from ..asking import Asks

#: Milliseconds without a key before the pool is asked.
TYPING_MS = 400


class InviteCheck(QObject):
    """Asks some time after the last key, and tells only what the last question brought."""

    #: The pool is being asked.
    asking = Signal()
    #: InvitePreview: the invite is good.
    good = Signal(object)
    #: AgentError: it is not, or it cannot be told.
    bad = Signal(object)

    def __init__(self, asks: Asks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asks = asks
        self._link = ""
        self._question = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING_MS)
        self._timer.timeout.connect(self.ask_now)

    def look_at(self, link: str) -> None:
        """Ask about this link, once it has not changed for a moment; an empty one is not asked about."""
        self._link = link
        self._question += 1
        if link:
            self._timer.start()
        else:
            self._timer.stop()

    def ask_now(self) -> None:
        """Ask at once."""
        self._timer.stop()
        if not self._link:
            return
        self._question += 1
        question, link = self._question, self._link
        self.asking.emit()
        self._asks.ask(
            lambda host: host.preview(link),
            done=lambda preview: self._answered(question, preview),
            failed=lambda error: self._failed(question, error),
        )

    def _answered(self, question: int, preview: InvitePreview) -> None:
        if question == self._question:
            self.good.emit(preview)

    def _failed(self, question: int, error: AgentError) -> None:
        if question == self._question:
            self.bad.emit(error)
