"""A page that scrolls on small screens, and whose lines do not grow too long on large ones."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

#: Widest content, as a multiple of the width of an average letter.
WIDEST_LETTERS = 150


class ScrollPage(QScrollArea):
    """Holds `rows`, one below the other."""

    #: The width for the content, in pixels.
    width_changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = QWidget()
        self._content.setMaximumWidth(self.fontMetrics().averageCharWidth() * WIDEST_LETTERS)
        self.rows = QVBoxLayout(self._content)
        self.rows.setContentsMargins(22, 20, 22, 6)
        self.rows.setSpacing(16)
        around = QWidget()
        row = QHBoxLayout(around)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self._content, 1000)
        row.addStretch(1)
        self.setWidget(around)
        # The window's own colour shows through, light or dark.
        self.viewport().setAutoFillBackground(False)
        around.setAutoFillBackground(False)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As wide as the content must be: it scrolls up and down only."""
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._content.minimumSizeHint().width() + bar, super().minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Pass on that the content needs another width; QScrollArea, which watches it, would keep that to itself."""
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Tell the new width."""
        super().resizeEvent(event)
        self.width_changed.emit(min(self.viewport().width(), self._content.maximumWidth()))
