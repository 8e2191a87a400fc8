"""What was done is counted by day and in all, kept in a file, and by day forgotten after a while."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from desktop_agent.core.files import write_json
from desktop_agent.core.history import KEEP_DAYS, Day, History, Totals, write_history

TODAY = dt.date(2026, 11, 22)
TOMORROW = TODAY + dt.timedelta(days=1)


def save(history: History, path: Path) -> None:
    counts = history.unsaved()
    assert counts is not None
    write_history(path, counts)


def test_a_day_adds_up_over_restarts(tmp_path: Path) -> None:
    """Counts of one day add up, those of two do not mix, and a restart loses none."""
    path = tmp_path / "history.json"
    history = History.load(path)
    history.add(3, 1, TODAY, seconds=10.5, watt_hours=0.25)
    history.add(4, 0, TODAY)
    history.add(5, 2, TOMORROW, seconds=1.0)
    save(history, path)
    again = History.load(path)
    again.add(1, 1, TODAY, watt_hours=0.5)
    assert again.days(3, TOMORROW) == (
        Day(TODAY - dt.timedelta(days=1)),
        Day(TODAY, texts=8, chats=2, seconds=10.5, watt_hours=0.75),
        Day(TOMORROW, texts=5, chats=2, seconds=1.0),
    )
    assert (again.texts_on(TODAY), again.chats_on(TODAY)) == (8, 2)
    assert again.all_time == Totals(texts=13, chats=4, seconds=11.5, watt_hours=0.75)


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    """An idle agent does not touch the disk."""
    history = History.load(tmp_path / "history.json")
    history.add(0, 0, TODAY, seconds=0.0, watt_hours=0.0)
    assert history.unsaved() is None
    history.add(1, 0, TODAY)
    assert (history.unsaved() or {})["texts"] == {TODAY.isoformat(): 1}
    assert history.unsaved() is None
    history.add(0, 1, TODAY)
    assert (history.unsaved() or {})["chats"] == {TODAY.isoformat(): 1}
    history.add(0, 0, TODAY, seconds=1.5)
    assert (history.unsaved() or {})["seconds"] == {TODAY.isoformat(): 1.5}


def test_old_days_fall_out_of_the_file_but_not_of_the_totals(tmp_path: Path) -> None:
    """The file does not grow for ever; the newest days stay, and what was done in all stays known."""
    history, path = History(), tmp_path / "history.json"
    for number in range(KEEP_DAYS + 10):
        history.add(1, 1, TODAY + dt.timedelta(days=number), seconds=2.0, watt_hours=1.0)
    save(history, path)
    again = History.load(path)
    last = TODAY + dt.timedelta(days=KEEP_DAYS + 9)
    assert (again.texts_on(last), again.texts_on(TODAY)) == (1, 0)
    days = again.days(KEEP_DAYS + 10, last)
    assert [sum(day.texts for day in days), sum(day.chats for day in days)] == [KEEP_DAYS, KEEP_DAYS]
    number = KEEP_DAYS + 10
    assert again.all_time == Totals(number, number, 2.0 * number, 1.0 * number)


def test_a_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    """What it does not have counts as nothing, and its days are the beginning of the totals."""
    write_json(tmp_path / "h.json", {"version": 1, "texts": {"2026-11-21": 5, "2026-11-22": 2}, "chats": {}})
    history = History.load(tmp_path / "h.json")
    assert history.days(2, TODAY) == (Day(TODAY - dt.timedelta(days=1), texts=5), Day(TODAY, texts=2))
    assert history.all_time == Totals(texts=7)


@pytest.mark.parametrize("senseless", ["x", -1, True, None, [1]])
def test_senseless_counts_are_left_out(tmp_path: Path, senseless: object) -> None:
    """A file that somebody edited does not stop the agent, nor do its totals fall below its days."""
    path = tmp_path / "h.json"
    stored = {"2026-11-22": 2, "2026-11-21": senseless}
    write_json(
        path, {"version": 1, "texts": stored, "seconds": senseless, "all_time": {"texts": senseless, "chats": 1}}
    )
    history = History.load(path)
    assert history.days(2, TODAY)[0] == Day(TODAY - dt.timedelta(days=1))
    assert history.all_time == Totals(texts=2, chats=1)
