"""The week as a grid of hours: painted with the mouse, or walked through with the arrow keys."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...core.settings import DAYS_PER_WEEK, HOURS_PER_DAY
from ...core.text import Text
from ..labels import blend
from ..language import shown
from . import texts

#: Edge of a cell at its smallest, the gap between two, and the room above the cells, in pixels.
CELL, GAP, TOP = 18, 2, 20
#: Hours between two that are named above the grid.
NAMED_HOURS = 3

_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class HoursGrid(QWidget):
    """Seven rows of 24 cells. The days stand in the order of the reader's country."""

    #: A tuple of seven numbers, Monday first, as in the settings: other hours were chosen.
    edited = Signal(object)
    #: str: the words for the cell that the keyboard is at, or the mouse.
    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(shown(texts.GRID_NAME))
        first = QLocale().firstDayOfWeek().value - 1
        #: Days, 0 for Monday, from the top row down.
        self.days = [(first + row) % DAYS_PER_WEEK for row in range(DAYS_PER_WEEK)]
        self._hours = (0,) * DAYS_PER_WEEK
        #: Row and hour that the keyboard is at.
        self._at = (0, 0)
        #: What the mouse paints while its button is down, and where it began; None while it is up.
        self._painting: bool | None = None

    @property
    def hours(self) -> tuple[int, ...]:
        """Give what is shown."""
        return self._hours

    def put(self, hours: tuple[int, ...]) -> None:
        """Show these hours."""
        self._hours = hours
        self._describe()
        self.update()

    def is_allowed(self, row: int, hour: int) -> bool:
        """Tell whether a cell is on."""
        return bool(self._hours[self.days[row]] >> hour & 1)

    def words(self, row: int, hour: int) -> Text:
        """Name a cell."""
        day = QLocale().dayName(self.days[row] + 1, QLocale.FormatType.LongFormat)
        return texts.hour_words(day, hour, self.is_allowed(row, hour))

    def sizeHint(self) -> QSize:  # noqa: N802
        """Give the size at which a cell is a square."""
        return QSize(self._left() + HOURS_PER_DAY * (CELL + GAP), TOP + DAYS_PER_WEEK * (CELL + GAP))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Never let cells vanish."""
        return QSize(self._left() + HOURS_PER_DAY * (CELL // 2 + GAP), self.sizeHint().height())

    def cell(self, row: int, hour: int) -> QRectF:
        """Give where a cell is painted."""
        width = (self.width() - self._left()) / HOURS_PER_DAY
        return QRectF(self._left() + hour * width, TOP + row * (CELL + GAP), width - GAP, CELL)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Walk with the arrows, switch with the space bar; Shift and an arrow carry the present cell's state along."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is not None:
            allowed = self.is_allowed(*self._at)
            row, hour = self._at[0] + step[0], self._at[1] + step[1]
            self._at = (min(max(row, 0), DAYS_PER_WEEK - 1), min(max(hour, 0), HOURS_PER_DAY - 1))
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._set(*self._at, allowed)
            self._describe()
            self.update()
        elif event.key() == Qt.Key.Key_Space:
            self._set(*self._at, not self.is_allowed(*self._at))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin to paint: with the opposite of what the cell is."""
        cell = self._cell_at(event.position().toPoint())
        if cell is not None and event.button() is Qt.MouseButton.LeftButton:
            self._painting = not self.is_allowed(*cell)
            self._at = cell
            self._set(*cell, self._painting)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Paint on, or name the cell below the mouse."""
        cell = self._cell_at(event.position().toPoint())
        if cell is None:
            return
        if self._painting is not None and self.is_allowed(*cell) != self._painting:
            self._at = cell
            self._set(*cell, self._painting)
        self.pointed.emit(shown(self.words(*cell)))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Stop painting."""
        self._painting = None

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Say where the keyboard is."""
        super().focusInEvent(event)
        self._describe()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw names and cells."""
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        window, text = palette.color(QPalette.ColorRole.Window), palette.color(QPalette.ColorRole.WindowText)
        on, off = palette.color(QPalette.ColorRole.Highlight), blend(text, window, 0.10)
        self._draw_names(painter)
        for row in range(DAYS_PER_WEEK):
            for hour in range(HOURS_PER_DAY):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(on if self.is_allowed(row, hour) else off)
                painter.drawRoundedRect(self.cell(row, hour), 3, 3)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(text, 2))
            painter.drawRoundedRect(self.cell(*self._at), 3, 3)

    def _draw_names(self, painter: QPainter) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        for row, day in enumerate(self.days):
            cell = self.cell(row, 0)
            name = QLocale().dayName(day + 1, QLocale.FormatType.ShortFormat)
            area = QRectF(0, cell.top(), self._left() - 8, cell.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
        for hour in range(0, HOURS_PER_DAY, NAMED_HOURS):
            area = QRectF(self.cell(0, hour).left(), 0, 60, TOP - 4)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{hour:02}:00")

    def _left(self) -> int:
        """Give the room that the days' names take."""
        names = [QLocale().dayName(day + 1, QLocale.FormatType.ShortFormat) for day in range(DAYS_PER_WEEK)]
        return max(self.fontMetrics().horizontalAdvance(name) for name in names) + 8

    def _cell_at(self, point: QPoint) -> tuple[int, int] | None:
        row = (point.y() - TOP) // (CELL + GAP)
        hour = int((point.x() - self._left()) * HOURS_PER_DAY / max(1, self.width() - self._left()))
        inside = 0 <= row < DAYS_PER_WEEK and 0 <= hour < HOURS_PER_DAY and point.x() >= self._left()
        return (row, hour) if inside else None

    def _set(self, row: int, hour: int, allowed: bool) -> None:
        day, bit = self.days[row], 1 << hour
        before = self._hours[day]
        changed = before | bit if allowed else before & ~bit
        if changed != before:
            self.put((*self._hours[:day], changed, *self._hours[day + 1 :]))
            self.edited.emit(self._hours)

    def _describe(self) -> None:
        """Tell a screen reader, and whoever listens, which cell it is."""
        words = shown(self.words(*self._at))
        self.setAccessibleDescription(words)
        if self.hasFocus():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
            self.pointed.emit(words)
