"""The tray's menu: what stands in it in each state, in which order, and what its items ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop_agent.core import messages
from desktop_agent.core.state import AgentState, Remedy, StateSnapshot
from desktop_agent.ui.pause_menu import HOUR_SECONDS, PauseMenu
from desktop_agent.ui.tray_menu import TrayMenu
from tests.desktop_agent.ui.snapshots import MODEL, joined

WORKING = replace(joined(AgentState.WORKING, "x"), model=MODEL, texts_per_minute=412, texts_today=8412)
ALWAYS = ["Open EmbedPool", "Settings…", "Help", "Quit EmbedPool"]
PAUSABLE = ["Pause", "Pause for"]


@pytest.fixture
def menu(qtbot: QtBot) -> TrayMenu:
    made = TrayMenu()
    qtbot.addWidget(made)
    return made


def lines(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isVisible() and not action.isSeparator()]


def find(menu: QMenu, text: str) -> QAction:
    return next(action for action in walk(menu) if action.text() == text)


def walk(menu: QMenu) -> Iterator[QAction]:
    for action in menu.actions():
        yield action
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from walk(inner)


def test_the_order(menu: TrayMenu) -> None:
    """State and today's texts first, then open, pauses, finish; settings, help; quit last."""
    menu.show_snapshot(replace(WORKING, update="0.3.0"))
    assert lines(menu) == [
        f"Working: {MODEL} · 412 texts per minute",
        "8,412 texts today",
        "Open EmbedPool",
        "Pause",
        "Pause for",
        "Finish, then pause",
        "Update to 0.3.0…",
        "Settings…",
        "Help",
        "Quit EmbedPool",
    ]
    assert menu.defaultAction().text() == "Open EmbedPool"


@pytest.mark.parametrize(
    ("snapshot", "between"),
    [
        (StateSnapshot(AgentState.SETUP, messages.states.NOT_JOINED), ["Join a pool…"]),
        (replace(joined(AgentState.ERROR, "E"), remedy=Remedy.START_OLLAMA), [*PAUSABLE, "Start Ollama"]),
        (joined(AgentState.OFFLINE, "O"), PAUSABLE),
        (joined(AgentState.PAUSED, messages.states.PAUSED), ["Resume"]),
        (joined(AgentState.WAITING, "W"), [*PAUSABLE, "Work now"]),
        (joined(), PAUSABLE),
    ],
)
def test_what_does_not_apply_is_not_there(menu: TrayMenu, snapshot: StateSnapshot, between: list[str]) -> None:
    """Hidden, not greyed out."""
    menu.show_snapshot(WORKING)
    menu.show_snapshot(snapshot)
    assert lines(menu)[1:] == ["Open EmbedPool", *between, *ALWAYS[1:]]


def test_it_is_never_built_anew(menu: TrayMenu) -> None:
    """The same actions in every state: panels would close a menu whose items were replaced."""
    menu.show_snapshot(WORKING)
    before = list(walk(menu))
    menu.show_snapshot(joined(AgentState.PAUSED, messages.states.PAUSED))
    assert list(walk(menu)) == before


def test_an_equal_state_touches_nothing(menu: TrayMenu) -> None:
    """No action says that it changed, so no panel redraws."""
    menu.show_snapshot(WORKING)
    changed: list[str] = []
    for action in walk(menu):
        action.changed.connect(lambda action=action: changed.append(action.text()))
    menu.show_snapshot(replace(WORKING, written_at=7.0))
    assert changed == []


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("Open EmbedPool", "open_requested"),
        ("Pause", "pause_requested"),
        ("Finish, then pause", "finish_then_pause_requested"),
        ("Work now", "work_now_requested"),
        ("Start Ollama", "start_ollama_requested"),
        ("Join a pool…", "join_requested"),
        ("Update to 0.3.0…", "update_requested"),
        ("Settings…", "settings_requested"),
        ("Open log folder", "open_logs_requested"),
        ("Copy diagnostics", "copy_diagnostics_requested"),
        ("Report a problem", "report_problem_requested"),
        ("About EmbedPool Agent", "about_requested"),
        ("Quit EmbedPool", "quit_requested"),
        ("Until I resume", "pause_requested"),
    ],
)
def test_each_item_asks_for_its_thing(menu: TrayMenu, qtbot: QtBot, text: str, signal: str) -> None:
    """And for nothing else."""
    menu.show_snapshot(replace(WORKING, update="0.3.0"))
    with qtbot.waitSignal(getattr(menu, signal), timeout=1000):
        find(menu, text).trigger()


def test_resume_stands_where_pause_stood(menu: TrayMenu, qtbot: QtBot) -> None:
    """One item, two meanings."""
    menu.show_snapshot(WORKING)
    item = find(menu, "Pause")
    menu.show_snapshot(joined(AgentState.PAUSED, messages.states.PAUSED))
    assert item.text() == "Resume"
    with qtbot.waitSignal(menu.resume_requested, timeout=1000):
        item.trigger()


def test_pauses_end_at_a_moment(qtbot: QtBot) -> None:
    """Counted from when they are chosen."""
    pauses = PauseMenu(clock=lambda: 1000.0)
    qtbot.addWidget(pauses)
    asked: list[float] = []
    pauses.until_chosen.connect(asked.append)
    assert lines(pauses) == ["1 hour", "4 hours", "Until tomorrow morning", "Until I resume"]
    for text in ("1 hour", "4 hours"):
        find(pauses, text).trigger()
    assert asked == [1000 + HOUR_SECONDS, 1000 + 4 * HOUR_SECONDS]


def test_names_with_an_ampersand_are_shown_as_they_are(menu: TrayMenu) -> None:
    """An & would mark a letter otherwise."""
    menu.show_snapshot(joined(AgentState.WAITING, "Jack & Jill is using the graphics card."))
    assert lines(menu)[0] == "Waiting: Jack && Jill is using the graphics card."
