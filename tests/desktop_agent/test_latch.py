"""A fact begins and ends only after its readings agreed for a while."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_agent.core.rules.latch import Latch, Signal, Timing

NOW = 1795362740.0
SLOW = Timing(after=10.0, calm=60.0, first=10.0)
AT_ONCE = Timing(calm=60.0)
ABOVE, BETWEEN, BELOW = Signal(True, False, "Busy."), Signal(False, False, "Half."), Signal(False, True, "Calm.")
SIGNALS = {"#": ABOVE, "-": BETWEEN, ".": BELOW}


def course(timing: Timing, readings: str, every: float = 5.0) -> str:
    """Feed readings (# above, - between, . below the limits), one each few seconds; give whether it holds (x) after."""
    latch = Latch(timing)
    found = ""
    for number, reading in enumerate(readings):
        latch.step(SIGNALS[reading], number * every)
        found += "x" if latch.obstacle(number * every, NOW) else " "
    return found


@pytest.mark.parametrize(
    ("timing", "readings", "holds"),
    [
        # The start: what is above counts at once; what is not must stay so for a while, or for its first reading.
        (SLOW, "#", "x"),
        (SLOW, "...", "xx "),
        (SLOW, "---", "xx "),
        (SLOW, ".#", "xx"),
        (AT_ONCE, ".", " "),
        (AT_ONCE, "-", " "),
        (AT_ONCE, "#", "x"),
        # It begins after ten seconds above, and a single reading that is not begins the count anew.
        (SLOW, "...###", "xx   x"),
        (SLOW, "...##-##-##.##-", "xx             "),
        (AT_ONCE, ".#", " x"),
        # It ends after a minute below, and a single reading that is not begins the count anew.
        (SLOW, "#" + "." * 13, "x" * 13 + " "),
        (SLOW, "#" + "." * 12 + "-" + "." * 12, "x" * 26),
        (SLOW, "#" + "." * 12 + "-" + "." * 13, "x" * 26 + " "),
        # Between the limits it stays what it was, for ever.
        (SLOW, "#" + "-" * 40, "x" * 41),
        (SLOW, "..." + "-" * 40, "xx" + " " * 41),
    ],
)
def test_readings_and_what_they_settle(timing: Timing, readings: str, holds: str) -> None:
    """One course of readings, one reading every five seconds."""
    assert course(timing, readings) == holds


def test_it_says_why_and_until_when() -> None:
    """While it is above the reason is the last reading's; once it is below, the end is known and told."""
    latch = Latch(AT_ONCE)
    latch.step(Signal(True, False, "83 °C."), 0.0)
    latch.step(Signal(True, False, "85 °C."), 1.0)
    hot = latch.obstacle(1.0, NOW)
    assert hot is not None
    assert (hot.reason, hot.ends_at) == ("85 °C.", None)
    latch.step(Signal(False, True, "60 °C."), 2.0)
    cooling = latch.obstacle(12.0, NOW)
    assert cooling is not None
    assert cooling.reason.startswith("85 °C. That seems to be over; work goes on at ")
    assert cooling.ends_at == NOW + 50


def test_at_the_start_it_says_that_it_looks() -> None:
    """Before anything is settled the owner reads that it is being looked at, and for how long."""
    latch = Latch(SLOW)
    latch.step(BELOW, 0.0)
    looking = latch.obstacle(4.0, NOW)
    assert looking is not None
    assert (looking.reason, looking.ends_at) == ("Looking at what else this PC is doing.", NOW + 6)


@given(st.lists(st.sampled_from("#-."), max_size=200), st.sampled_from([SLOW, AT_ONCE]))
def test_it_never_flickers(readings: Sequence[str], timing: Timing) -> None:
    """Whatever comes, between an end and the end before it there is at least the calm time."""
    found = course(timing, "".join(readings))
    ends = [number * 5.0 for number in range(1, len(found)) if found[number - 1] == "x" and found[number] == " "]
    assert all(later - earlier >= timing.calm for earlier, later in itertools.pairwise(ends))
