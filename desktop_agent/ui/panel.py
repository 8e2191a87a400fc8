"""A rounded surface that holds what belongs together."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from .labels import blend

#: Radius of the corners, and the space between edge and content, in pixels.
CORNER = 8
INSET = (14, 12, 14, 12)


class Panel(QWidget):
    """Paints itself in the colours of the present palette."""

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the surface and its edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        base, window = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Window)
        # In the dark a card is a little brighter than the window, as on paper it is whiter.
        dark = window.lightnessF() < 0.5
        painter.setBrush(blend(palette.color(QPalette.ColorRole.WindowText), window, 0.05) if dark else base)
        painter.setPen(blend(palette.color(QPalette.ColorRole.WindowText), window, 0.14))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)
