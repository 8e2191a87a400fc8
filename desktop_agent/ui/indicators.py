"""Boxes to tick and radio buttons that can be seen in the light and in the dark: Fusion's own all but vanish there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QWidget

from .labels import blend

#: Share of the text's colour in the edge of an empty box: at least 3:1 against what is around it.
EDGE_SHARE = 0.55
#: Radius of a box's corners, as a share of its edge.
CORNER = 0.22

_Primitive = QStyle.PrimitiveElement
_BOXES = (_Primitive.PE_IndicatorCheckBox, _Primitive.PE_IndicatorItemViewItemCheck)


class IndicatorStyle(QProxyStyle):
    """Fusion, with indicators of our own."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def drawPrimitive(  # noqa: N802
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw a box or a circle; everything else is Fusion's affair."""
        if element not in _BOXES and element is not _Primitive.PE_IndicatorRadioButton:
            super().drawPrimitive(element, option, painter, widget)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _draw(painter, option, is_box=element in _BOXES)
        painter.restore()


def _draw(painter: QPainter, option: QStyleOption, *, is_box: bool) -> None:
    area = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
    edge = min(area.width(), area.height())
    area = QRectF(area.center().x() - edge / 2, area.center().y() - edge / 2, edge, edge)
    state: QStyle.StateFlag = option.state
    palette: QPalette = option.palette
    enabled = bool(state & QStyle.StateFlag.State_Enabled)
    on = bool(state & QStyle.StateFlag.State_On)
    fill, line = _colours(palette, on=on, enabled=enabled)
    painter.setBrush(fill)
    focused = bool(state & QStyle.StateFlag.State_HasFocus)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.WindowText) if focused else line, 2 if focused else 1.2))
    if is_box:
        painter.drawRoundedRect(area, edge * CORNER, edge * CORNER)
    else:
        painter.drawEllipse(area)
    if on:
        _draw_mark(painter, area, edge, is_box=is_box)


def _colours(palette: QPalette, *, on: bool, enabled: bool) -> tuple[QColor, QColor]:
    """Give the colours of the inside and of the edge."""
    text, base = palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Base)
    if not enabled:
        faint = blend(text, base, 0.35)
        return (faint if on else base), faint
    if on:
        strong = palette.color(QPalette.ColorRole.Highlight)
        return strong, strong
    return base, blend(text, base, EDGE_SHARE)


def _draw_mark(painter: QPainter, area: QRectF, edge: float, *, is_box: bool) -> None:
    """Draw a tick, or a dot."""
    white = QColor("white")
    if not is_box:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(white)
        painter.drawEllipse(area.center(), edge * 0.2, edge * 0.2)
        return
    pen = QPen(white, edge * 0.15, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    points = ((0.24, 0.53), (0.43, 0.71), (0.77, 0.31))
    painter.drawPolyline([QPointF(area.left() + x * edge, area.top() + y * edge) for x, y in points])
