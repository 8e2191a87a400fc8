"""The small sign before a line that says how something is: drawn, told by its shape and not by its colour alone."""

from __future__ import annotations

import math
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPalette, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..core.text import Text
from .labels import blend
from .language import shown

#: Edge of a mark at 100 %, in pixels.
MARK_SIZE = 18
#: Milliseconds between two pictures of the turning arc, and degrees that it turns between them.
TURN_MS, TURN_DEGREES = 50, 18
#: Share of the text's colour in the ring for what is not done yet.
RING_SHARE = 0.4


class Sign(Enum):
    """What a mark says."""

    NONE = ""
    OPEN = "open"  # nothing known or nothing done yet
    BUSY = "busy"  # under way
    GOOD = "good"
    ATTENTION = "attention"  # worth a look, but no hindrance
    BAD = "bad"  # does not work


_COLOURS = {Sign.GOOD: "#2e9e5b", Sign.ATTENTION: "#c07c00", Sign.BAD: "#d04437"}
_WORDS = {
    Sign.OPEN: Text("Not done yet"),
    Sign.BUSY: Text("Under way"),
    Sign.GOOD: Text("In order"),
    Sign.ATTENTION: Text("Worth a look"),
    Sign.BAD: Text("A problem"),
}


class Mark(QWidget):
    """One sign; it turns while something is under way and it can be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._sign = Sign.NONE
        self._angle = 0
        self._timer = QTimer(self)
        self._timer.setInterval(TURN_MS)
        self._timer.timeout.connect(self._turn)

    @property
    def sign(self) -> Sign:
        """Tell what is shown."""
        return self._sign

    def put(self, sign: Sign) -> None:
        """Show a sign."""
        self._sign = sign
        words = _WORDS.get(sign)
        self.setAccessibleName("" if words is None else shown(words))
        self._run()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Always the same, so that no line moves."""
        return QSize(MARK_SIZE, MARK_SIZE)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Turn again."""
        super().showEvent(event)
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Cost nothing while nobody looks."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the sign."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        if self._sign is Sign.BUSY:
            _draw_arc(painter, area, self._angle, self.palette().color(QPalette.ColorRole.Highlight))
        elif self._sign is Sign.OPEN:
            painter.setPen(QPen(_ring(self.palette()), 1.6))
            painter.drawEllipse(area.adjusted(1, 1, -1, -1))
        elif self._sign is not Sign.NONE:
            _draw_disc(painter, area, self._sign)

    def _turn(self) -> None:
        self._angle = (self._angle + TURN_DEGREES) % 360
        self.update()

    def _run(self) -> None:
        if self._sign is Sign.BUSY and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()


def _ring(palette: QPalette) -> QColor:
    return blend(palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window), RING_SHARE)


def _draw_arc(painter: QPainter, area: QRectF, angle: int, colour: QColor) -> None:
    painter.setPen(QPen(colour, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    # Qt counts sixteenths of a degree, against the clock.
    painter.drawArc(area.adjusted(1, 1, -1, -1), -angle * 16, 270 * 16)


def _draw_disc(painter: QPainter, area: QRectF, sign: Sign) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(_COLOURS[sign]))
    painter.drawEllipse(area)
    pen = QPen(QColor("white"), 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    at = area.center()
    unit = area.width() / 16
    if sign is Sign.GOOD:
        _draw_line(painter, at, unit, (-3.8, 0.4), (-1.1, 3.0), (3.9, -2.9))
    elif sign is Sign.ATTENTION:
        _draw_line(painter, at, unit, (0, -4.4), (0, 0.9))
        painter.drawPoint(at + QPointF(0, 4.3) * unit)
    else:
        reach = 4.4 / math.sqrt(2)
        _draw_line(painter, at, unit, (-reach, -reach), (reach, reach))
        _draw_line(painter, at, unit, (-reach, reach), (reach, -reach))


def _draw_line(painter: QPainter, at: QPointF, unit: float, *points: tuple[float, float]) -> None:
    painter.drawPolyline([at + QPointF(x, y) * unit for x, y in points])
