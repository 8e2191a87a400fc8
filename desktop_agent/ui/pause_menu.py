"""The choices for how long to pause; the tray's menu and the window share them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from ..core.text import Text
from . import texts
from .language import shown

HOUR_SECONDS = 3600
#: "Tomorrow morning", in hours of the clock.
MORNING = 8
#: Until this hour the night still belongs to the day before.
NIGHT_ENDS = 5


def tomorrow_morning(now: float) -> float:
    """Give eight o'clock after the coming night, in seconds since 1970, for a time in the same unit."""
    then = dt.datetime.fromtimestamp(now).astimezone()
    day = then.date() + dt.timedelta(days=0 if then.hour < NIGHT_ENDS else 1)
    return dt.datetime.combine(day, dt.time(MORNING)).astimezone().timestamp()


class PauseMenu(QMenu):
    """How long to pause."""

    #: Seconds since 1970.
    until_chosen = Signal(float)
    until_resumed_chosen = Signal()

    def __init__(self, parent: QWidget | None = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__(shown(texts.PAUSE_FOR), parent)
        self._clock = clock
        self._add(texts.ONE_HOUR, lambda now: now + HOUR_SECONDS)
        self._add(texts.FOUR_HOURS, lambda now: now + 4 * HOUR_SECONDS)
        self._add(texts.UNTIL_MORNING, tomorrow_morning)
        forever = QAction(shown(texts.UNTIL_RESUMED), self)
        forever.triggered.connect(self.until_resumed_chosen)
        self.addAction(forever)

    def _add(self, text: Text, end: Callable[[float], float]) -> None:
        action = QAction(shown(text), self)
        action.triggered.connect(lambda: self.until_chosen.emit(end(self._clock())))
        self.addAction(action)
