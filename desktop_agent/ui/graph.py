"""The graph of what was given on each day: one bar per day, reached by mouse, keyboard and screen reader."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ..core.history import Day
from . import texts
from .day_texts import day_line
from .labels import blend
from .language import shown, shown_value
from .theme import line_colour

#: Share of a day's place that its bar fills, and the widest bar in pixels.
BAR_SHARE, WIDEST_BAR = 0.72, 26.0
CORNER = 3.0
#: Height in pixels of the stub that stands for a day without work.
STUB = 2.0
LABEL_SIZE = 0.85
#: Strength of the days that are not looked at, 0 to 1.
PAST_SHARE = 0.52
#: Days that a screen reader is told at once.
TOLD_DAYS = 7
#: What the top of the scale may be, with any number of zeros.
_STEPS = (2, 4, 6, 8, 10, 12, 16)


def nice_top(most: int) -> int:
    """Give an even, round number at or above the largest value; so its half can be named too."""
    zeros = 1
    while zeros * max(_STEPS) < most:
        zeros *= 10
    return next(step * zeros for step in _STEPS if step * zeros >= most)


class Graph(QWidget):
    """Bars of the texts per day, the oldest first, today last."""

    #: The day that is looked at, as its place in the list; -1 when none is.
    day_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._days: tuple[Day, ...] = ()
        self._chosen = -1
        self.setMinimumHeight(118)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(shown(texts.GRAPH_NAME))

    @property
    def chosen(self) -> int:
        """Tell which day is looked at; -1 when none is."""
        return self._chosen

    def sizeHint(self) -> QSize:  # noqa: N802
        """Prefer a flat shape."""
        return QSize(560, 150)

    def put(self, days: Sequence[Day]) -> None:
        """Show these days."""
        if tuple(days) == self._days:
            return
        self._days = tuple(days)
        self._choose(min(self._chosen, len(self._days) - 1))
        told = [shown(day_line(day)) for day in self._days[-TOLD_DAYS:]]
        self.setAccessibleDescription("\n".join(told))
        self.update()

    def _choose(self, place: int) -> None:
        if place != self._chosen:
            self._chosen = place
            self.day_chosen.emit(place)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Walk from day to day."""
        last = len(self._days) - 1
        at = self._chosen if self._chosen >= 0 else last
        places = {
            Qt.Key.Key_Left: max(0, at - 1),
            Qt.Key.Key_Right: min(last, at + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        place = places.get(Qt.Key(event.key()))
        if place is None or last < 0:
            super().keyPressEvent(event)
            return
        self._choose(place)
        words = shown(day_line(self._days[place]))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Begin with today."""
        super().focusInEvent(event)
        if self._chosen < 0 and event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._choose(len(self._days) - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Look at no day."""
        super().focusOutEvent(event)
        self._choose(-1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Look at the day under the mouse."""
        self._choose(self._place_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Look at no day."""
        super().leaveEvent(event)
        self._choose(-1)

    def event(self, event: QEvent) -> bool:
        """Show a day's tooltip."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            place = self._place_at(QPointF(event.pos()))
            words = shown(day_line(self._days[place])) if place >= 0 else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _place_at(self, at: QPointF) -> int:
        if not self._days or not self._plot().left() <= at.x() < self._plot().right():
            return -1
        return min(len(self._days) - 1, int((at.x() - self._plot().left()) / self._step()))

    def _plot(self) -> QRectF:
        """Give the place of the bars: right of the numbers, above the days' names."""
        metrics = QFontMetrics(self._label_font())
        left = metrics.horizontalAdvance(shown_value(self._top())) + 8
        return QRectF(left, metrics.height() / 2, self.width() - left, self.height() - metrics.height() * 1.5 - 6)

    def _top(self) -> int:
        return nice_top(max((day.texts for day in self._days), default=0))

    def _step(self) -> float:
        return self._plot().width() / max(1, len(self._days))

    def _label_font(self) -> QFont:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * LABEL_SIZE)
        return font

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw lines, bars and names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._label_font())
        plot = self._plot()
        self._draw_lines(painter, plot)
        self._draw_names(painter, plot)
        for place, day in enumerate(self._days):
            self._draw_bar(painter, self._bar(plot, place, day), place)

    def _draw_lines(self, painter: QPainter, plot: QRectF) -> None:
        top = self._top()
        height = painter.fontMetrics().height()
        for value in (0, top // 2, top):
            y = round(plot.bottom() - plot.height() * value / top) + 0.5
            painter.setPen(QPen(line_colour(self.palette()), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(self._quiet())
            place = QRectF(0, y - height / 2, plot.left() - 7, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown_value(value))

    def _draw_names(self, painter: QPainter, plot: QRectF) -> None:
        if not self._days:
            return
        painter.setPen(self._quiet())
        names = QRectF(plot.left(), plot.bottom() + 4, plot.width(), painter.fontMetrics().height() + 2)
        painter.drawText(names, Qt.AlignmentFlag.AlignLeft, shown_value(self._days[0].date))
        painter.drawText(names, Qt.AlignmentFlag.AlignRight, shown(texts.TODAY))

    def _bar(self, plot: QRectF, place: int, day: Day) -> QRectF:
        step = self._step()
        width = min(WIDEST_BAR, step * BAR_SHARE)
        height = max(STUB, plot.height() * day.texts / self._top())
        left = plot.left() + step * place + (step - width) / 2
        return QRectF(left, plot.bottom() - height, width, height)

    def _draw_bar(self, painter: QPainter, bar: QRectF, place: int) -> None:
        accent = self.palette().color(QPalette.ColorRole.Accent)
        surface = self.palette().color(QPalette.ColorRole.Base)
        strong = place == self._chosen or (self._chosen < 0 and place == len(self._days) - 1)
        colour = accent if strong else blend(accent, surface, PAST_SHARE)
        if bar.height() <= STUB:
            colour = blend(colour, line_colour(self.palette()), 0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPath(_rounded_above(bar))
        if place == self._chosen and self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(bar.adjusted(-2.5, -2.5, 2.5, 1.5), CORNER, CORNER)

    def _quiet(self) -> QColor:
        return self.palette().color(QPalette.ColorRole.PlaceholderText)


def _rounded_above(bar: QRectF) -> QPainterPath:
    """Give a bar whose upper corners are round and whose foot stands flat on the line."""
    corner = min(CORNER, bar.height())
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addRoundedRect(bar, corner, corner)
    path.addRect(bar.adjusted(0, corner, 0, 0))
    return path
