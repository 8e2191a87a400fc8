"""May this PC work? The states and their order; the owner's rules have a file of their own."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_agent.core.control import Control, pause, snooze, work_now
from desktop_agent.core.rules.dwell import NOT_LOOKED, Settled
from desktop_agent.core.rules.latch import Obstacle
from desktop_agent.core.rules.policy import Decision, PolicySnapshot, decide
from desktop_agent.core.settings import Settings, WorkWhen
from desktop_agent.core.state import AgentState, Remedy

NOW = 1795362740.0
#: Nothing in the surroundings speaks against work.
FREE = Settled()
BLOCKED = Settled(battery=Obstacle("On battery."))
OVER = Control(snoozed_until=NOW - 1)
FINISH = pause(finish_first=True)


def decision(**values: object) -> Decision:
    return decide(PolicySnapshot(NOW, **{"settled": FREE, **values}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "state", "words", "may_work"),
    [
        ({}, AgentState.READY, "The queue is empty", True),
        ({"starting": True}, AgentState.READY, "Starting", False),
        ({"joined": False}, AgentState.SETUP, "no pool", False),
        ({"error": "The pool refused this PC's key."}, AgentState.ERROR, "refused", False),
        ({"engine_problem": "Ollama is not running."}, AgentState.ERROR, "Ollama is not running", False),
        ({"control": pause()}, AgentState.PAUSED, "until you resume", False),
        ({"control": snooze(NOW + 60)}, AgentState.PAUSED, "Paused until", False),
        ({"control": OVER}, AgentState.READY, "Ready", True),
        ({"control": FINISH}, AgentState.PAUSED, "until you resume", False),
        ({"control": FINISH, "under_way": True}, AgentState.PAUSED, "Finishing what is under way, then paused.", False),
        ({"settled": BLOCKED}, AgentState.WAITING, "On battery.", False),
        ({"settled": NOT_LOOKED}, AgentState.WAITING, "Looking at what else", False),
        ({"owner_uses_engine": "You are using Ollama."}, AgentState.WAITING, "You are using Ollama.", False),
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


#: Situations, the weightiest first.
WEIGHTS: tuple[tuple[AgentState, dict[str, object]], ...] = (
    (AgentState.SETUP, {"joined": False}),
    (AgentState.ERROR, {"error": "Refused."}),
    (AgentState.ERROR, {"engine_problem": "No engine."}),
    (AgentState.PAUSED, {"control": pause()}),
    (AgentState.OFFLINE, {"connection_problem": "It broke."}),
    (AgentState.READY, {"starting": True}),
    (AgentState.WAITING, {"settled": BLOCKED}),
    (AgentState.WORKING, {"chatting_with": "qwen"}),
    (AgentState.WORKING, {"working_on": "nomic"}),
    (AgentState.READY, {"paused_by_pool": "New driver?"}),
)


@pytest.mark.parametrize(("above", "below"), [(a, b) for b in range(len(WEIGHTS)) for a in range(b)])
def test_of_two_situations_the_weightier_one_is_shown(above: int, below: int) -> None:
    """Of any two the owner reads the one that weighs more, and either of them is enough to keep the PC from working."""
    (state, first), (_, second) = WEIGHTS[above], WEIGHTS[below]
    found = decision(**second, **first)
    assert (found.state, found.reason.partition(" Trying")[0]) == (state, decision(**first).reason)
    assert found.may_work == (decision(**first).may_work and decision(**second).may_work)


def test_no_connection_does_not_lift_the_rules() -> None:
    """Offline is what the owner reads, as it is the greater trouble; but a rule still keeps the PC from working."""
    assert decision(connection_problem="It broke.").may_work
    assert not decision(connection_problem="It broke.", settled=BLOCKED).may_work


def test_a_snooze_says_when_it_ends() -> None:
    """The end of a snooze is part of the decision, for whoever draws a clock."""
    assert decision(control=snooze(NOW + 60)).until == NOW + 60
    assert decision(control=pause()).until is None


@pytest.mark.parametrize(
    ("control", "under_way", "finishing"),
    [(FINISH, True, True), (FINISH, False, False), (pause(), True, False), (snooze(NOW + 60), True, False)],
)
def test_only_the_wish_to_finish_first_lets_it_finish(control: Control, under_way: bool, finishing: bool) -> None:
    """A plain pause gives back what is under way; the other one ends with it, and takes nothing new meanwhile."""
    found = decision(control=control, under_way=under_way)
    assert (found.finishing, found.may_work) == (finishing, False)


def test_every_trouble_names_what_would_end_it() -> None:
    """The remedy comes with the state that is shown, never from one below it."""
    engine = {
        "engine_problem": "The model nomic is missing.",
        "engine_remedy": Remedy.DOWNLOAD_MODEL,
        "remedy_model": "nomic",
    }
    assert decision(joined=False, **engine).remedy is Remedy.JOIN
    assert decision(error="The key store is locked.", error_remedy=Remedy.UNLOCK, **engine).remedy is Remedy.UNLOCK
    found = decision(**engine)
    assert (found.remedy, found.remedy_model) == (Remedy.DOWNLOAD_MODEL, "nomic")
    assert decision().remedy is Remedy.NONE


@pytest.mark.parametrize(
    ("settled", "remedy"),
    [
        (Settled(using=Obstacle("You are using this PC.")), Remedy.WORK_NOW),
        (Settled(full_screen=Obstacle("Game.")), Remedy.WORK_NOW),
        (BLOCKED, Remedy.NONE),
        (replace(BLOCKED, using=Obstacle("You are using this PC.")), Remedy.NONE),
    ],
)
def test_work_now_is_offered_only_where_it_helps(settled: Settled, remedy: Remedy) -> None:
    """A button that would only bring the next reason up is not shown."""
    assert decision(settled=settled).remedy is remedy


@pytest.mark.parametrize(
    ("ends_at", "next_check_at"),
    [(None, None), (NOW + 40.2, math.ceil(NOW + 40.2)), (NOW, NOW + 1), (NOW - 5, NOW + 1)],
)
def test_a_wait_says_when_it_may_end(ends_at: float | None, next_check_at: float | None) -> None:
    """The next look is in the future, in whole seconds; where nobody can say when, nothing is said."""
    assert decision(settled=Settled(battery=Obstacle("On battery.", ends_at))).next_check_at == next_check_at


def test_work_now_ends_after_its_hour() -> None:
    """The owner's hour is over to the second."""
    settled = Settled(using=Obstacle("You are using this PC."))
    assert decision(control=work_now(NOW - 3599), settled=settled).may_work
    assert not decision(control=work_now(NOW - 3600), settled=settled).may_work


obstacles = st.none() | st.builds(Obstacle, st.sampled_from(["A.", "B."]), st.none() | st.floats(NOW - 100, NOW + 100))
settled_facts = st.builds(Settled, **{field.name: obstacles for field in fields(Settled)})
controls = st.builds(
    Control,
    paused=st.booleans(),
    snoozed_until=st.none() | st.floats(NOW - 10, NOW + 10),
    work_now_until=st.none() | st.floats(NOW - 10, NOW + 10),
    finish_first=st.booleans(),
)
rules = st.builds(
    Settings,
    work_when=st.sampled_from(WorkWhen),
    stop_on_battery=st.booleans(),
    stop_full_screen=st.booleans(),
    stop_films=st.booleans(),
    stop_gpu_busy=st.booleans(),
    stop_hot=st.booleans(),
    stop_cpu_busy=st.booleans(),
    stop_metered=st.booleans(),
    only_hours=st.booleans(),
    hours=st.tuples(*[st.integers(0, (1 << 24) - 1)] * 7),
)
sentences = st.sampled_from(["", "Something."])
snapshots = st.builds(
    PolicySnapshot,
    now=st.just(NOW),
    joined=st.booleans(),
    starting=st.booleans(),
    error=sentences,
    control=controls,
    under_way=st.booleans(),
    engine_problem=sentences,
    owner_uses_engine=sentences,
    connection_problem=sentences,
    retry_at=st.none() | st.floats(NOW, NOW + 60),
    settings=rules,
    settled=settled_facts,
    chatting_with=sentences,
    working_on=sentences,
    skipped=st.just(()),
    paused_by_pool=st.none() | sentences,
)


@given(snapshots)
def test_what_may_never_be(snapshot: PolicySnapshot) -> None:
    """No work against the owner's wish or without knowing that they are away, and never a state without its reason."""
    found = decide(snapshot)
    work_now_holds = snapshot.control.work_now_until is not None and snapshot.control.work_now_until > NOW
    assert found.reason
    if found.may_work:
        assert not snapshot.control.is_resting(NOW)
        assert snapshot.joined
        assert not snapshot.error
        assert not snapshot.engine_problem
        assert not snapshot.owner_uses_engine
        if snapshot.settings.work_when is WorkWhen.AWAY and not work_now_holds:
            assert snapshot.settled.away_unknown is None
            assert snapshot.settled.using is None
    assert not (found.finishing and (found.may_work or found.state is not AgentState.PAUSED))
    assert found.next_check_at is None or (found.next_check_at > NOW and found.state is AgentState.WAITING)
    assert found.until is None or found.until >= NOW
    assert found.may_work or found.state is not AgentState.WORKING


@given(rules, settled_facts)
def test_work_now_only_ever_allows_more(settings: Settings, settled: Settled) -> None:
    """The owner's "now" is never the reason for a wait that there was not before."""
    before = decision(settings=settings, settled=settled)
    after = decision(settings=settings, settled=settled, control=work_now(NOW))
    assert after.may_work or not before.may_work


def test_the_hours_are_those_of_this_pc() -> None:
    """Outside the owner's hours it waits until they begin, and says when that is."""
    local = dt.datetime.fromtimestamp(NOW).astimezone()
    only_later = tuple(1 << (local.hour + 2) % 24 for _ in range(7))
    found = decision(settings=Settings(only_hours=True, hours=only_later))
    assert found.state is AgentState.WAITING
    assert found.next_check_at is not None
    begins = dt.datetime.fromtimestamp(found.next_check_at).astimezone()
    assert (begins.hour, begins.minute) == ((local.hour + 2) % 24, 0)
    assert found.reason.startswith("Outside your hours, until ")
    never = decision(settings=Settings(only_hours=True, hours=(0,) * 7))
    assert (never.state, never.next_check_at) == (AgentState.WAITING, None)
