"""Durations, energy and the days of the graph in words; how long "until tomorrow morning" is."""

from __future__ import annotations

import datetime as dt

import pytest

from desktop_agent.core.history import Day
from desktop_agent.ui.amounts import ago, duration, energy
from desktop_agent.ui.day_texts import day_line, month_line
from desktop_agent.ui.graph import nice_top
from desktop_agent.ui.pause_menu import tomorrow_morning


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (7800, "2 h 10 min"), (86400, "24 h 0 min"), (3 * 86400, "3 days")],
)
def test_durations(seconds: float, words: str) -> None:
    """Rounded down to what a person wants to know."""
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "less than a minute ago"), (60, "1 minute ago"), (7200, "2 hours ago"), (90_000, "1 day ago")],
)
def test_ago(seconds: float, words: str) -> None:
    """With the right form for one."""
    assert ago(seconds) == words


def test_energy_is_an_estimate() -> None:
    """It says so, and changes to kWh."""
    assert [energy(wh) for wh in (140.4, 3210)] == ["about 140 Wh", "about 3.2 kWh"]


def test_a_day_in_words() -> None:
    """Texts, chats where there were any, time and energy where they are known."""
    day = Day(dt.date(2026, 11, 18), 9214, 0, 7800.0, 140.0)
    assert day_line(day).endswith(": 9,214 texts, 2 h 10 min of work, about 140 Wh")
    assert day_line(Day(dt.date(2026, 11, 18), 1, 2)).endswith(": 1 text, 2 chats")


def test_a_month_in_words() -> None:
    """The sums; nothing where there is nothing to sum."""
    days = [Day(dt.date(2026, 11, n), 10, 1, 3600.0, 500.0) for n in (1, 2, 3)]
    assert month_line(days) == "3 days: 3 chats, 3 h 0 min of work, about 1.5 kWh"
    assert month_line([Day(dt.date(2026, 11, 1))]) == ""


@pytest.mark.parametrize(("most", "top"), [(0, 2), (1, 2), (7, 8), (12, 12), (13, 16), (17, 20), (11_999, 12_000)])
def test_the_scale_ends_at_a_round_number(most: int, top: int) -> None:
    """At or above the largest value, and even, so that its half can be named."""
    assert nice_top(most) == top


@pytest.mark.parametrize(("hour", "days"), [(20, 1), (9, 1), (2, 0)])
def test_tomorrow_morning(hour: int, days: int) -> None:
    """Eight o'clock after the coming night; at two in the night that is today's."""
    now = dt.datetime(2026, 11, 22, hour).astimezone()
    expected = dt.datetime(2026, 11, 22 + days, 8).astimezone()
    assert tomorrow_morning(now.timestamp()) == expected.timestamp()
