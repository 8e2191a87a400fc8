"""Where the invite is typed: as one link, or as a server's address and a key."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ...core.errors import InviteLinkInvalid
from ...core.pool.links import find_invite, parse_invite
from ..labels import SecondaryLabel, field_label
from ..language import shown
from . import texts


class InviteFields(QWidget):
    """Two ways to say which pool; one is shown."""

    #: What is typed is another now.
    edited = Signal()
    #: The Enter key was pressed.
    entered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._link = _edit(texts.LINK_EXAMPLE)
        self._server, self._key = _edit(texts.SERVER_EXAMPLE), _edit("")
        self._source = SecondaryLabel(texts.LINK_FROM_CLIPBOARD)
        self._source.hide()
        self._as_link = _column(field_label(texts.LINK_LABEL, self._link), self._link, self._source)
        server, key = field_label(texts.SERVER_LABEL, self._server), field_label(texts.KEY_LABEL, self._key)
        self._apart = _column(server, self._server, key, self._key)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._as_link)
        column.addWidget(self._apart)
        self._show(by_hand=False)
        for edit in (self._link, self._server, self._key):
            edit.textEdited.connect(self._source.hide)
            edit.textChanged.connect(self.edited)
            edit.returnPressed.connect(self.entered)

    @property
    def by_hand(self) -> bool:
        """Tell whether server and key are typed apart."""
        return self._by_hand

    def choose(self, *, by_hand: bool) -> None:
        """Show the other way."""
        self._show(by_hand=by_hand)
        (self._server if by_hand else self._link).setFocus()
        self.edited.emit()

    def link(self) -> str:
        """Give what is typed as one link; empty while something is missing, raw where it makes no sense."""
        if not self.by_hand:
            return self._link.text().strip()
        server, key = self._server.text().strip(), self._key.text().strip()
        if not server or not key:
            return ""
        try:
            invite = parse_invite(key, server)
        except InviteLinkInvalid:
            return key
        return f"{invite.server}/join/{invite.code}"

    def put(self, link: str) -> None:
        """Take over a link that was handed to the application."""
        self._show(by_hand=False)
        self._source.hide()
        self._link.setText(link)

    def take_from_clipboard(self) -> None:
        """Take over an invite that lies on the clipboard, unless something is typed already."""
        if self._link.text() or self.by_hand:
            return
        if link := find_invite(QGuiApplication.clipboard().text()):
            self._link.setText(link)
            self._source.show()

    def _show(self, *, by_hand: bool) -> None:
        self._by_hand = by_hand
        self._as_link.setVisible(not by_hand)
        self._apart.setVisible(by_hand)


def _edit(example: str) -> QLineEdit:
    edit = QLineEdit()
    edit.setPlaceholderText(shown(example))
    edit.setClearButtonEnabled(True)
    return edit


def _column(*widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for widget in widgets:
        column.addWidget(widget)
    return page
