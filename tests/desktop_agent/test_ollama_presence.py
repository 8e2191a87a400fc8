"""Whose a model in Ollama's memory is, judged from its expiry and our own calls: every case that can be told apart."""

from __future__ import annotations

import pytest

from desktop_agent.core.engines.ollama_presence import (
    KEEP_ALIVE_SECONDS,
    LATE_SECONDS,
    TOLERANCE_SECONDS,
    Look,
    Presence,
    RunningModel,
    load_ms,
    read_running,
)

OURS, THEIRS = "nomic-embed-text", "llama3"
START = 1_800_000_000.0


class Clock:
    """The time, as the test says."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class Story:
    """One Ollama's memory, moved by the test."""

    def __init__(self, clock_ahead: float = 0.0) -> None:
        self.clock = Clock()
        self.presence = Presence(self.clock)
        self.clock_ahead = clock_ahead

    def call(self, seconds: float = 1.0, load_ms: float | None = 400.0, *, fails: bool = False) -> None:
        """Call our model for so long."""
        try:
            with self.presence.calling(OURS) as call:
                call.load_ms = load_ms
                self.clock.now += seconds
                if fails:
                    raise ConnectionError
        except ConnectionError:
            assert fails

    def look(self, **expiries: float) -> None:
        """See these models, which expire so many seconds after the story's start."""
        named = {OURS: expiries.get("ours"), THEIRS: expiries.get("theirs")}
        models = tuple(
            RunningModel(name, 10, 10, START + seconds + self.clock_ahead)
            for name, seconds in named.items()
            if seconds is not None
        )
        self.presence.take(Look(models, self.clock.now, self.clock.now, self.clock_ahead))

    @property
    def owner(self) -> str:
        """The model that the owner is said to use."""
        return self.presence.memory.owner_model


def test_a_model_that_we_did_not_load_is_the_owners() -> None:
    """Whatever it is, even one that we offer ourselves; once it is gone, nobody's."""
    story = Story()
    story.look(ours=200)
    assert story.owner == OURS
    assert not story.presence.knows(OURS)
    assert [(model.name, model.ours) for model in story.presence.memory.loaded] == [(OURS, False)]
    story.look()
    assert (story.owner, story.presence.memory.loaded) == ("", ())


@pytest.mark.parametrize("clock_ahead", [0.0, 3600.0, -90.0])
@pytest.mark.parametrize("moved", [-TOLERANCE_SECONDS + 0.1, 0.0, TOLERANCE_SECONDS - 0.1])
def test_our_own_calls_move_the_expiry(clock_ahead: float, moved: float) -> None:
    """So long after the end of our last call, give or take: ours, whatever Ollama's clock shows."""
    story = Story(clock_ahead)
    story.call(1.0)
    story.clock.now += 10
    story.look(ours=1 + KEEP_ALIVE_SECONDS + moved)
    assert (story.owner, story.presence.held) == ("", (OURS,))
    story.call(0.5)
    story.clock.now += 2
    story.look(ours=11.5 + KEEP_ALIVE_SECONDS + moved)
    assert (story.owner, story.presence.held) == ("", (OURS,))


@pytest.mark.parametrize(
    "expires",
    [
        50 + KEEP_ALIVE_SECONDS,  # used again, with what we had set
        30 + 300.0,  # used with the default
        1e9,  # to be kept for ever
        30 + 10.0,  # to be kept for shorter than we ask for
    ],
)
def test_an_expiry_that_moved_without_us_is_the_owners_doing(expires: float) -> None:
    """From then on the model is theirs: we do not unload it, and do not call it."""
    story = Story()
    story.call(1.0)
    story.look(ours=1 + KEEP_ALIVE_SECONDS)
    assert story.owner == ""
    story.clock.now += 50
    story.look(ours=expires)
    assert (story.owner, story.presence.held, story.presence.knows(OURS)) == (OURS, (), False)
    story.look()
    assert story.owner == ""


def test_during_a_call_of_ours_an_expiry_says_little() -> None:
    """It is the one before the call, or a guess while loading; but one beyond all that we ask for is the owner's."""
    story = Story()
    with story.presence.calling(OURS):
        for seconds in (0, 2, 4):
            story.clock.now = START + seconds
            story.look(ours=seconds + KEEP_ALIVE_SECONDS)
            assert story.owner == ""
        story.look(ours=4 + KEEP_ALIVE_SECONDS)
        assert story.presence.held == ()
        story.look(ours=4 + 300.0)
        assert story.owner == OURS


def test_a_call_that_ended_during_the_look_is_not_held_against_anybody() -> None:
    """The answer may be from before its end or from after it."""
    story = Story()
    story.call(1.0)
    asked_at = story.clock.now
    story.call(20.0)
    model = RunningModel(OURS, 10, 10, START + 1 + KEEP_ALIVE_SECONDS)
    story.presence.take(Look((model,), asked_at, story.clock.now))
    assert story.owner == ""


def test_a_call_that_failed_may_have_moved_the_expiry_or_not() -> None:
    """Both the last good call's end and the failed one's are ends of ours; what is beyond both is not."""
    for expires, owner in ((1, ""), (20, ""), (31, ""), (40, OURS), (-20, OURS)):
        story = Story()
        story.call(1.0)
        story.clock.now += 20
        story.call(10.0, fails=True)
        story.clock.now += 30
        story.look(ours=expires + KEEP_ALIVE_SECONDS)
        assert story.owner == owner, expires


def test_ours_stays_ours_until_it_is_seen_gone() -> None:
    """Gone, it is nobody's; what stands there later was loaded by somebody else."""
    story = Story()
    story.call(1.0)
    story.clock.now += LATE_SECONDS + 1
    story.look(ours=1 + KEEP_ALIVE_SECONDS)
    seen = [story.presence.has_ours]
    story.look()
    assert [*seen, story.presence.has_ours] == [True, False]
    story.look(ours=30 + KEEP_ALIVE_SECONDS)
    assert story.owner == OURS


def test_what_was_just_being_loaded_may_turn_up_late() -> None:
    """A call that was cut off while loading: for some seconds its model is ours if it shows."""
    story = Story()
    story.call(1.0, fails=True)
    story.look()
    story.clock.now += 2
    story.look(ours=1 + KEEP_ALIVE_SECONDS)
    assert story.presence.held == (OURS,)


def test_a_model_that_was_there_before_our_loading_call_is_the_owners() -> None:
    """They loaded it between our look and our call: it took no time, as no real load does."""
    story = Story()
    story.look()
    story.call(0.1, load_ms=1.0)
    story.look(ours=0.1 + KEEP_ALIVE_SECONDS)
    assert story.owner == OURS
    story = Story()
    story.call(0.1)
    story.call(0.1, load_ms=1.0)
    story.look(ours=0.2 + KEEP_ALIVE_SECONDS)
    assert story.owner == ""


def test_being_asked_to_leave_moves_the_expiry_too() -> None:
    """Our own unloading is not the owner's use."""
    story = Story()
    story.call(1.0)
    story.clock.now += 20
    story.presence.leave(OURS)
    story.look(ours=21)
    assert (story.owner, story.presence.held) == ("", (OURS,))


def test_a_call_needs_a_look_unless_our_model_was_just_seen() -> None:
    """Seen or heard of within the last seconds, and nobody else's beside it."""
    story = Story()
    assert not story.presence.knows(OURS)
    story.call(1.0)
    assert story.presence.knows(OURS)
    story.clock.now += 6
    assert not story.presence.knows(OURS)
    story.look(ours=1 + KEEP_ALIVE_SECONDS)
    assert story.presence.knows(OURS)
    story.look(ours=1 + KEEP_ALIVE_SECONDS, theirs=300)
    assert (story.owner, story.presence.knows(OURS)) == (THEIRS, False)
    story.look()
    assert not story.presence.knows(OURS)
    with story.presence.calling(OURS):
        assert story.presence.knows(OURS)


def test_a_dead_ollama_holds_nothing() -> None:
    """All that it had in memory went with it."""
    story = Story()
    story.call(1.0)
    story.look(ours=1 + KEEP_ALIVE_SECONDS, theirs=300)
    story.presence.forget()
    assert (story.owner, story.presence.memory.loaded, story.presence.has_ours) == ("", (), False)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-11-22T12:05:00Z", 1_795_349_100.0),
        ("2026-11-22T13:05:00.500000000+01:00", 1_795_349_100.5),
        ("0001-01-01T00:00:00Z", -62_135_596_800.0),
        ("soon", None),
        ("2026-11-22T12:05:00", None),
        (5, None),
        (None, None),
    ],
)
def test_reading_when_a_model_expires(written: object, seconds: float | None) -> None:
    """As Go writes it, with nanoseconds and a zone; what makes no sense is not known."""
    (model,) = read_running({"models": [{"model": "a:latest", "size": 7, "size_vram": 5, "expires_at": written}]})
    assert model == RunningModel("a", 7, 5, seconds)


@pytest.mark.parametrize("answer", [{}, {"models": None}, {"models": [5, {}, {"name": 5}]}])
def test_a_ps_that_makes_no_sense_has_nothing_in_memory(answer: dict[str, object]) -> None:
    """Never a crash."""
    assert read_running(answer) == ()


def test_reading_how_long_a_load_took() -> None:
    """Nanoseconds; left out when it is 0."""
    assert load_ms({"load_duration": 2_500_000}) == 2.5
    assert [load_ms(answer) for answer in ({}, {"load_duration": "1"}, {"load_duration": True})] == [None] * 3
