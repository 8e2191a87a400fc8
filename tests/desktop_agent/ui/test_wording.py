"""Every state says what it is and why, in the tooltip, the menu and the window alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_agent.core import messages
from desktop_agent.core.state import AgentState, Download, Remedy, StateSnapshot
from desktop_agent.core.text import Text
from desktop_agent.ui.wording import (
    TOOLTIP_LENGTH,
    MainAction,
    detail,
    drawn_state,
    headline,
    main_action,
    main_label,
    menu_line,
    shortened,
    tooltip,
)
from tests.desktop_agent.ui.snapshots import MODEL, joined

URL = "http://127.0.0.1:11434"
SNOOZED = replace(joined(AgentState.PAUSED, messages.states.snoozed(4e9)), until=4e9)
NO_OLLAMA = replace(joined(AgentState.ERROR, messages.engine.ollama_not_running(URL)), remedy=Remedy.START_OLLAMA)
NO_MODEL = replace(
    joined(AgentState.ERROR, messages.engine.model_missing(MODEL)), remedy=Remedy.DOWNLOAD_MODEL, remedy_model=MODEL
)
WORKING = replace(joined(AgentState.WORKING, "x"), model=MODEL, texts_per_minute=412)
SKIPPED = replace(joined(), skipped=(("not_offered", 3),), reason=messages.states.ready([("not_offered", 3)]))
CASES = [
    (StateSnapshot(AgentState.SETUP, messages.states.NOT_JOINED), "Join a pool to start: All it takes"),
    (NO_OLLAMA, "Ollama is not running: Start Ollama and EmbedPool goes on by itself."),
    (NO_MODEL, f"A model is missing: The model {MODEL} is missing."),
    (joined(AgentState.ERROR, "The disk is full."), "EmbedPool cannot work: The disk is full."),
    (joined(AgentState.OFFLINE, "Cannot reach it."), "No connection: Cannot reach it."),
    (joined(AgentState.PAUSED, messages.states.PAUSED), "Paused: Your PC takes no work."),
    (joined(AgentState.PAUSED, messages.states.FINISHING), "Pausing: Finishing what is under way, then paused."),
    (joined(AgentState.WAITING, "You are using this PC."), "Waiting: You are using this PC."),
    (joined(AgentState.READY, messages.states.STARTING), "Starting: Having a look around…"),
    (joined(), "Ready: The queue is empty."),
    (SKIPPED, "Ready: Tasks wait, but not for this PC."),
    (WORKING, f"Working: {MODEL} · 412 texts per minute"),
    (replace(WORKING, chatting_since=1.0), f"Working: {MODEL} answers a chat"),
]


@pytest.mark.parametrize(("snapshot", "line"), CASES)
def test_tooltip_and_menu_say_state_and_reason(snapshot: StateSnapshot, line: str) -> None:
    """The same words in both, and both short enough."""
    assert tooltip(snapshot).startswith(f"EmbedPool – {line}")
    assert menu_line(snapshot).startswith(line[:60])
    assert len(tooltip(snapshot)) <= TOOLTIP_LENGTH


def test_a_pause_says_its_end() -> None:
    """The headline has the time, in the PC's own clock."""
    assert str(headline(SNOOZED)).startswith("Paused until ")
    assert detail(SNOOZED) == "Your PC takes no work."


@pytest.mark.parametrize(
    ("snapshot", "action"),
    [
        (StateSnapshot(AgentState.SETUP, ""), MainAction.JOIN),
        (NO_OLLAMA, MainAction.START_OLLAMA),
        (NO_MODEL, MainAction.DOWNLOAD_MODEL),
        (joined(AgentState.ERROR), MainAction.TRY_AGAIN),
        (joined(AgentState.OFFLINE), MainAction.TRY_AGAIN),
        (SNOOZED, MainAction.RESUME),
        (replace(SNOOZED, remedy=Remedy.WORK_NOW), MainAction.RESUME),
        (joined(AgentState.WAITING), MainAction.PAUSE),
        (replace(joined(AgentState.WAITING), remedy=Remedy.WORK_NOW), MainAction.WORK_NOW),
        (joined(), MainAction.PAUSE),
    ],
)
def test_the_one_button_is_what_helps_most(snapshot: StateSnapshot, action: MainAction) -> None:
    """The remedy where there is one; never for somebody who paused on purpose."""
    assert main_action(snapshot) is action
    assert main_label(snapshot)


@pytest.mark.parametrize("remedy", [remedy for remedy in Remedy if remedy])
def test_every_remedy_is_a_button(remedy: Remedy) -> None:
    """No remedy of the core is without a button and its words."""
    assert main_label(replace(joined(AgentState.ERROR), remedy=remedy, remedy_model=MODEL))


def test_a_model_on_its_way_is_no_alarm() -> None:
    """While it is downloaded the icon waits; a download that broke off is an error again."""
    coming = replace(NO_MODEL, download=Download(MODEL, 100, 10))
    assert (drawn_state(coming), main_action(coming)) == (AgentState.WAITING, MainAction.PAUSE)
    broken = replace(NO_MODEL, download=Download(MODEL, 100, 10, "The disk is full."))
    assert (drawn_state(broken), main_action(broken)) == (AgentState.ERROR, MainAction.DOWNLOAD_MODEL)


def test_lines_are_cut_at_a_word() -> None:
    """A long reason ends in an ellipsis, not within a word."""
    assert shortened("one two three", 9) == "one two…"
    assert shortened("one two", 7) == "one two"
    long = joined(AgentState.WAITING, Text("{why}", why="a word " * 60))
    assert len(tooltip(long)) <= TOOLTIP_LENGTH
    assert tooltip(long).endswith("…")
