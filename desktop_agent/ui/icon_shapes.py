"""What our icons look like, drawn in a square of side 1: every state has a shape of its own, not only a colour."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPainterPath, QPen, QPolygonF

from ..core.state import AgentState

#: Discs and rings of the states. Each is at least 3:1 against white and against the dark of panels.
STATE_COLOURS = {
    AgentState.SETUP: "#74818f",
    AgentState.ERROR: "#d5382c",
    AgentState.OFFLINE: "#74818f",
    AgentState.PAUSED: "#c47a00",
    AgentState.WAITING: "#5f7f9f",
    AgentState.READY: "#4d83b8",
    AgentState.WORKING: "#24984f",
}
#: The drawing is a little smaller than its square, as the panels' own icons are.
_DISC = QRectF(0.05, 0.05, 0.90, 0.90)
_RING_WIDTH = 0.12
_POOL_TOP, _POOL_BOTTOM = "#3f8cf0", "#1747a6"


def draw_state(painter: QPainter, state: AgentState, *, mono: bool) -> None:
    """Draw a state's icon; `mono` makes it a mask for the menu bar of macOS: black, with the sign cut out."""
    colour = QColor(Qt.GlobalColor.black) if mono else QColor(STATE_COLOURS[state])
    painter.setPen(Qt.PenStyle.NoPen)
    if state in (AgentState.SETUP, AgentState.OFFLINE, AgentState.READY):
        _ring(painter, colour)
    else:
        painter.setBrush(colour)
        painter.drawEllipse(_DISC)
        colour = QColor(Qt.GlobalColor.white)
        if mono:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    _SIGNS[state](painter, colour)


def _ring(painter: QPainter, colour: QColor) -> None:
    inset = _RING_WIDTH / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, _RING_WIDTH))
    painter.drawEllipse(_DISC.adjusted(inset, inset, -inset, -inset))


def _stroke(painter: QPainter, colour: QColor, width: float, *lines: QLineF) -> None:
    painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLines(lines)


def _plus(painter: QPainter, colour: QColor) -> None:
    _stroke(painter, colour, 0.11, QLineF(0.5, 0.32, 0.5, 0.68), QLineF(0.32, 0.5, 0.68, 0.5))


def _exclamation(painter: QPainter, colour: QColor) -> None:
    _stroke(painter, colour, 0.13, QLineF(0.5, 0.27, 0.5, 0.53))
    _dot(painter, colour, 0.073, QPointF(0.5, 0.735))


def _slash(painter: QPainter, colour: QColor) -> None:
    """A bar from edge to edge, with a gap beside it that keeps it apart from the ring."""
    bar = QLineF(0.12, 0.12, 0.88, 0.88)
    mode = painter.compositionMode()
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    _stroke(painter, QColor(Qt.GlobalColor.black), 0.25, bar)
    painter.setCompositionMode(mode)
    _stroke(painter, colour, 0.115, bar)


def _bars(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    for left in (0.325, 0.5625):
        painter.drawRoundedRect(QRectF(left, 0.3125, 0.125, 0.375), 0.03, 0.03)


def _clock(painter: QPainter, colour: QColor) -> None:
    _stroke(painter, colour, 0.105, QLineF(0.5, 0.25, 0.5, 0.52), QLineF(0.5, 0.52, 0.68, 0.63))


def _centre(painter: QPainter, colour: QColor) -> None:
    _dot(painter, colour, 0.18, QPointF(0.5, 0.5))


def _play(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    painter.setPen(QPen(colour, 0.06, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolygon(QPolygonF([QPointF(0.41, 0.31), QPointF(0.41, 0.69), QPointF(0.71, 0.5)]))


def _dot(painter: QPainter, colour: QColor, radius: float, centre: QPointF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(centre, radius, radius)


_SIGNS: dict[AgentState, Callable[[QPainter, QColor], None]] = {
    AgentState.SETUP: _plus,
    AgentState.ERROR: _exclamation,
    AgentState.OFFLINE: _slash,
    AgentState.PAUSED: _bars,
    AgentState.WAITING: _clock,
    AgentState.READY: _centre,
    AgentState.WORKING: _play,
}


def draw_app(painter: QPainter) -> None:
    """Draw the program's icon: a drop above the ripples of a pool."""
    square = QRectF(0.04, 0.04, 0.92, 0.92)
    shade = QLinearGradient(square.topLeft(), square.bottomLeft())
    shade.setColorAt(0, QColor(_POOL_TOP))
    shade.setColorAt(1, QColor(_POOL_BOTTOM))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(shade))
    painter.drawRoundedRect(square, 0.22, 0.22)
    white = QColor(Qt.GlobalColor.white)
    painter.setBrush(white)
    painter.drawPath(_drop())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for width, height, strength in ((0.30, 0.10, 1.0), (0.60, 0.235, 0.75)):
        white.setAlphaF(strength)
        painter.setPen(QPen(white, 0.058, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawEllipse(QRectF(0.5 - width / 2, 0.665 - height / 2, width, height))


def _drop() -> QPainterPath:
    drop = QPainterPath(QPointF(0.5, 0.15))
    drop.cubicTo(QPointF(0.54, 0.25), QPointF(0.615, 0.31), QPointF(0.615, 0.395))
    drop.cubicTo(QPointF(0.615, 0.46), QPointF(0.563, 0.51), QPointF(0.5, 0.51))
    drop.cubicTo(QPointF(0.437, 0.51), QPointF(0.385, 0.46), QPointF(0.385, 0.395))
    drop.cubicTo(QPointF(0.385, 0.31), QPointF(0.46, 0.25), QPointF(0.5, 0.15))
    return drop


def draw_card_sign(painter: QPainter, sign: str, colour: QColor) -> None:
    """Draw the line drawing of a card: "chip", "engine", "pool" or "screen"."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 0.075, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    _CARD_SIGNS[sign](painter)


def _chip(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(0.22, 0.22, 0.56, 0.56), 0.08, 0.08)
    painter.drawRoundedRect(QRectF(0.39, 0.39, 0.22, 0.22), 0.03, 0.03)
    for at in (0.36, 0.64):
        painter.drawLines(
            [
                QLineF(at, 0.08, at, 0.22),
                QLineF(at, 0.78, at, 0.92),
                QLineF(0.08, at, 0.22, at),
                QLineF(0.78, at, 0.92, at),
            ]
        )


def _engine(painter: QPainter) -> None:
    """Layers, as of a model."""
    painter.drawPolygon(QPolygonF([QPointF(0.5, 0.12), QPointF(0.9, 0.33), QPointF(0.5, 0.54), QPointF(0.1, 0.33)]))
    for drop in (0.17, 0.34):
        painter.drawPolyline(
            QPolygonF([QPointF(0.1, 0.33 + drop), QPointF(0.5, 0.54 + drop), QPointF(0.9, 0.33 + drop)])
        )


def _pool(painter: QPainter) -> None:
    """Two joined to one."""
    for centre in (QPointF(0.5, 0.22), QPointF(0.2, 0.76), QPointF(0.8, 0.76)):
        painter.drawEllipse(centre, 0.12, 0.12)
    painter.drawLines([QLineF(0.44, 0.34, 0.27, 0.65), QLineF(0.56, 0.34, 0.73, 0.65), QLineF(0.33, 0.76, 0.67, 0.76)])


def _screen(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(0.1, 0.16, 0.8, 0.52), 0.07, 0.07)
    painter.drawLines([QLineF(0.5, 0.68, 0.5, 0.86), QLineF(0.32, 0.87, 0.68, 0.87)])


_CARD_SIGNS: dict[str, Callable[[QPainter], None]] = {
    "chip": _chip,
    "engine": _engine,
    "pool": _pool,
    "screen": _screen,
}
