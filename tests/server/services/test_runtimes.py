"""What is remembered of how long tasks took."""

from __future__ import annotations

from server.services import runtimes
from server.services.runtimes import Runtimes


def test_the_typical_one_is_in_the_middle_of_the_last() -> None:
    """Two have to be known; an odd one out does not count, and old ones are forgotten."""
    known = Runtimes()
    assert known.typical_seconds("a") is None
    known.add("a", 1000)
    assert known.typical_seconds("a") is None
    for milliseconds in (3000, 900_000):
        known.add("a", milliseconds)
    assert known.typical_seconds("a") == 3.0
    assert known.typical_seconds("b") is None
    for _ in range(runtimes.REMEMBERED):
        known.add("a", 500)
    assert known.typical_seconds("a") == 0.5


def test_the_number_of_capabilities_is_bounded() -> None:
    """The one that was not heard of for longest is forgotten first."""
    known = Runtimes()
    for _ in range(2):
        for number in range(runtimes.CAPABILITIES):
            known.add(str(number), 1000)
    known.add("one more", 1000)
    assert (known.typical_seconds("0"), known.typical_seconds("1")) == (None, 1.0)
