"""The chain takes the best source that works, changes when it fails, and believes nothing that cannot be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from desktop_agent.core.messages import sensors as messages
from desktop_agent.core.sensors.base import SensorFailed
from desktop_agent.core.sensors.linux.dbus import ServiceMissing
from desktop_agent.core.sensors.linux.idle_chain import REST_S, STANDS_STILL_S, IdleChain


@dataclass(slots=True)
class Source:
    """A source that says what the test wants it to."""

    name: str
    says: float | SensorFailed
    asked: int = 0
    open: bool = False

    def read(self) -> float:
        self.asked += 1
        self.open = True
        if isinstance(self.says, SensorFailed):
            raise self.says
        return self.says

    def close(self) -> None:
        self.open = False


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now


MISSING = ServiceMissing(messages.not_there("org.example"))
BROKEN = SensorFailed(messages.X_SERVER_FAILS)


def chain(time: Time, *sources: Source) -> IdleChain:
    return IdleChain(sources, time, since_boot=lambda: 10_000.0)


def test_the_first_that_works_is_used_and_named() -> None:
    """Weaker ones are not even asked, and nothing is named before anything was read."""
    best, middle, weak = Source("best", MISSING), Source("middle", 7.5), Source("weak", 900)
    made = chain(Time(), best, middle, weak)
    assert made.name == ""
    assert made.read() == 7.5
    assert (made.name, weak.asked, best.open) == ("middle", 0, False)


def test_a_source_that_dies_is_replaced_at_once() -> None:
    """The very reading that finds it dead comes from the next one."""
    best, weak = Source("best", 3), Source("weak", 4)
    made = chain(Time(), best, weak)
    assert made.read() == 3
    best.says = BROKEN
    assert (made.read(), made.name) == (4, "weak")


def test_a_better_source_is_taken_when_it_comes_back() -> None:
    """One that failed rests for a minute, is tried again then, and takes over; the weaker one is let go of."""
    time, best, weak = Time(), Source("best", BROKEN), Source("weak", 4)
    made = chain(time, best, weak)
    made.read()
    best.says = 5
    time.now += REST_S - 1
    assert (made.read(), made.name, best.asked) == (4, "weak", 1)
    time.now += 2
    assert (made.read(), made.name) == (5, "best")
    assert not weak.open


def test_when_nobody_can_tell_that_is_said_and_all_are_tried_again() -> None:
    """The reason is that of the source which this desktop has; none rests while there is nobody else."""
    best, weak = Source("best", MISSING), Source("weak", BROKEN)
    made = chain(Time(), best, weak)
    with pytest.raises(SensorFailed) as failed:
        made.read()
    assert failed.value.reason == (
        "EmbedPool cannot tell when you are away on this desktop (the X server does not answer)."
    )
    assert made.name == ""
    weak.says = 1
    assert (made.read(), made.name) == (1, "weak")


def test_without_any_desktop_that_is_the_reason() -> None:
    """Where nothing is there, nothing is blamed."""
    with pytest.raises(SensorFailed, match=r"\(no desktop session was found\)\.$"):
        chain(Time(), Source("best", MISSING)).read()


@pytest.mark.parametrize("nonsense", [-0.001, -4_000_000, math.nan, math.inf, 10_061.0, 1.8e9])
def test_what_cannot_be_is_not_believed(nonsense: float) -> None:
    """Negative times, no numbers, and more than this PC has been on: the next source is asked."""
    assert chain(Time(), Source("odd", nonsense), Source("good", 2)).read() == 2
    with pytest.raises(SensorFailed, match="cannot be true"):
        chain(Time(), Source("odd", nonsense)).read()


def test_a_source_that_stands_still_is_found_out() -> None:
    """The same time for a minute looks like somebody absent and is none; when it moves again, it is believed again."""
    time, stuck = Time(), Source("stuck", 700.0)
    made = chain(time, stuck)
    made.read()
    time.now += STANDS_STILL_S - 1
    assert made.read() == 700
    time.now += 2
    for _ in range(3):
        with pytest.raises(SensorFailed, match="stands still"):
            made.read()
    stuck.says = 0.0
    assert made.read() == 0


def test_somebody_who_keeps_typing_is_believed_for_ever() -> None:
    """Zero for hours is a person at the keys, not a source that stands still."""
    time = Time()
    made = chain(time, Source("keys", 0.0))
    for _ in range(5):
        time.now += 1000
        assert made.read() == 0


def test_closing_lets_go_of_every_source() -> None:
    """After closing nothing is open or named, and reading opens again."""
    only = Source("only", 1)
    made = chain(Time(), only)
    made.read()
    made.close()
    assert (only.open, made.name) == (False, "")
    assert made.read() == 1
