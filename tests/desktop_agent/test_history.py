"""Texts and chats are counted by day, kept in a file, and forgotten after a while."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from desktop_agent.core.files import write_json
from desktop_agent.core.history import KEEP_DAYS, History, write_history

TODAY = dt.date(2026, 11, 22)


def save(history: History, path: Path) -> None:
    counts = history.unsaved()
    assert counts is not None
    write_history(path, counts)


def test_a_day_adds_up_over_restarts(tmp_path: Path) -> None:
    """Counts of one day add up, those of two do not mix, and a restart loses none."""
    path = tmp_path / "history.json"
    history = History.load(path)
    history.add(3, 1, TODAY)
    history.add(4, 0, TODAY)
    history.add(5, 2, TODAY + dt.timedelta(days=1))
    save(history, path)
    again = History.load(path)
    again.add(1, 1, TODAY)
    days = [TODAY + dt.timedelta(days=number) for number in (-1, 0, 1)]
    assert [again.texts_on(day) for day in days] == [0, 8, 5]
    assert [again.chats_on(day) for day in days] == [0, 2, 2]


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    """An idle agent does not touch the disk."""
    history = History.load(tmp_path / "history.json")
    history.add(0, 0, TODAY)
    assert history.unsaved() is None
    history.add(1, 0, TODAY)
    assert history.unsaved() == {"texts": {TODAY.isoformat(): 1}, "chats": {}}
    assert history.unsaved() is None
    history.add(0, 1, TODAY)
    assert history.unsaved() == {"texts": {TODAY.isoformat(): 1}, "chats": {TODAY.isoformat(): 1}}


def test_old_days_fall_out(tmp_path: Path) -> None:
    """The file does not grow for ever; the newest days stay."""
    history = History.load(tmp_path / "history.json")
    for number in range(KEEP_DAYS + 10):
        history.add(1, 1, TODAY + dt.timedelta(days=number))
    assert [len(days) for days in (history.unsaved() or {}).values()] == [KEEP_DAYS, KEEP_DAYS]
    assert history.texts_on(TODAY + dt.timedelta(days=KEEP_DAYS + 9)) == 1


def test_senseless_counts_are_left_out(tmp_path: Path) -> None:
    """A file that somebody edited does not stop the agent."""
    write_json(tmp_path / "h.json", {"version": 1, "texts": {"2026-11-22": 2, "2026-11-21": "x", "2026-11-20": -1}})
    assert History.load(tmp_path / "h.json") == History({"2026-11-22": 2}, {})
