"""What ran here, task by task: when, which model, how much, how long, how it ended. Never a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedWidget, QTableView, QVBoxLayout, QWidget

from ..core.engines.base import CHAT
from ..core.ran import HowEnded, TaskEnd
from ..core.text import Moment, Text
from . import texts
from .amounts import duration
from .labels import SecondaryLabel
from .language import shown, shown_value

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_OUTCOMES = {
    HowEnded.DONE: Text("Done"),
    HowEnded.FAILED: Text("Could not be done"),
    HowEnded.RELEASED: Text("Given back"),
    HowEnded.REFUSED: Text("No longer wanted"),
}
_OUTCOME_HINTS = {
    HowEnded.DONE: Text("Computed here and handed to the pool."),
    HowEnded.FAILED: Text("This PC could not do it. Another one will."),
    HowEnded.RELEASED: Text("You came back, or it was paused: another PC goes on with it."),
    HowEnded.REFUSED: Text("Computed here, but the pool had the result already or did not need it any more."),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, what stands in it, and whether that is a number."""

    title: Text
    words: Callable[[TaskEnd], str]
    is_number: bool = False


COLUMNS = (
    Column(texts.COLUMN_TIME, lambda end: shown_value(Moment(end.finished_at))),
    Column(texts.COLUMN_MODEL, lambda end: end.model),
    Column(texts.COLUMN_TEXTS, lambda end: shown(texts.CHAT) if end.kind == CHAT else shown_value(end.texts), True),
    Column(texts.COLUMN_TOKENS, lambda end: shown_value(end.tokens) if end.tokens else "–", True),
    Column(texts.COLUMN_DURATION, lambda end: _seconds(end.seconds), True),
    Column(texts.COLUMN_OUTCOME, lambda end: shown(_OUTCOMES[end.outcome])),
)
#: The column that takes the room that is left.
WIDE_COLUMN = 1


def _seconds(seconds: float) -> str:
    """Write the short durations of tasks with a decimal."""
    return shown(Text("{s} s", s=round(seconds, 1)) if seconds < 10 else duration(seconds))


class RanModel(QAbstractTableModel):
    """Rows of ended tasks, the latest first."""

    def __init__(self) -> None:
        super().__init__()
        self._ends: tuple[TaskEnd, ...] = ()

    def put(self, ends: Sequence[TaskEnd]) -> None:
        """Show these tasks, the latest first; new ones are put on top without losing the place that is looked at."""
        ends = tuple(ends)
        new = len(ends) - len(self._ends)
        if ends == self._ends:
            return
        if self._ends and new > 0 and ends[new:] == self._ends:
            self.beginInsertRows(QModelIndex(), 0, new - 1)
            self._ends = ends
            self.endInsertRows()
            return
        self.beginResetModel()
        self._ends = ends
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802
        """Tell how many tasks there are."""
        return 0 if parent is not None and parent.isValid() else len(self._ends)

    def columnCount(self, parent: _Index | None = None) -> int:  # noqa: N802
        """Tell how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        """Give the words of a cell, its alignment, or the hint about an outcome."""
        end, column = self._ends[index.row()], COLUMNS[index.column()]
        if role == _Role.DisplayRole:
            return column.words(end)
        if role == _Role.TextAlignmentRole:
            return _alignment(column)
        if role == _Role.ToolTipRole:
            return shown(_OUTCOME_HINTS[end.outcome])
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> object:
        """Give a column's title."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _Role.DisplayRole:
            return shown(COLUMNS[section].title)
        return _alignment(COLUMNS[section]) if role == _Role.TextAlignmentRole else None


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class RanTable(QWidget):
    """The table, or words while it is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.model = RanModel()
        self.table = _table(self.model)
        nothing = SecondaryLabel(texts.NOTHING_RAN)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(nothing)
        self._pages.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._pages, 1)
        layout.addWidget(SecondaryLabel(texts.RAN_PROMISE))

    def put(self, ends: Sequence[TaskEnd]) -> None:
        """Show these tasks, the latest first."""
        self.model.put(ends)
        self._pages.setCurrentIndex(1 if ends else 0)


def _table(model: RanModel) -> QTableView:
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(shown(texts.TAB_RAN))
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setFrameShape(QTableView.Shape.NoFrame)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(round(table.fontMetrics().height() * 1.75))
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(WIDE_COLUMN, QHeaderView.ResizeMode.Stretch)
    return table
