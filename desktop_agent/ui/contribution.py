"""What this PC has given: three numbers, a month of bars, and the time and energy that it took."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ..core.history import Day
from ..core.text import Text
from . import texts
from .day_texts import day_line, month_line
from .graph import Graph
from .labels import Label, SecondaryLabel
from .language import shown, shown_value
from .panel import Panel

NUMBER_SIZE = 1.35
WEEK_DAYS = 7


class Figure(QWidget):
    """A number with its name."""

    def __init__(self, name: Text) -> None:
        super().__init__()
        self._name = name
        self._number = Label(wraps=False)
        font = self._number.font()
        font.setPointSizeF(font.pointSizeF() * NUMBER_SIZE)
        font.setWeight(QFont.Weight.DemiBold)
        self._number.setFont(font)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(SecondaryLabel(name, wraps=False))
        layout.addWidget(self._number)

    def put(self, number: int) -> None:
        """Show the number."""
        self._number.say(shown_value(number))
        self.setAccessibleName(shown(Text("{name}: {number}", name=self._name, number=number)))


class Contribution(Panel):
    """Draws the days; the line below tells about the day that is looked at, or about the month."""

    def __init__(self) -> None:
        super().__init__()
        self._days: tuple[Day, ...] = ()
        self._figures = {name: Figure(name) for name in (texts.TODAY, texts.WEEK, texts.ALL_TIME)}
        self.graph = Graph()
        self.graph.day_chosen.connect(self._tell)
        self._line = SecondaryLabel(wraps=False)
        self._line.setMinimumWidth(1)  # it may be cut rather than widen the window
        nothing = SecondaryLabel(texts.NO_TEXTS_YET)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(nothing)
        self._pages.addWidget(self._with_graph())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.addWidget(self._pages)

    def _with_graph(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        figures = QHBoxLayout()
        figures.setSpacing(36)
        for figure in self._figures.values():
            figures.addWidget(figure)
        figures.addStretch()
        layout.addLayout(figures)
        layout.addWidget(self.graph, 1)
        layout.addWidget(self._line)
        return page

    def put(self, days: Sequence[Day], all_time: int) -> None:
        """Show these days, the oldest first and today last, and the texts since this PC joined."""
        self._days = tuple(days)
        numbers = [day.texts for day in self._days]
        self._figures[texts.TODAY].put(numbers[-1] if numbers else 0)
        self._figures[texts.WEEK].put(sum(numbers[-WEEK_DAYS:]))
        self._figures[texts.ALL_TIME].put(max(all_time, sum(numbers)))
        self._pages.setCurrentIndex(1 if all_time or any(day.texts or day.chats for day in self._days) else 0)
        self.graph.put(self._days)
        self._tell(self.graph.chosen)

    def _tell(self, place: int) -> None:
        self._line.say(day_line(self._days[place]) if 0 <= place < len(self._days) else month_line(self._days))
