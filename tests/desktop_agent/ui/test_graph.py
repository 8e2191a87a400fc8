"""The graph by mouse, keyboard and screen reader."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_agent.core.history import Day
from desktop_agent.ui.contribution import Contribution
from desktop_agent.ui.graph import Graph
from desktop_agent.ui.labels import Label

TODAY = dt.date(2026, 11, 22)
DAYS = tuple(Day(TODAY - dt.timedelta(days=29 - n), n * 10, 0, n * 60.0, n * 1.0) for n in range(30))


@pytest.fixture
def graph(qtbot: QtBot) -> Graph:
    made = Graph()
    qtbot.addWidget(made)
    made.resize(600, 150)
    made.put(DAYS)
    made.show()
    return made


def test_keys_walk_from_day_to_day(graph: Graph, qtbot: QtBot) -> None:
    """Left and right stop at the ends; Home and End lead there."""
    places: list[int] = []
    graph.day_chosen.connect(places.append)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_Left):
        QTest.keyClick(graph, key)
    assert places == [28, 27, 28, 29, 0]


def move_mouse(graph: Graph, x: int) -> None:
    """Move the mouse over the graph, wherever it was left by another test."""
    at = QPointF(x, 60)
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, at, graph.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(graph, event)


def test_the_mouse_looks_at_the_day_below_it(graph: Graph, qtbot: QtBot) -> None:
    """From the first bar to the last; beside them there is no day."""
    move_mouse(graph, 598)
    assert graph.chosen == 29
    move_mouse(graph, 3)
    assert graph.chosen == -1


def test_a_screen_reader_is_told_the_last_week(graph: Graph) -> None:
    """Name and description, one line for each day."""
    told = QAccessible.queryAccessibleInterface(graph)
    assert told.text(QAccessible.Text.Name) == "Texts per day, the last 30 days"
    lines = told.text(QAccessible.Text.Description).splitlines()
    assert len(lines) == 7
    assert lines[-1].endswith("290 texts, 29 min of work, about 29 Wh")


def test_equal_days_are_not_drawn_again(graph: Graph, qtbot: QtBot) -> None:
    """The same numbers cost nothing."""
    qtbot.waitExposed(graph)
    qtbot.wait(50)
    drawn = graph.grab()
    graph.put(tuple(replace(day) for day in DAYS))
    assert graph.grab().toImage() == drawn.toImage()
    graph.put((*DAYS[:-1], replace(DAYS[-1], texts=5)))
    assert graph.grab().toImage() != drawn.toImage()


def words(widget: Contribution) -> list[str]:
    return [label.text() for label in widget.findChildren(Label) if label.isVisible()]


def test_the_numbers_above_and_the_line_below(qtbot: QtBot) -> None:
    """Today, seven days, all time; the month's time and energy, or the day that is looked at."""
    made = Contribution()
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.put(DAYS, 12_345)
    made.show()
    assert words(made) == [
        "Today",
        "290",
        "7 days",
        "1,820",
        "All time",
        "12,345",
        "30 days: 7 h 15 min of work, about 435 Wh",
    ]
    QTest.keyClick(made.graph, Qt.Key.Key_Home)
    assert words(made)[-1].endswith(": 0 texts")


def test_no_day_yet(qtbot: QtBot) -> None:
    """Words instead of an empty frame."""
    made = Contribution()
    qtbot.addWidget(made)
    made.put((), 0)
    made.show()
    assert words(made) == ["Your first texts will show up here."]
