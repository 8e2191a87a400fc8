"""What ran here is remembered: so many tasks, the latest first, over restarts, without a word of theirs."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

from desktop_agent.core.engines.base import CHAT, EMBEDDING
from desktop_agent.core.files import write_json
from desktop_agent.core.ran import KEEP_TASKS, WRITE_SECONDS, HowEnded, Ran, TaskEnd, write_ran

END = TaskEnd(1795362740.5, "nomic-embed-text", EMBEDDING, 32, 4100, 0.25, HowEnded.DONE)
CHATTED = TaskEnd(1795362750.0, "qwen2.5:7b", CHAT, 0, 900, 12.0, HowEnded.RELEASED)


def test_it_comes_back_after_a_restart_the_latest_first(tmp_path: Path) -> None:
    """Everything about the tasks survives the file."""
    ran, path = Ran(), tmp_path / "ran.json"
    ran.note(END)
    ran.note(CHATTED)
    write_ran(path, ran.unsaved(0.0) or ())
    assert Ran.load(path).newest() == (CHATTED, END)
    assert Ran.load(path).newest(1) == (CHATTED,)


def test_only_the_last_tasks_are_kept(tmp_path: Path) -> None:
    """Neither the list nor its file grows for ever."""
    ran, path = Ran(), tmp_path / "ran.json"
    for number in range(KEEP_TASKS + 3):
        ran.note(replace(END, texts=number))
    write_ran(path, ran.unsaved(0.0) or ())
    kept = [end.texts for end in Ran.load(path).newest()]
    assert kept == list(range(KEEP_TASKS + 2, 2, -1))


def test_it_is_written_now_and_then_and_at_the_end() -> None:
    """Nothing new is not written, what is new only every few seconds, and at the end at once."""
    ran = Ran()
    assert ran.unsaved(0.0, at_once=True) is None
    ran.note(END)
    assert ran.unsaved(100.0) == (END,)
    assert ran.unsaved(200.0) is None
    ran.note(CHATTED)
    ran.unsaved(300.0)
    ran.note(END)
    assert ran.unsaved(300.0 + WRITE_SECONDS - 0.1) is None
    assert ran.unsaved(300.0 + WRITE_SECONDS) == (END, CHATTED, END)
    ran.note(END)
    assert ran.unsaved(300.0 + WRITE_SECONDS, at_once=True) == (END, CHATTED, END, END)


def test_the_file_has_no_place_for_texts(tmp_path: Path) -> None:
    """What is kept of a task are numbers, its kind, its model and how it ended."""
    write_ran(tmp_path / "ran.json", (END,))
    (stored,) = json.loads((tmp_path / "ran.json").read_text(encoding="utf-8"))["tasks"]
    assert set(stored) == {"finished_at", "model", "kind", "texts", "tokens", "seconds", "outcome"}
    assert {field.name for field in fields(TaskEnd)} == set(stored)


@pytest.mark.parametrize(
    "broken",
    [None, [], "x", {}, {"finished_at": 1}, {**asdict(END), "texts": "x"}, {**asdict(END), "outcome": "eaten"}],
)
def test_entries_that_make_no_sense_are_left_out(tmp_path: Path, broken: object) -> None:
    """A file that somebody edited does not stop the agent."""
    path = tmp_path / "ran.json"
    write_json(path, {"version": 1, "tasks": [asdict(END), broken, asdict(CHATTED)]})
    assert Ran.load(path).newest() == (CHATTED, END)
    write_json(path, {"version": 1, "tasks": broken})
    assert Ran.load(path).newest() == ()
