"""May this PC work? Every reason, and which of two wins."""

from __future__ import annotations

import pytest

from desktop_agent.core.policy import Decision, PolicySnapshot, decide
from desktop_agent.core.state import AgentState

NOW = 1795362740.0


def decision(**values: object) -> Decision:
    return decide(PolicySnapshot(NOW, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "state", "words", "may_work"),
    [
        ({}, AgentState.READY, "The queue is empty", True),
        ({"starting": True}, AgentState.READY, "Starting", False),
        ({"joined": False}, AgentState.SETUP, "no pool", False),
        ({"error": "The pool refused this PC's key."}, AgentState.ERROR, "refused", False),
        ({"engine_problem": "Ollama is not running."}, AgentState.ERROR, "Ollama is not running", False),
        ({"paused": True}, AgentState.PAUSED, "until you resume", False),
        ({"snoozed_until": NOW + 60}, AgentState.PAUSED, "Paused until", False),
        ({"snoozed_until": NOW - 1}, AgentState.READY, "Ready", True),
        ({"connection_problem": "It broke.", "retry_at": NOW + 30}, AgentState.OFFLINE, "Trying again in 30 s", True),
        ({"working_on": "nomic", "texts_per_minute": 412}, AgentState.WORKING, "nomic · 412 texts per minute", True),
        (
            {"chatting_with": "qwen", "chatting_seconds": 12.9},
            AgentState.WORKING,
            "qwen answers a chat, for 12 s",
            True,
        ),
        ({"paused_by_pool": "New driver?"}, AgentState.READY, "operator has paused this PC: New driver?", True),
        ({"paused_by_pool": ""}, AgentState.READY, "operator has paused this PC.", True),
        ({"skipped": (("model_class_differs", 3),)}, AgentState.READY, "3 because the pool uses another version", True),
    ],
)
def test_each_situation_has_its_state_and_reason(
    values: dict[str, object], state: AgentState, words: str, may_work: bool
) -> None:
    """State, words and permission follow from the situation alone."""
    found = decision(**values)
    assert (found.state, found.may_work) == (state, may_work)
    assert words in found.reason


def test_the_weightier_reason_is_shown() -> None:
    """Of several reasons the owner reads the one that weighs most; each of them keeps the PC from working."""
    everything: dict[str, object] = {
        "joined": False,
        "error": "Refused.",
        "engine_problem": "No engine.",
        "paused": True,
        "connection_problem": "It broke.",
        "working_on": "nomic",
    }
    order = [AgentState.SETUP, AgentState.ERROR, AgentState.ERROR, AgentState.PAUSED, AgentState.OFFLINE]
    for expected in order:
        assert decision(**everything).state is expected
        del everything[next(iter(everything))]
    assert decision(**everything).state is AgentState.WORKING


def test_a_snooze_says_when_it_ends() -> None:
    """The end of a snooze is part of the decision, for whoever draws a clock."""
    assert decision(snoozed_until=NOW + 60).until == NOW + 60
