"""The week of hours: with the mouse, with the keyboard, in words, and by the quick choices."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_agent.core.settings import NIGHTS, load_settings
from desktop_agent.ui.settings import texts
from desktop_agent.ui.settings.hours import ALL_DAY, HoursPage, every_day
from desktop_agent.ui.settings.hours_grid import HoursGrid
from desktop_agent.ui.settings.store import SettingsStore

NOTHING = (0,) * 7


@pytest.fixture
def grid(qtbot: QtBot) -> HoursGrid:
    made = HoursGrid()
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.put(NOTHING)
    made.show()
    qtbot.waitExposed(made)
    return made


def middle(grid: HoursGrid, row: int, hour: int) -> QPoint:
    return grid.cell(row, hour).center().toPoint()


def test_a_click_switches_one_hour(grid: HoursGrid) -> None:
    """The cell below the mouse is the one that changes, and a second click takes it back."""
    monday = grid.days.index(0)
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=middle(grid, monday, 22))
    assert grid.hours == (1 << 22, 0, 0, 0, 0, 0, 0)
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=middle(grid, monday, 22))
    assert grid.hours == NOTHING


def test_dragging_paints(grid: HoursGrid) -> None:
    """All cells on the way get what the first one got, those that have it already too."""
    row = grid.days.index(2)
    grid.put((0, 0, 1 << 5, 0, 0, 0, 0))
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=middle(grid, row, 3))
    for hour in (4, 5, 6):
        QTest.mouseMove(grid, middle(grid, row, hour))
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=middle(grid, row, 6))
    assert grid.hours[2] == 0b1111000
    QTest.mouseMove(grid, middle(grid, row, 8))
    assert grid.hours[2] == 0b1111000


def test_by_keyboard(grid: HoursGrid) -> None:
    """Arrows walk, the space bar switches, Shift carries a state along; the edge is the end."""
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Left)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    QTest.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    first, second = grid.days[0], grid.days[1]
    assert (grid.hours[first], grid.hours[second]) == (0b011, 0b100)


def test_a_cell_in_words(grid: HoursGrid) -> None:
    """Who does not see the grid hears where the keyboard is and what is allowed there."""
    row = grid.days.index(6)
    grid.put((0, 0, 0, 0, 0, 0, 1 << 23))
    assert grid.words(row, 23) == "Sunday 23:00–24:00: allowed"
    assert grid.words(row, 0) == "Sunday 00:00–01:00: not allowed"
    assert grid.accessibleName() == texts.GRID_NAME
    assert grid.accessibleDescription() == grid.words(0, 0)


def test_the_week_begins_where_the_country_begins_it(qtbot: QtBot) -> None:
    """The days are in the order that people here know, the settings always begin with Monday."""
    before = QLocale()
    try:
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
        american = HoursGrid()
    finally:
        QLocale.setDefault(before)
    qtbot.addWidget(american)
    assert american.days == [6, 0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [(9, 12, {9, 10, 11}), (22, 2, {22, 23, 0, 1}), (8, 8, set(range(24))), (0, 23, set(range(23)))],
)
def test_every_day_from_to(begin: int, end: int, hours: set[int]) -> None:
    """Over midnight too; the same hour twice is the whole day."""
    assert {hour for hour in range(24) if every_day(begin, end) >> hour & 1} == hours


def test_the_page(qtbot: QtBot, tmp_path: Path) -> None:
    """The grid counts while the box is ticked; the quick choices fill it; no hour at all is warned of."""
    store = SettingsStore(tmp_path / "settings.json")
    page = HoursPage(store)
    qtbot.addWidget(page)
    page.show()
    assert page.grid.hours == NIGHTS
    assert not page.grid.isEnabled()
    page.only.click()
    assert page.grid.isEnabled()
    page.fill_day(every_day(9, 17))
    assert load_settings(tmp_path / "settings.json").hours == (every_day(9, 17),) * 7
    assert page._count.text() == "56 hours a week"
    page.fill_day(0)
    assert page._count.text() == texts.NEVER
    page.fill_day(ALL_DAY)
    QTest.mouseClick(page.grid, Qt.MouseButton.LeftButton, pos=middle(page.grid, page.grid.days.index(0), 0))
    assert load_settings(tmp_path / "settings.json").hours[0] == ALL_DAY - 1
