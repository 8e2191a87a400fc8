"""What ran here, as a table: never a text, the latest first, and without losing the reader's place."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from desktop_agent.core.engines.base import CHAT, EMBEDDING
from desktop_agent.core.ran import HowEnded, TaskEnd
from desktop_agent.ui.ran_table import COLUMNS, RanModel, RanTable

pytestmark = pytest.mark.usefixtures("qapp")
DONE = TaskEnd(1_790_000_000.0, "nomic", EMBEDDING, 32, 4100, 2.34, HowEnded.DONE)
TALKED = TaskEnd(1_790_000_060.0, "llama3", CHAT, 0, 0, 75.0, HowEnded.RELEASED)


def row(model: RanModel, number: int) -> list[object]:
    return [model.data(model.index(number, column)) for column in range(model.columnCount())]


def test_a_row_tells_everything_but_the_text() -> None:
    """Model, amounts, duration, outcome; a chat has no number of texts, and unknown tokens are a dash."""
    model = RanModel()
    model.put((TALKED, DONE))
    assert row(model, 0)[1:] == ["llama3", "Chat", "–", "1 min", "Given back"]
    assert row(model, 1)[1:] == ["nomic", "32", "4,100", "2.3 s", "Done"]
    assert {field.name for field in fields(TaskEnd)} == {
        "finished_at",
        "model",
        "kind",
        "texts",
        "tokens",
        "seconds",
        "outcome",
    }


def test_columns_have_titles() -> None:
    """In the reader's words."""
    model = RanModel()
    titles = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(len(COLUMNS))]
    assert titles == ["Time", "Model", "Texts", "Tokens", "Duration", "Outcome"]


def test_qt_finds_no_fault_with_the_model() -> None:
    """Qt's own check of every rule for models, while rows come and go."""
    model = RanModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for ends in ((), (DONE,), (TALKED, DONE), (DONE,), ()):
        model.put(ends)
        assert model.rowCount() == len(ends)


def test_new_rows_do_not_move_what_is_looked_at() -> None:
    """A selected row stays selected when others come on top; only they are announced."""
    model = RanModel()
    model.put((DONE,))
    looked_at = QPersistentModelIndex(model.index(0, 1))
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    model.put((replace(TALKED, model="two"), TALKED, DONE))
    assert inserted == [(0, 1)]
    assert (looked_at.row(), looked_at.data()) == (2, "nomic")
    model.put((replace(TALKED, model="two"), TALKED, DONE))
    assert inserted == [(0, 1)]


def test_every_outcome_has_words_and_a_hint() -> None:
    """None raises."""
    model = RanModel()
    model.put(tuple(replace(DONE, outcome=outcome) for outcome in HowEnded))
    outcomes = [row(model, number)[-1] for number in range(len(HowEnded))]
    assert len(set(outcomes)) == len(HowEnded)
    assert model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.rowCount(QModelIndex()) == len(HowEnded)


def test_nothing_ran_yet(qtbot: QtBot) -> None:
    """Words instead of an empty table."""
    table = RanTable()
    qtbot.addWidget(table)
    table.show()
    table.put(())
    assert not table.table.isVisible()
    table.put((DONE,))
    assert table.table.isVisible()
