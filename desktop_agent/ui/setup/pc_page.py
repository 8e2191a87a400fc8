"""The second step: what this PC has, and what it still needs. Nothing here blocks the way."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...core.engines.speed_test import SpeedResult
from ...core.engines.start_ollama import find_ollama
from ...core.errors import AgentError
from ...core.settings import EngineChoice
from ...core.state import StateSnapshot
from ..asking import Asks
from ..labels import SecondaryLabel, title
from ..settings.store import SettingsStore
from . import texts
from .check_row import CheckRow
from .checks import (
    Action,
    SpeedTest,
    Tried,
    check_card,
    check_model,
    check_ollama,
    check_speed,
    has_ollama,
    wanted_model,
)
from .pace import Pace

#: Opened in the browser, and only by its button.
OLLAMA_DOWNLOAD_PAGE = "https://ollama.com/download"


class PcPage(QWidget):
    """Four lines, drawn anew with every snapshot."""

    #: How much of the speed test is done, 0 to 1; sent from the host's thread.
    _tested = Signal(float)

    def __init__(self, asks: Asks, store: SettingsStore) -> None:
        super().__init__()
        self._asks, self._store = asks, store
        self._snapshot: StateSnapshot | None = None
        self._tried = Tried(engine=store.settings.engine)
        self._test, self._pace = SpeedTest(), Pace()
        topics = (texts.CARD, texts.OLLAMA, texts.MODEL, texts.SPEED)
        self.card, self.ollama, self.model, self.speed = self.rows = tuple(CheckRow(topic) for topic in topics)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (title(texts.PC_TITLE), SecondaryLabel(texts.PC_INTRO), *self.rows):
            column.addWidget(widget)
        column.addStretch(1)
        for row in self.rows:
            row.pressed.connect(self._do)
        self._tested.connect(self._say_tested)
        self._draw()

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Draw what the agent says now."""
        self._snapshot = snapshot
        if snapshot.download is not None:
            self._pace.saw(snapshot.download.model, snapshot.download.done_bytes, time.monotonic())
        self._draw()

    def settle(self) -> None:
        """Have Ollama alone compute where it can: the built-in engine beside it would hide that it is down."""
        if self._store.settings.engine is EngineChoice.AUTO and has_ollama(self._snapshot):
            self._store.change(engine=EngineChoice.OLLAMA)

    def _draw(self) -> None:
        installed = find_ollama(os.environ) is not None
        self._tried = replace(self._tried, engine=self._store.settings.engine, installed=installed)
        self.card.show_check(check_card(self._snapshot))
        self.ollama.show_check(check_ollama(self._snapshot, self._tried))
        self.model.show_check(check_model(self._snapshot, self._tried, self._pace.bytes_per_second()))
        self.speed.show_check(check_speed(self._snapshot, self._test))

    def _do(self, action: Action) -> None:
        does: dict[Action, Callable[[], object]] = {
            Action.INSTALL: lambda: QDesktopServices.openUrl(QUrl(OLLAMA_DOWNLOAD_PAGE)),
            Action.START_OLLAMA: self._start_ollama,
            Action.CHECK_AGAIN: self._check_again,
            Action.DOWNLOAD: self._download,
            Action.CANCEL_DOWNLOAD: lambda: self._asks.ask(lambda host: host.cancel_download()),
            Action.TEST: self._begin_test,
            Action.USE_PROCESSOR: lambda: self._choose(EngineChoice.EMBEDDED),
            Action.USE_OLLAMA: lambda: self._choose(EngineChoice.AUTO),
        }
        does[action]()

    def _choose(self, engine: EngineChoice) -> None:
        self._store.change(engine=engine)
        self._draw()

    def _start_ollama(self) -> None:
        self._tried = replace(self._tried, starting=True, start_problem="")
        self._draw()
        self._asks.ask(lambda host: host.start_ollama(), done=self._started, failed=self._not_started)

    def _check_again(self) -> None:
        self._tried = replace(self._tried, start_problem="")
        self._asks.ask(lambda host: host.try_again(), failed=self._not_started)

    def _started(self, _nothing: None) -> None:
        self._tried = replace(self._tried, starting=False)
        self._draw()

    def _not_started(self, error: AgentError) -> None:
        self._tried = replace(self._tried, starting=False, start_problem=error.message)
        self._draw()

    def _download(self) -> None:
        model = wanted_model(self._snapshot)
        self._tried = replace(self._tried, download_problem="")
        self._asks.ask(lambda host: host.download(model), failed=self._not_downloaded)

    def _not_downloaded(self, error: AgentError) -> None:
        self._tried = replace(self._tried, download_problem=error.message)
        self._draw()

    def _begin_test(self) -> None:
        self._test = SpeedTest(share=0.0)
        self._draw()
        self._asks.ask(lambda host: host.speed_test(self._tested.emit), done=self._measured, failed=self._not_measured)

    def _say_tested(self, share: float) -> None:
        if self._test.share is not None:
            self._test = SpeedTest(share=share)
            self._draw()

    def _measured(self, result: SpeedResult) -> None:
        self._test = SpeedTest(result=result)
        self._draw()

    def _not_measured(self, error: AgentError) -> None:
        self._test = SpeedTest(problem=error.message)
        self._draw()
