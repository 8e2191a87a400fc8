"""Property lists become Python values, whatever is in them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.desktop_agent.sensors.macos.mac import Mac


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "Präsentation – 日本語 🎬",
        "",
        0,
        -(2**62),
        1.5,
        True,
        False,
        [],
        [1, "two", [3.0]],
        {"a": {"b": [True, {"c": 1}]}, 412: "process"},
    ],
)
def test_values_come_through(value: Any) -> None:
    """Text in UTF-8, whole numbers and fractions, truth values, lists and dictionaries, nested."""
    mac = Mac()
    plain = mac.core_foundation().plain(mac.inside(value))
    assert plain == value
    assert type(plain) is type(value)


def test_kinds_that_nobody_reads_are_left_out() -> None:
    """Data becomes None, beside values that are read."""
    mac = Mac()
    assert mac.core_foundation().plain(mac.inside({"icon": b"...", "pid": 1})) == {"icon": None, "pid": 1}


def test_nothing_is_nothing() -> None:
    """A null pointer is None, not a crash."""
    assert Mac().core_foundation().plain(None) is None


def test_endless_nesting_ends() -> None:
    """A list within itself does not run away."""
    mac = Mac()
    endless: list[Any] = []
    endless.append(endless)
    plain = mac.core_foundation().plain(mac.inside(endless))
    assert str(plain) == "[[[[[[[[[None]]]]]]]]]"


def test_a_lent_string_is_given_back() -> None:
    """A key for a question lives as long as the question."""
    mac = Mac()
    with mac.core_foundation().string("HIDIdleTime") as key:
        assert mac.value(key) == "HIDIdleTime"
        assert mac.owned == {key}
    assert mac.owned == set()
