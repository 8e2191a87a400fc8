"""How far the person has come: one bar per step."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..labels import blend
from ..language import shown
from . import texts

#: Height of a bar, and the gap between two, in pixels.
BAR, GAP = 4, 6


class Steps(QWidget):
    """Bars in a row; those of the steps that are done, and of the present one, are strong."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count, self._reached = count, 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.put(1)

    def put(self, reached: int) -> None:
        """Say which step it is, from 1 on."""
        self._reached = reached
        self.setAccessibleName(shown(texts.step(min(reached, self._count), self._count)))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as a bar."""
        return QSize(self._count * 10 * BAR, BAR)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the bars."""
        palette, painter = self.palette(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        strong = palette.color(QPalette.ColorRole.Highlight)
        weak = blend(palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window), 0.16)
        width = (self.width() - GAP * (self._count - 1)) / self._count
        for step in range(self._count):
            painter.setBrush(strong if step < self._reached else weak)
            painter.drawRoundedRect(QRectF(step * (width + GAP), 0, width, self.height()), BAR / 2, BAR / 2)
