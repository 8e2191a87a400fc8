"""How long a client is kept, read from what its request says."""

from __future__ import annotations

import pytest

from server.domain.patience import Patience, patience

DEFAULT, LONGEST = 10.0, 300.0


def read(headers: dict[str, str], asked: str | None = None) -> Patience:
    """The patience of a request; names of headers are in lower case."""
    return patience(headers, asked, default=DEFAULT, longest=LONGEST)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, LONGEST),
        ({"x-stainless-read-timeout": "600"}, LONGEST),
        ({"x-stainless-read-timeout": "60"}, 55),
        ({"x-stainless-read-timeout": "30.5"}, 25.5),
        ({"x-stainless-read-timeout": "10"}, 5),
        ({"x-stainless-read-timeout": "4"}, 2),
        ({"x-stainless-read-timeout": "1"}, 0.5),
        ({"x-stainless-timeout": "60"}, 55),
        ({"x-stainless-read-timeout": "20", "x-stainless-timeout": "60"}, 15),
        ({"x-stainless-read-timeout": "0"}, LONGEST),
        ({"x-stainless-read-timeout": "-5"}, LONGEST),
        ({"x-stainless-read-timeout": "nan"}, LONGEST),
        ({"x-stainless-read-timeout": "inf"}, LONGEST),
        ({"x-stainless-read-timeout": "NOT_GIVEN"}, LONGEST),
    ],
)
def test_an_sdk_is_answered_before_it_gives_up(headers: dict[str, str], seconds: float) -> None:
    """5 s before its deadline, or after half of a short one; at most the longest wait; nonsense counts as silence."""
    assert read({"x-stainless-lang": "python", **headers}) == Patience(seconds, sdk=True)


def test_an_sdk_cannot_ask_for_a_202() -> None:
    """Its own header rules: it would not understand the answer of those who ask for a short wait."""
    assert read({"x-stainless-lang": "js", "prefer": "wait=0"}, "0") == Patience(LONGEST, sdk=True)


@pytest.mark.parametrize(
    ("asked", "prefer", "seconds"),
    [
        (None, "", DEFAULT),
        ("0", "", 0),
        ("2.5", "", 2.5),
        ("31", "", 30),
        ("1e9", "", 30),
        ("-1", "", DEFAULT),
        ("nan", "", DEFAULT),
        ("inf", "", DEFAULT),
        ("soon", "", DEFAULT),
        ("", "wait=3", 3),
        (None, "wait=0", 0),
        (None, "respond-async, Wait = 7", 7),
        (None, "wait=x, wait=4", DEFAULT),
        ("x", "wait=4", 4),
        ("2", "wait=4", 2),
    ],
)
def test_anybody_else_says_how_long(asked: str | None, prefer: str, seconds: float) -> None:
    """The query before the header before the default; 30 s at most."""
    assert read({"prefer": prefer}, asked) == Patience(seconds, sdk=False)
