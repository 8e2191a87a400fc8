"""Ids and secrets have their documented shape, and none is given away where it is shown."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import ids

ANY_TEXT = st.text(st.characters(exclude_categories=()))


def ulid_time(ulid: str) -> int:
    """Decode the first ten characters, digit by digit."""
    number = 0
    for character in ulid[:10]:
        number = number * 32 + ids.CROCKFORD.index(character)
    return number


@given(st.integers(0, ids.MAX_ULID_MS))
def test_ulid_carries_its_time(now_ms: int) -> None:
    """26 characters of Crockford's alphabet, whose first ten are the time, most significant first."""
    ulid = ids.new_ulid(now_ms)
    assert re.fullmatch(f"[{ids.CROCKFORD}]{{26}}", ulid)
    assert ulid_time(ulid) == ids.time_of(ulid) == now_ms


@given(st.integers(0, ids.MAX_ULID_MS), st.integers(0, ids.MAX_ULID_MS))
def test_ulids_sort_by_time(first: int, second: int) -> None:
    """The order of the texts is the order of the times."""
    if first != second:
        assert (ids.new_ulid(first) < ids.new_ulid(second)) == (first < second)


def test_ulids_of_one_millisecond_differ() -> None:
    """The other 80 bits are random, and each of them varies."""
    tails = {ids.new_ulid(1)[10:] for _ in range(1000)}
    assert len(tails) == 1000
    assert all(len({tail[place] for tail in tails}) == 32 for place in range(16))


@pytest.mark.parametrize("now_ms", [-1, 2**48])
def test_ulid_refuses_a_time_that_does_not_fit(now_ms: int) -> None:
    with pytest.raises(ValueError, match="ULID"):
        ids.new_ulid(now_ms)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (ids.new_lease_id, r"[0-9a-f]{32}"),
        (ids.new_request_id, r"req_[0-9a-f]{24}"),
        (ids.new_client_key, r"ep_live_[0-9a-z]{8}_[A-Za-z0-9_-]{43}_[0-9a-f]{8}"),
        (ids.new_invite_code, r"ep_inv_[A-Za-z0-9_-]{43}"),
        (ids.new_agent_key, r"ep_agent_[A-Za-z0-9_-]{43}"),
    ],
)
def test_shapes(make: object, shape: str) -> None:
    """Everything random has the documented form and never comes twice."""
    assert callable(make)
    made = [make() for _ in range(200)]
    assert all(re.fullmatch(shape, text) for text in made)
    assert len(set(made)) == 200


def test_key_hash_is_sha256_of_utf8() -> None:
    """What is stored can be computed by anybody who has the key."""
    assert ids.key_hash("schlüssel") == hashlib.sha256("schlüssel".encode()).hexdigest()


@given(ANY_TEXT)
def test_hash_and_typo_take_any_text(text: str) -> None:
    """A header may hold anything, even what is not Unicode."""
    assert re.fullmatch("[0-9a-f]{64}", ids.key_hash(text))
    assert ids.has_typo(text) in (True, False)


@pytest.mark.parametrize("place", [8, 15, 16, 17, 40, 59, 60, 61, 68])
def test_every_typing_mistake_is_noticed(place: int) -> None:
    """One wrong character anywhere behind the prefix gives the key away as mistyped, not as unknown."""
    key = ids.new_client_key()
    assert not ids.has_typo(key)
    wrong = "x" if key[place] != "x" else "y"
    assert ids.has_typo(key[:place] + wrong + key[place + 1 :])


def test_a_cut_key_is_noticed() -> None:
    """The usual accident when a key is copied: the end, or all but the prefix, is missing."""
    key = ids.new_client_key()
    assert all(ids.has_typo(key[:length]) for length in range(len(ids.CLIENT_KEY_PREFIX), len(key)))


@pytest.mark.parametrize("key", ["", "sk-abc", "ep_inv_abc", "EP_LIVE_abc"])
def test_other_keys_have_no_checksum(key: str) -> None:
    """An operator's own key is not judged by the form of ours."""
    assert not ids.has_typo(key)


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ("ep_live_abcdefgh_" + "x" * 43 + "_0123abyz", "ep_live_ab…yz"),
        ("ep_agent_" + "k" * 43, "ep_agent_kk…kk"),
        ("sk-proj-1234567890", "sk…90"),
        ("short", "s…"),
        ("ep_live_short", "ep_live_…"),
        ("", "(empty)"),
        ("\x1b]0;title\x07 and more", "?]…re"),
        ("ab\u202e" + "x" * 20 + "\ud800\n", "ab…??"),
    ],
)
def test_shown(secret: str, expected: str) -> None:
    """Enough to recognise one's key by, and no control character that a terminal would obey."""
    assert ids.shown(secret) == expected


@given(ANY_TEXT)
def test_shown_is_short_printable_and_keeps_the_secret(text: str) -> None:
    """Of any text, at most 4 characters besides our own prefix are shown, and never the whole."""
    shown = ids.shown(text)
    assert len(shown) <= 20
    assert shown.isprintable()
    prefix = re.match("ep_[a-z]{1,8}_", text)
    assert len(shown.replace("…", "")) - (prefix.end() if prefix else 0) <= (4 if text else len("(empty)"))
