"""The page Hours: the week in which this PC may work."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QTime
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from ...core.settings import DAYS_PER_WEEK, HOURS_PER_DAY
from ..labels import Label, SecondaryLabel, field_label, heading
from ..language import shown
from ..theme import set_look
from . import texts
from .fields import Fields, fill, group, hint, line
from .hours_grid import HoursGrid
from .store import SettingsStore

ALL_DAY = (1 << HOURS_PER_DAY) - 1
#: What the quick choice offers at first: the nights.
USUAL_FROM, USUAL_TO = 20, 8


class HoursPage(QWidget):
    """A box, a grid that counts while the box is ticked, and quick ways to fill it."""

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        self._store = store
        fields = Fields(store, self)
        self.only, self.grid = fields.check_box(texts.ONLY_HOURS, "only_hours"), HoursGrid()
        self.begin, self.end = _hour_box(USUAL_FROM), _hour_box(USUAL_TO)
        self._words, self._count = SecondaryLabel(wraps=False), Label(wraps=False)
        self._parts = self._week()
        self.grid.edited.connect(lambda hours: store.change(hours=hours))
        self.grid.pointed.connect(self._words.say)
        fill(self, heading(texts.HOURS), group(self.only, hint(texts.ONLY_HOURS_HINT), self._parts))
        fields.follow(self._show)

    def _week(self) -> QWidget:
        apply, every, none = (QPushButton(shown(words)) for words in (texts.APPLY, texts.ALL_HOURS, texts.NO_HOURS))
        apply.clicked.connect(lambda: self.fill_day(every_day(self.begin.currentIndex(), self.end.currentIndex())))
        every.clicked.connect(lambda: self.fill_day(ALL_DAY))
        none.clicked.connect(lambda: self.fill_day(0))
        for button in (apply, every, none):
            button.setAutoDefault(False)
        for button in (every, none):
            set_look(button, "flat")
        summary = line(self._count)
        summary.addWidget(self._words)
        since, until = field_label(texts.EVERY_DAY, self.begin), field_label(texts.UNTIL, self.end)
        quick = line(since, self.begin, until, self.end, apply, every, none)
        week = QWidget()
        fill(week, self.grid, summary, quick)
        return week

    def fill_day(self, day: int) -> None:
        """Give every day these hours, as bits."""
        self._store.change(hours=(day,) * DAYS_PER_WEEK)

    def _show(self) -> None:
        settings = self._store.settings
        self._parts.setEnabled(settings.only_hours)
        if settings.hours != self.grid.hours:
            self.grid.put(settings.hours)
        count = sum(day.bit_count() for day in settings.hours)
        self._count.say(texts.hours_allowed(count) if count else texts.NEVER)


def every_day(begin: int, end: int) -> int:
    """Give the bits of the hours from `begin` on, up to `end`; over midnight where that is earlier, all where equal."""
    if begin == end:
        return ALL_DAY
    inside = range(begin, end) if begin < end else (*range(begin, HOURS_PER_DAY), *range(end))
    return sum(1 << hour for hour in inside)


def _hour_box(hour: int) -> QComboBox:
    box = QComboBox()
    box.addItems([QLocale().toString(QTime(each, 0), QLocale.FormatType.ShortFormat) for each in range(HOURS_PER_DAY)])
    box.setCurrentIndex(hour)
    return box
