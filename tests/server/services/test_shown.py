"""Agents that poll at once are shown different tasks, if there are."""

from __future__ import annotations

from server.services.shown import FRESH_MS, REMEMBERED, Shown


def test_each_is_shown_another_and_the_first_again_when_there_is_no_other() -> None:
    """Nothing is reserved: who finds all shown to others sees the first, and so does everybody a moment later."""
    shown = Shown()
    assert [shown.choose(agent, ["1", "2"], 0) for agent in ("a", "b", "c", "a", "b")] == ["1", "2", "1", "1", "2"]
    assert shown.choose("d", ["1"], 0) == "1"
    assert shown.choose("e", ["1", "2"], FRESH_MS) == "1"


def test_what_is_remembered_is_bounded() -> None:
    """The oldest is forgotten."""
    shown = Shown()
    for number in range(REMEMBERED + 1):
        shown.choose("a", [str(number)], 0)
    assert shown.choose("b", ["0", "x"], 0) == "0"
