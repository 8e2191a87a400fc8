"""Which notices are given: few, late enough to matter, once a day, never over a full screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop_agent.core.settings import Settings
from desktop_agent.core.state import AgentState, Remedy, StateSnapshot
from desktop_agent.ui.notices import NoticeAction, NoticeKind, NoticeMemory, NoticeRules
from tests.desktop_agent.ui.snapshots import PC, joined

NOW = 1_790_000_000.0
DAY = 86_400.0
EVERYTHING = Settings(notify_milestones=True, notify_pauses=True)
NO_OLLAMA = replace(joined(AgentState.ERROR, "Ollama is not running."), remedy=Remedy.START_OLLAMA)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "notices.json"


def rules_of(memory: Path) -> NoticeRules:
    return NoticeRules(NoticeMemory.load(memory))


def kinds(rules: NoticeRules, snapshot: StateSnapshot, now: float, settings: Settings = EVERYTHING) -> list[NoticeKind]:
    return [notice.kind for notice in rules.look(snapshot, settings, now)]


def test_an_error_is_told_after_two_minutes(memory: Path) -> None:
    """Most errors are over by then; one that is over starts anew."""
    rules = rules_of(memory)
    assert kinds(rules, NO_OLLAMA, NOW) == []
    assert kinds(rules, NO_OLLAMA, NOW + 119) == []
    assert kinds(rules, joined(), NOW + 119.5) == []
    assert kinds(rules, NO_OLLAMA, NOW + 130) == []
    assert kinds(rules, NO_OLLAMA, NOW + 251) == [NoticeKind.OLLAMA]


def test_each_kind_once_a_day_even_across_a_restart(memory: Path) -> None:
    """The file remembers; the next day it may be told again; another kind may be told the same day."""
    for start, expected in ((NOW, [NoticeKind.OLLAMA]), (NOW + 600, []), (NOW + DAY, [NoticeKind.OLLAMA])):
        rules = rules_of(memory)
        rules.look(NO_OLLAMA, EVERYTHING, start)
        assert kinds(rules, NO_OLLAMA, start + 121) == expected
    refused = replace(joined(AgentState.ERROR, "Refused."), remedy=Remedy.JOIN_AGAIN)
    rules = rules_of(memory)
    rules.look(refused, EVERYTHING, NOW + DAY + 300)
    assert kinds(rules, refused, NOW + DAY + 421) == [NoticeKind.KEY]


def test_what_a_notice_offers(memory: Path) -> None:
    """The way out as its button."""
    rules = rules_of(memory)
    rules.look(NO_OLLAMA, EVERYTHING, NOW)
    (notice,) = rules.look(NO_OLLAMA, EVERYTHING, NOW + 121)
    assert (notice.action, notice.button) == (NoticeAction.START_OLLAMA, "Start Ollama")


def test_nothing_over_a_full_screen_but_afterwards(memory: Path) -> None:
    """A film is not disturbed; what is still true when it ends is told then."""
    rules = rules_of(memory)
    watching = replace(NO_OLLAMA, pc=replace(PC, full_screen=True), texts_all_time=90_000)
    rules.look(watching, EVERYTHING, NOW)
    assert kinds(rules, replace(watching, texts_all_time=100_000), NOW + 300) == []
    after = replace(NO_OLLAMA, texts_all_time=100_001)
    assert kinds(rules, after, NOW + 400) == [NoticeKind.OLLAMA, NoticeKind.MILESTONE]


def test_a_milestone_is_passed_not_found(memory: Path) -> None:
    """The first count after a start is no milestone; passing one is, and the largest is named."""
    rules = rules_of(memory)
    assert kinds(rules, replace(joined(), texts_all_time=0), NOW) == []
    assert kinds(rules, replace(joined(), texts_all_time=99_990), NOW) == []
    (notice,) = rules.look(replace(joined(), texts_all_time=100_010), EVERYTHING, NOW)
    assert notice.words == "Your PC has embedded 100,000 texts. Thank you!"


def test_a_pause_that_ended_by_itself(memory: Path) -> None:
    """Who resumes by hand knows it already."""
    paused = replace(joined(AgentState.PAUSED, "Paused."), until=NOW + 60)
    rules = rules_of(memory)
    rules.look(paused, EVERYTHING, NOW)
    assert kinds(rules, joined(), NOW + 30) == []
    rules.look(paused, EVERYTHING, NOW + 40)
    assert kinds(rules, joined(), NOW + 61) == [NoticeKind.PAUSE]


def test_an_update(memory: Path) -> None:
    """Its version is named."""
    (notice,) = rules_of(memory).look(replace(joined(), update="0.3.0"), EVERYTHING, NOW)
    assert (notice.words, notice.action) == ("Version 0.3.0 is ready to download.", NoticeAction.SHOW_UPDATE)


def test_what_its_owner_switched_off_stays_off(memory: Path) -> None:
    """Each of the four switches."""
    silent = Settings(notify_problems=False, notify_updates=False)
    rules = rules_of(memory)
    first = replace(NO_OLLAMA, texts_all_time=900, update="0.3.0")
    rules.look(first, silent, NOW)
    assert kinds(rules, replace(first, texts_all_time=1000), NOW + 300, silent) == []
    paused = replace(joined(AgentState.PAUSED, "Paused."), until=NOW)
    rules.look(paused, silent, NOW + 301)
    assert kinds(rules, joined(), NOW + 302, silent) == []


def test_closing_the_window_is_explained_once_ever(memory: Path) -> None:
    """Not again on another day, nor after a restart."""
    rules = rules_of(memory)
    notice = rules.window_closed(NOW)
    assert notice is not None
    assert notice.words == "EmbedPool keeps running here. Quit it from its menu."
    assert rules.window_closed(NOW + 3 * DAY) is None
    assert rules_of(memory).window_closed(NOW + 9 * DAY) is None
