"""The top of the window: icon, state, reason, and the one button that helps most."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from ..core.state import AgentState, StateSnapshot
from ..core.text import Text
from . import texts
from .icons import state_icon
from .labels import SecondaryLabel, title
from .language import shown
from .pause_menu import PauseMenu
from .theme import set_look
from .wording import MainAction, detail, drawn_state, headline, main_action, main_label, status_line

ICON_PIXELS = 52
BUTTON_WIDTH = 128
#: Actions that are a way out of a problem or a start: their button is the filled one.
_HELPFUL = frozenset(MainAction) - {MainAction.PAUSE}
#: States in which there is a choice of pauses.
_PAUSABLE = (AgentState.ERROR, AgentState.OFFLINE, AgentState.WAITING, AgentState.READY, AgentState.WORKING)


class Header(QWidget):
    """Shows the state, and asks for the main action or one of those beside it."""

    #: The `MainAction` that was asked for.
    action_requested = Signal(object)
    finish_then_pause_requested = Signal()
    pause_requested = Signal()
    #: Seconds since 1970.
    pause_until_requested = Signal(float)
    work_now_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: StateSnapshot | None = None
        self._picture = QLabel()
        self._picture.setFixedSize(ICON_PIXELS, ICON_PIXELS)
        self._headline = title(Text(""))
        self._detail = SecondaryLabel()
        self._button = QPushButton()
        self._button.setMinimumWidth(BUTTON_WIDTH)
        self._button.clicked.connect(self._ask)
        self._more = QPushButton("⋯")
        self._more.setAccessibleName(shown(texts.MORE))
        self._more.setToolTip(shown(texts.MORE_HINT))
        self._menu = self._make_menu()
        self._more.setMenu(self._menu)
        self._lay_out()

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        pauses = PauseMenu(menu)
        pauses.until_chosen.connect(self.pause_until_requested)
        pauses.until_resumed_chosen.connect(self.pause_requested)
        menu.addMenu(pauses)
        self._finish = menu.addAction(shown(texts.FINISH_THEN_PAUSE))
        self._finish.triggered.connect(self.finish_then_pause_requested)
        self._work_now = menu.addAction(shown(texts.WORK_NOW))
        self._work_now.triggered.connect(self.work_now_requested)
        return menu

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addStretch()
        words.addWidget(self._headline)
        words.addWidget(self._detail)
        words.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self._picture)
        layout.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self._button)
        buttons.addWidget(self._more)
        layout.addLayout(buttons)

    def put(self, snapshot: StateSnapshot) -> None:
        """Show the state; a screen reader is told when it changes."""
        before, self._snapshot = self._snapshot, snapshot
        self._headline.say(headline(snapshot))
        self._detail.say(detail(snapshot))
        self._detail.setVisible(bool(self._detail.text()))
        self._button.setText(shown(main_label(snapshot)))
        self._show_choices(snapshot.state)
        if before is None or drawn_state(before) is not drawn_state(snapshot):
            self._draw_state(snapshot)
        if before is None or main_action(before) is not main_action(snapshot):
            set_look(self._button, "main" if main_action(snapshot) in _HELPFUL else "")
        if before is not None and headline(before) != headline(snapshot):
            self._announce(snapshot)

    def _show_choices(self, state: AgentState) -> None:
        self._more.setVisible(state in _PAUSABLE)
        self._finish.setVisible(state is AgentState.WORKING)
        self._work_now.setVisible(state is AgentState.WAITING)

    def event(self, event: QEvent) -> bool:
        """Draw the icon again on a screen of another scale."""
        if event.type() is QEvent.Type.DevicePixelRatioChange and self._snapshot is not None:
            self._draw_state(self._snapshot)
        return super().event(event)

    def _draw_state(self, snapshot: StateSnapshot) -> None:
        size = QSize(ICON_PIXELS, ICON_PIXELS)
        self._picture.setPixmap(state_icon(drawn_state(snapshot)).pixmap(size, self.devicePixelRatioF()))

    def _announce(self, snapshot: StateSnapshot) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, shown(status_line(snapshot))))

    def _ask(self) -> None:
        if self._snapshot is not None:
            self.action_requested.emit(main_action(self._snapshot))
