"""The first step: which pool, and under which name."""

from __future__ import annotations

import platform
from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ...core.errors import AgentError
from ...core.pool.enrolment import MAX_OWN_NAME_CHARACTERS
from ...core.pool.invite_preview import InvitePreview
from ..asking import Asks
from ..labels import Label, SecondaryLabel, field_label, title
from ..marks import Sign
from ..notice import Notice
from . import texts
from .invite_check import InviteCheck
from .invite_fields import InviteFields
from .promises import Promises
from .ways_out import LABELS, WayOut, ways_out, words_of

#: Milliseconds after which joining is probably waiting for the key store's password.
PASSWORD_HINT_MS = 3000


class JoinPage(QWidget):
    """Checks the invite while it is typed; what happens on Join is the window's affair."""

    #: The invite is good enough to join, or no longer.
    ready_changed = Signal(bool)
    #: A button below an error asks to join once more.
    join_again_wanted = Signal()
    #: A button below an error asks to leave the pool that this PC belongs to.
    leave_wanted = Signal()

    def __init__(self, asks: Asks) -> None:
        super().__init__()
        self.fields, self.notice, self._name = InviteFields(), Notice(keeps_room=True), QLineEdit(_own_name())
        self._name.setMaxLength(MAX_OWN_NAME_CHARACTERS)
        self._title, self._intro, self._promises = title(texts.JOIN_TITLE), Label(texts.JOIN_INTRO), Promises()
        self._ready = False
        self._again = False
        self.key_in_file = self.insecure_http = False
        self._check = InviteCheck(asks, self)
        self._check.asking.connect(self._say_asking)
        self._check.good.connect(self._say_good)
        self._check.bad.connect(self._say_unusable)
        self.fields.edited.connect(self._edited)
        self.fields.entered.connect(self._entered)
        self._password_hint = QTimer(self)
        self._password_hint.setSingleShot(True)
        self._password_hint.setInterval(PASSWORD_HINT_MS)
        self._password_hint.timeout.connect(lambda: self.notice.say(Sign.BUSY, texts.UNLOCK_HINT))
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._intro)
        column.addSpacing(8)
        column.addWidget(self.fields)
        column.addWidget(self.notice)
        column.addSpacing(8)
        column.addWidget(field_label(texts.NAME_LABEL, self._name))
        column.addWidget(self._name)
        column.addWidget(SecondaryLabel(texts.NAME_HINT))
        column.addSpacing(10)
        column.addWidget(self._promises)
        column.addStretch(1)

    @property
    def ready(self) -> bool:
        """Tell whether there is an invite to join with."""
        return self._ready

    @property
    def name(self) -> str:
        """Give what this PC shall be called."""
        return self._name.text().strip()

    def begin(self, *, again: bool) -> None:
        """Start afresh; `again` after the pool refused the key of before."""
        self._again = again
        self.key_in_file = self.insecure_http = False
        self._title.say(texts.JOIN_AGAIN_TITLE if again else texts.JOIN_TITLE)
        self.choose(by_hand=False)

    def choose(self, *, by_hand: bool) -> None:
        """Have a link typed, or server and key apart."""
        usual = texts.JOIN_AGAIN_INTRO if self._again else texts.JOIN_INTRO
        self._intro.say(texts.BY_HAND_INTRO if by_hand else usual)
        self.fields.choose(by_hand=by_hand)

    def say_joining(self) -> None:
        """Show that joining is under way; nothing can be typed meanwhile."""
        self._set_ready(False)
        self._set_editable(False)
        self.notice.say(Sign.BUSY, texts.JOINING)
        self._password_hint.start()

    def say_failed(self, error: AgentError) -> None:
        """Show why joining failed, and the ways out."""
        self._end_joining()
        offers = [(LABELS[way], lambda way=way: self._go(way, self.join_again_wanted.emit)) for way in ways_out(error)]
        self.notice.say(Sign.BAD, words_of(error), offers)

    def say_joined(self) -> None:
        """Make ready for another time."""
        self._end_joining()
        self.fields.put("")

    def _end_joining(self) -> None:
        self._password_hint.stop()
        self._set_editable(True)

    def _set_editable(self, editable: bool) -> None:
        for widget in (self.fields, self._name):
            widget.setEnabled(editable)

    def _edited(self) -> None:
        self.insecure_http = False
        self._set_ready(False)
        self.notice.clear()
        self._check.look_at(self.fields.link())

    def _entered(self) -> None:
        """Do not make somebody wait who has said that the link is complete."""
        if not self._ready:
            self._check.ask_now()

    def _say_asking(self) -> None:
        self.notice.say(Sign.BUSY, texts.CHECKING)

    def _say_good(self, preview: InvitePreview) -> None:
        self.notice.say(Sign.GOOD, texts.found(preview.host, preview.pool, preview.volunteers))
        self._set_ready(True)

    def _say_unusable(self, error: AgentError) -> None:
        offers = [(LABELS[way], lambda way=way: self._go(way, self._check.ask_now)) for way in ways_out(error)]
        self.notice.say(Sign.ATTENTION, words_of(error), offers)

    def _go(self, way: WayOut, once_more: Callable[[], None]) -> None:
        """Do what a button below an error says; `once_more` is what trying again means there."""
        if way is WayOut.LEAVE:
            self.leave_wanted.emit()
            return
        if way is WayOut.WITHOUT_ENCRYPTION:
            self.insecure_http = True
            self.notice.say(Sign.ATTENTION, texts.WITHOUT_ENCRYPTION_CHOSEN)
            self._set_ready(True)
            return
        if way is WayOut.KEEP_IN_FILE:
            self.key_in_file = True
            self._promises.say_key_in_file()
        once_more()

    def _set_ready(self, ready: bool) -> None:
        self._ready = ready
        self.ready_changed.emit(ready)


def _own_name() -> str:
    return platform.node()[:MAX_OWN_NAME_CHARACTERS]
