"""The main window: what happens, why, what this PC has given, and what ran here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QTabWidget, QVBoxLayout, QWidget

from ..core.history import Day
from ..core.ran import TaskEnd
from ..core.state import AgentState, Remedy, StateSnapshot
from ..core.text import Text
from . import texts
from .amounts import ago
from .card_texts import gpu_view, ollama_view, pc_view, pool_view
from .cards import Card
from .contribution import Contribution
from .header import Header
from .icons import app_icon
from .keep_running import KeepRunningQuestion
from .labels import SecondaryLabel
from .language import shown
from .ran_table import RanTable
from .scroll_page import ScrollPage
from .wording import MainAction

#: Two columns of cards need so many times the width of an average letter; below, they stand in one.
TWO_COLUMN_LETTERS = 74
#: Milliseconds between two looks at the clock for "2 minutes ago".
CLOCK_MS = 15_000
#: Share of the screen that the window takes at most when it first opens.
SCREEN_SHARE = 0.92


class StatusWindow(QWidget):
    """Draws snapshots, days and ended tasks, and asks for what its owner wants. While hidden, it draws nothing."""

    join_requested = Signal()
    pause_requested = Signal()
    finish_then_pause_requested = Signal()
    resume_requested = Signal()
    #: Seconds since 1970.
    pause_until_requested = Signal(float)
    work_now_requested = Signal()
    try_again_requested = Signal()
    #: What would end the trouble, and the model to download where it is that.
    remedy_requested = Signal(Remedy, str)
    cancel_download_requested = Signal()
    settings_requested = Signal()
    log_requested = Signal()
    quit_requested = Signal()
    #: Somebody can see the window, or not any more.
    shown_changed = Signal(bool)
    #: Its owner closed it, and EmbedPool goes on.
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: StateSnapshot | None = None
        self._gpu = ""
        self._tray_there = True
        self._fitted = False
        self._question: KeepRunningQuestion | None = None
        self._header = Header()
        self._cards = {
            "gpu": Card(texts.CARD_GPU, "chip"),
            "ollama": Card(texts.CARD_OLLAMA, "engine"),
            "pool": Card(texts.CARD_POOL, "pool"),
            "pc": Card(texts.CARD_PC, "screen"),
        }
        self._grid = QGridLayout()
        self._columns = 0
        self._contribution = Contribution()
        self._ran = RanTable()
        self._last_task = SecondaryLabel()
        self._clock = QTimer(self)
        self._clock.setInterval(CLOCK_MS)
        self._clock.timeout.connect(self._tell_last_task)
        self.setWindowTitle(shown(texts.WINDOW_TITLE))
        self.setWindowIcon(app_icon())
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._grid.setSpacing(12)
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        tabs.tabBar().setDrawBase(False)
        tabs.setAccessibleName(shown(texts.TABS))
        tabs.addTab(self._contribution, shown(texts.TAB_CONTRIBUTION))
        tabs.addTab(self._ran, shown(texts.TAB_RAN))
        tabs.setMinimumHeight(self.fontMetrics().height() * 19)
        page = ScrollPage()
        page.rows.addWidget(self._header)
        page.rows.addLayout(self._grid)
        page.rows.addWidget(tabs, 1)
        page.width_changed.connect(self._place_cards)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(page, 1)
        layout.addLayout(self._footer())
        self._place_cards(self.sizeHint().width())

    def _footer(self) -> QHBoxLayout:
        self._log_button = QPushButton(shown(texts.VIEW_LOG))
        self._settings_button = QPushButton(shown(texts.SETTINGS))
        footer = QHBoxLayout()
        footer.setContentsMargins(22, 10, 22, 16)
        footer.setSpacing(8)
        footer.addWidget(self._last_task, 1)
        footer.addWidget(self._log_button)
        footer.addWidget(self._settings_button)
        return footer

    def _connect(self) -> None:
        self._header.action_requested.connect(self._act)
        self._header.pause_requested.connect(self.pause_requested)
        self._header.finish_then_pause_requested.connect(self.finish_then_pause_requested)
        self._header.pause_until_requested.connect(self.pause_until_requested)
        self._header.work_now_requested.connect(self.work_now_requested)
        self._cards["ollama"].button_clicked.connect(self.cancel_download_requested)
        self._log_button.clicked.connect(self.log_requested)
        self._settings_button.clicked.connect(self.settings_requested)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as two columns of cards need, and as high as shows everything; in letters, so that fonts may grow."""
        letter = self.fontMetrics()
        return QSize(letter.averageCharWidth() * 112, letter.height() * 51)

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Draw the agent's state."""
        snapshot = replace(snapshot, written_at=0.0)
        if snapshot == self._snapshot:
            return
        self._snapshot = snapshot
        if self.isVisible():
            self._draw()

    def show_history(self, days: Sequence[Day], all_time: int) -> None:
        """Draw the days, the oldest first and today last, and the texts since this PC joined."""
        self._contribution.put(days, all_time)

    def show_ran(self, ends: Sequence[TaskEnd]) -> None:
        """Draw the ended tasks, the latest first."""
        self._ran.put(ends)

    def choose_gpu(self, gpu: str) -> None:
        """Show the graphics card with this id; empty means the one with the most memory."""
        self._gpu = gpu
        if self._snapshot is not None and self.isVisible():
            self._draw()

    def set_tray_there(self, there: bool) -> None:
        """Say whether closing the window leaves an icon to come back by; without one, it asks first."""
        self._tray_there = there

    def _draw(self) -> None:
        if self._snapshot is None:
            return
        self._header.put(self._snapshot)
        self._cards["gpu"].put(gpu_view(self._snapshot, self._gpu))
        self._cards["ollama"].put(ollama_view(self._snapshot))
        self._cards["pool"].put(pool_view(self._snapshot))
        self._cards["pc"].put(pc_view(self._snapshot))
        self._tell_last_task()

    def _tell_last_task(self) -> None:
        last = self._snapshot.last_task_at if self._snapshot else None
        if self._snapshot is None or self._snapshot.state is AgentState.SETUP:
            self._last_task.say("")
        elif last is None:
            self._last_task.say(texts.NO_TASK_YET)
        else:
            self._last_task.say(Text("Last task finished {ago}", ago=ago(time.time() - last)))

    def _place_cards(self, width: int) -> None:
        """Stand the cards in two columns, or in one where the window is narrow."""
        columns = 2 if width >= self.fontMetrics().averageCharWidth() * TWO_COLUMN_LETTERS else 1
        if columns == self._columns:
            return
        self._columns = columns
        for place, card in enumerate(self._cards.values()):
            self._grid.addWidget(card, place // columns, place % columns)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, columns - 1)

    def _act(self, action: MainAction) -> None:
        signals = {
            MainAction.JOIN: self.join_requested,
            MainAction.WORK_NOW: self.work_now_requested,
            MainAction.TRY_AGAIN: self.try_again_requested,
            MainAction.RESUME: self.resume_requested,
            MainAction.PAUSE: self.pause_requested,
        }
        if action in signals:
            signals[action].emit()
        elif self._snapshot is not None:
            self.remedy_requested.emit(Remedy(action.value), self._snapshot.remedy_model)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Catch up with what happened while nobody looked."""
        self._draw()
        self._clock.start()
        super().showEvent(event)
        # On no button: a stray press of the space bar is not to pause anything.
        self.setFocus()
        self._fit_to_screen()
        self.shown_changed.emit(True)

    def _fit_to_screen(self) -> None:
        """Be no larger than the screen, the first time; Qt's own limit of two thirds of it would be too small."""
        if not self._fitted:
            self._fitted = True
            self.resize(self.sizeHint().boundedTo(self.screen().availableSize() * SCREEN_SHARE))

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Cost nothing while nobody looks."""
        super().hideEvent(event)
        self._clock.stop()
        self.shown_changed.emit(False)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Hide; where there is no tray to come back by, ask first. The system's own end of a session never waits."""
        if event.spontaneous() and not self._tray_there:
            event.ignore()
            self._ask_to_keep_running()
            return
        event.accept()
        self.closed.emit()

    def _ask_to_keep_running(self) -> None:
        self._question = KeepRunningQuestion(self)
        self._question.keep_chosen.connect(self.close)
        self._question.quit_chosen.connect(self.quit_requested)
        self._question.open()
