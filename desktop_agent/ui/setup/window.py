"""The window of the first run: join, check this PC, say when it may work."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
)

from ...core.errors import AgentError, NotJoined
from ...core.pool.membership import Membership
from ...core.state import Remedy, StateSnapshot
from ..asking import Asks, Autostart, Verbs, Wishes
from ..autostart_switch import switch_autostart
from ..front import bring_to_front
from ..icons import app_icon
from ..labels import SecondaryLabel
from ..language import shown
from ..leave_dialog import LeaveDialog
from ..scrolling import scrolling
from ..settings.store import SettingsStore
from ..theme import set_look
from . import texts
from .done_page import DonePage
from .join_page import JoinPage
from .pc_page import PcPage
from .steps import Steps
from .when_page import WhenPage

#: Size of the window at 100 %, in pixels; a smaller screen gets a smaller one, which scrolls.
SIZE = QSize(600, 630)
MARGINS = (32, 24, 32, 20)
JOIN, PC, WHEN, DONE = range(4)
STEPS = 3


class SetupWindow(QDialog):
    """Leads through three steps. Until the last one is finished, the agent is paused."""

    #: The person has finished (or left it early, which leaves the agent paused).
    closed = Signal()

    def __init__(self, asks: Asks, wishes: Wishes, store: SettingsStore, autostart: Autostart) -> None:
        super().__init__()
        self._asks, self._wishes, self._store, self._autostart = asks, wishes, store, autostart
        self._again = False
        self._snapshot: StateSnapshot | None = None
        self.setWindowTitle(shown(texts.WINDOW_TITLE))
        self.setWindowIcon(app_icon())
        self.join, self.pc, self.when = JoinPage(asks), PcPage(asks, store), WhenPage()
        self.done_page = DonePage(app_icon())
        self._steps, self._step_words, self._pages = Steps(STEPS), SecondaryLabel(wraps=False), QStackedWidget()
        self._aside, self._cancel, self._next = QPushButton(), QPushButton(), QPushButton()
        self._lay_out()
        self.join.ready_changed.connect(self._next_enabled)
        self.join.join_again_wanted.connect(self._join)
        self.join.leave_wanted.connect(self._leave)
        self._aside.clicked.connect(self._press_aside)
        self._cancel.clicked.connect(self._press_cancel)
        self._next.clicked.connect(self._press_next)
        self.finished.connect(self.closed)
        self._turn_to(JOIN)

    def _lay_out(self) -> None:
        for page in (self.join, self.pc, self.when, self.done_page):
            self._pages.addWidget(scrolling(page))
        for button in (self._aside, self._cancel):
            button.setAutoDefault(False)
        self._next.setDefault(True)
        set_look(self._aside, "flat")
        buttons = QHBoxLayout()
        buttons.addWidget(self._aside)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._next)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(12)
        column.addWidget(self._steps)
        column.addWidget(self._step_words)
        column.addWidget(self._pages, 1)
        column.addLayout(buttons)
        self.resize(SIZE.boundedTo(self.screen().availableSize() * 0.95))

    def open_at_join(self, *, again: bool = False) -> None:
        """Show the first step; `again` after the pool refused this PC's key."""
        self._again = again or (self._snapshot is not None and self._snapshot.remedy is Remedy.JOIN_AGAIN)
        if self._pages.currentIndex() in (JOIN, DONE) or not self.isVisible():
            self.join.begin(again=self._again)
            self._turn_to(JOIN)
        bring_to_front(self)

    def offer_link(self, link: str) -> None:
        """Show the first step with a link that was handed to the application."""
        self.open_at_join()
        if self._pages.currentIndex() == JOIN:
            self.join.fields.put(link)

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Take over what the agent says about itself."""
        self._snapshot = snapshot
        self.pc.show_snapshot(snapshot)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look at the clipboard, now that somebody looks at the window."""
        super().showEvent(event)
        self.join.fields.take_from_clipboard()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Look at the clipboard when its person comes back from where the link is."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.join.fields.take_from_clipboard()

    def _turn_to(self, page: int) -> None:
        self._pages.setCurrentIndex(page)
        self._steps.setVisible(page != DONE)
        self._step_words.setVisible(page != DONE)
        self._steps.put(page + 1)
        self._step_words.say(texts.step(min(page + 1, STEPS), STEPS))
        self._name_buttons(page)
        self._next_enabled(page != JOIN or self.join.ready)
        if page != JOIN:
            self._next.setFocus()

    def _name_buttons(self, page: int) -> None:
        by_hand = texts.BACK_TO_LINK if self.join.fields.by_hand else texts.BY_HAND
        next_words = (texts.JOIN, texts.CONTINUE, texts.FINISH, texts.CLOSE)[page]
        cancel_words = (texts.CANCEL, "", "", texts.WORK_NOW)[page]
        if self._again and page == DONE:
            cancel_words = ""
        for button, words in ((self._aside, by_hand if page == JOIN else ""), (self._cancel, cancel_words)):
            button.setText(shown(words))
            button.setVisible(bool(words))
        self._next.setText(shown(next_words))

    def _next_enabled(self, enabled: bool) -> None:
        self._next.setEnabled(enabled or self._pages.currentIndex() != JOIN)

    def _press_aside(self) -> None:
        self.join.choose(by_hand=not self.join.fields.by_hand)
        self._name_buttons(JOIN)

    def _press_cancel(self) -> None:
        if self._pages.currentIndex() == DONE:
            self._wishes.work_now()
        self.close()

    def _press_next(self) -> None:
        does: tuple[Callable[[], object], ...] = (self._join, self._ask_when, self._finish, self.close)
        does[self._pages.currentIndex()]()

    def _leave(self) -> None:
        LeaveDialog(self._asks, self._snapshot, self).open()

    def _join(self) -> None:
        page, again = self.join, self._again
        link, name, in_file, insecure = page.fields.link(), page.name, page.key_in_file, page.insecure_http
        page.say_joining()
        self._next_enabled(False)
        if not again:
            # Before the server knows this PC: not one text before its person has said when.
            self._wishes.pause()

        async def join(host: Verbs) -> Membership:
            if again:
                with contextlib.suppress(NotJoined):
                    await host.leave()
            return await host.join(link, name, key_in_file=in_file, insecure_http=insecure)

        self._asks.ask(join, done=self._joined, failed=self._not_joined)

    def _joined(self, _member: Membership) -> None:
        self.join.say_joined()
        if self._again:
            self.done_page.say(self._store.settings, again=True)
        self._turn_to(DONE if self._again else PC)

    def _not_joined(self, error: AgentError) -> None:
        if not self._again:
            self._wishes.resume()
        self.join.say_failed(error)
        self._next_enabled(self.join.ready)

    def _ask_when(self) -> None:
        self._store.reload()
        self.when.begin(self._store.settings, start_at_login=self._autostart.suggestion())
        self._turn_to(WHEN)

    def _finish(self) -> None:
        self._store.change(work_when=self.when.choices.choice())
        self.pc.settle()
        problem = switch_autostart(self._autostart, on=self.when.start_at_login.isChecked())
        self._wishes.resume()
        self.done_page.say(self._store.settings, again=False, problem=problem)
        self._turn_to(DONE)
