"""The log window follows the file, filters it, and does not grow without end."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop_agent.ui.log_tail import FIRST_BYTES, MOST_LINES, LogTail
from desktop_agent.ui.log_window import LogWindow


def record(level: str, words: str) -> str:
    return f"2026-11-22 20:00:00,000 {level:7} desktop_agent.core.work.worker: {words}\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "agent.log"
    path.write_text(record("INFO", "Joined") + record("WARNING", "Slow") + record("ERROR", "Broken") + "Traceback\n")
    return path


@pytest.fixture
def window(qtbot: QtBot, log: Path) -> LogWindow:
    made = LogWindow(log.parent)
    qtbot.addWidget(made)
    made.show()
    return made


def lines(window: LogWindow) -> list[str]:
    return [line.rpartition(": ")[2] for line in window.lines.toPlainText().splitlines()]


def choose(window: LogWindow, level: int) -> None:
    window.level.setCurrentIndex(window.level.findData(level))


def test_it_follows(window: LogWindow, log: Path, qtbot: QtBot) -> None:
    """What is written while it is open shows up by itself, half a line only when it is whole."""
    assert lines(window) == ["Joined", "Slow", "Broken", "Traceback"]
    with log.open("a") as file:
        file.write(record("INFO", "More") + "2026-11-22 20:00:01,000 INFO    x: Ha")
    qtbot.waitUntil(lambda: lines(window)[-1] == "More")
    with log.open("a") as file:
        file.write("lf\n")
    qtbot.waitUntil(lambda: lines(window)[-1] == "Half")


def test_levels(window: LogWindow) -> None:
    """A traceback belongs to the error that it follows."""
    choose(window, logging.ERROR)
    assert lines(window) == ["Broken", "Traceback"]
    choose(window, logging.WARNING)
    assert lines(window) == ["Slow", "Broken", "Traceback"]


def test_search_and_copy(window: LogWindow) -> None:
    """Only what is looked for is shown, and only what is shown is copied."""
    window.search.setText("JOIN")
    assert lines(window) == ["Joined"]
    window.copy()
    assert QGuiApplication.clipboard().text() == record("INFO", "Joined").strip()


def test_no_log_yet(qtbot: QtBot, tmp_path: Path) -> None:
    """A first start has nothing to show, and shows it as soon as there is."""
    window = LogWindow(tmp_path)
    qtbot.addWidget(window)
    window.show()
    assert lines(window) == []
    (tmp_path / "agent.log").write_text(record("INFO", "Begun"))
    qtbot.waitUntil(lambda: lines(window) == ["Begun"])


def test_a_rotated_file(log: Path) -> None:
    """When the file is put aside, the new one is read from its beginning."""
    tail = LogTail(log)
    assert len(tail.read_on()) == 4
    log.rename(log.with_name("agent.log.1"))
    new = [record("INFO", f"New, and longer than the old one was: {n}") for n in range(9)]
    log.write_text("".join(new))
    assert [line.words for line in tail.read_on()] == [line.strip() for line in new]


def test_it_never_grows_without_end(log: Path, qtbot: QtBot) -> None:
    """However much was or is written, only the end is read and kept."""
    log.write_text("".join(record("INFO", f"number {n}") for n in range(20_000)))
    assert log.stat().st_size > 2 * FIRST_BYTES
    window = LogWindow(log.parent)
    qtbot.addWidget(window)
    window.show()
    assert lines(window)[-1] == "number 19999"
    assert len(lines(window)) <= MOST_LINES
    with log.open("a") as file:
        file.writelines(record("INFO", f"more {n}") for n in range(20_000))
    window.look()
    assert lines(window)[-1] == "more 19999"
    assert len(lines(window)) <= MOST_LINES
    assert len(window._tail.lines) <= MOST_LINES
