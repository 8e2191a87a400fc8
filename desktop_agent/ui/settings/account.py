"""The page Account: which pool, as whom, and the way out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QPushButton, QWidget

from ...core.data_folder import DataFolder
from ...core.errors import AgentError
from ...core.pool.fingerprint import key_ending
from ...core.pool.links import host_of
from ...core.pool.membership import load_membership
from ...core.state import StateSnapshot
from ..asking import Asks
from ..labels import Label, SecondaryLabel, heading
from ..language import shown
from . import texts
from .fields import fill, group, line


class AccountPage(QWidget):
    """Says what the membership says; leaving and joining are the application's affair."""

    leave_requested = Signal()
    join_requested = Signal()

    def __init__(self, asks: Asks, folder: DataFolder) -> None:
        super().__init__()
        self._asks, self._folder = asks, folder
        self.pool, self.server, self.name, self.key, self.done = (Label() for _ in range(5))
        self._not_joined = Label(texts.NOT_JOINED)
        self.leave, self.join = QPushButton(shown(texts.LEAVE)), QPushButton(shown(texts.JOIN))
        self.leave.clicked.connect(self.leave_requested)
        self.join.clicked.connect(self.join_requested)
        self._facts = QWidget()
        form = QFormLayout(self._facts)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(18)
        names = (texts.POOL, texts.SERVER, texts.PC_NAME, texts.KEY, texts.SINCE)
        for words, value in zip(names, (self.pool, self.server, self.name, self.key, self.done), strict=True):
            form.addRow(SecondaryLabel(words, wraps=False), value)
        for button in (self.leave, self.join):
            button.setAutoDefault(False)
        fill(self, heading(texts.ACCOUNT), group(self._facts, self._not_joined, line(self.join, self.leave)))
        self.look()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Read the membership anew."""
        super().showEvent(event)
        self.look()

    def look(self) -> None:
        """Show what this PC belongs to now."""
        member = load_membership(self._folder.membership)
        for widget in (self._facts, self.leave):
            widget.setVisible(member is not None)
        for widget in (self._not_joined, self.join):
            widget.setVisible(member is None)
        if member is None:
            return
        self.pool.say(member.pool or host_of(member.server))
        self.server.say(member.server)
        self.name.say(member.display_name)
        place = texts.KEY_IN_FILE if member.key_in_file else texts.KEY_IN_STORE
        self.key.say(texts.key_words("", place))
        if self.isVisible():
            self._asks.ask(
                lambda _host: key_ending(self._folder),
                done=lambda ending: self.key.say(texts.key_words(ending, place)),
                failed=self._say_no_key,
            )

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Take over what was done so far, as the server counts it where that is known."""
        counted = snapshot.texts_all_time if snapshot.pool_status is None else snapshot.pool_status.texts_total
        self.done.say(texts.contribution(counted))

    def _say_no_key(self, error: AgentError) -> None:
        self.key.say(error.message)
