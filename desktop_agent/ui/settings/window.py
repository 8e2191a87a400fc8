"""The settings window: pages on the left, each change in force at once, and nothing to confirm."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ...core.data_folder import DataFolder
from ...core.errors import AgentError
from ...core.state import StateSnapshot
from ..about import AboutPanel
from ..asking import Asks, Autostart
from ..front import bring_to_front
from ..icons import app_icon
from ..language import shown
from ..marks import Sign
from ..notice import Notice
from ..scrolling import scrolling
from . import texts
from .account import AccountPage
from .advanced import AdvancedPage
from .card import CardPage
from .general import GeneralPage
from .hours import HoursPage
from .ollama import OllamaPage
from .small_pages import NotificationsPage, UpdatesPage
from .store import SettingsStore

#: Size at 100 %, in pixels; a smaller screen gets a smaller window, which scrolls.
SIZE = QSize(800, 700)
MARGINS = (16, 16, 16, 14)


class SettingsWindow(QDialog):
    """Shows one page at a time. Escape closes it; there is nothing to take back."""

    leave_requested = Signal()
    join_requested = Signal()
    log_requested = Signal()
    copy_diagnostics_requested = Signal()
    update_requested = Signal()

    def __init__(self, asks: Asks, folder: DataFolder, store: SettingsStore, autostart: Autostart) -> None:
        super().__init__()
        self._store = store
        self.setWindowTitle(shown(texts.WINDOW_TITLE))
        self.setWindowIcon(app_icon())
        self.general, self.hours, self.card = GeneralPage(store, autostart), HoursPage(store), CardPage(store)
        self.ollama, self.account = OllamaPage(asks, store), AccountPage(asks, folder)
        self.updates, self.advanced, self.about = UpdatesPage(store), AdvancedPage(store, folder), AboutPanel()
        self.notifications = NotificationsPage(store)
        self.names, self._pages, self._problem = QListWidget(), QStackedWidget(), Notice()
        self._pass_on()
        self._lay_out()

    def _pass_on(self) -> None:
        self.account.leave_requested.connect(self.leave_requested)
        self.account.join_requested.connect(self.join_requested)
        self.advanced.log_requested.connect(self.log_requested)
        self.updates.update_requested.connect(self.update_requested)
        for page in (self.advanced, self.about):
            page.copy_diagnostics_requested.connect(self.copy_diagnostics_requested)
        self._store.failed.connect(self._say_not_saved)
        self._store.changed.connect(lambda _settings: self._problem.clear())

    def _pages_by_name(self) -> tuple[tuple[str, QWidget], ...]:
        return (
            (texts.GENERAL, self.general),
            (texts.HOURS, self.hours),
            (texts.CARD, self.card),
            (texts.OLLAMA, self.ollama),
            (texts.ACCOUNT, self.account),
            (texts.NOTIFICATIONS, self.notifications),
            (texts.UPDATES, self.updates),
            (texts.ADVANCED, self.advanced),
            (texts.ABOUT, self.about),
        )

    def _lay_out(self) -> None:
        self.names.setAccessibleName(shown(texts.PAGES))
        self.names.setObjectName("pages")
        for name, page in self._pages_by_name():
            self.names.addItem(shown(name))
            self._pages.addWidget(scrolling(page))
        self.names.setFixedWidth(self.names.sizeHintForColumn(0) + 40)
        self.names.currentRowChanged.connect(self._pages.setCurrentIndex)
        self.names.setCurrentRow(0)
        close = QPushButton(shown(texts.CLOSE))
        close.setDefault(True)
        close.clicked.connect(self.close)
        sides = QHBoxLayout()
        sides.setSpacing(14)
        sides.addWidget(self.names)
        sides.addWidget(self._pages, 1)
        bottom = QHBoxLayout()
        bottom.addWidget(self._problem, 1)
        bottom.addStretch(0)
        bottom.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(12)
        column.addLayout(sides, 1)
        column.addLayout(bottom)
        for key, step in ((QKeySequence.StandardKey.NextChild, 1), (QKeySequence.StandardKey.PreviousChild, -1)):
            QShortcut(QKeySequence(key), self).activated.connect(lambda step=step: self._turn(step))
        self.resize(SIZE.boundedTo(self.screen().availableSize() * 0.95))

    def show_page(self, page: QWidget | None = None) -> None:
        """Open the window, at one of its pages or where it was."""
        for row, (_, each) in enumerate(self._pages_by_name()):
            if each is page:
                self.names.setCurrentRow(row)
        bring_to_front(self)

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Take over what the agent says about itself."""
        for page in (self.card, self.ollama, self.account, self.updates, self.advanced):
            page.show_snapshot(snapshot)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show what is so now, whoever changed it since."""
        super().showEvent(event)
        self._store.reload()
        self.general.look_at_login()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Write what waits for the next turn of a wheel."""
        super().hideEvent(event)
        self._store.flush()

    def _turn(self, step: int) -> None:
        self.names.setCurrentRow((self.names.currentRow() + step) % self.names.count())

    def _say_not_saved(self, error: AgentError) -> None:
        self._problem.say(Sign.BAD, texts.not_saved(error.message))
