"""The rules of a key's limits: windows of the calendar, what is refused, and in which words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import limits
from server.domain.errors import InsufficientQuota, RateLimited
from server.domain.limits import DAY_MS, MINUTE_MS, Demand, Limits, Used, go_duration

#: 2026-01-01 12:00:15 UTC.
NOON = 1_767_225_600_000 + 12 * 3_600_000 + 15_000
#: A minute and a half before midnight.
LATE = 1_767_225_600_000 + DAY_MS - 90_000


def refused(most: Limits, used: Used, wanted: Demand, now: int = NOON) -> RateLimited:
    """Insist that work is refused, and return the error."""
    found = limits.refusal_of_work(most, used, wanted, now)
    assert found is not None
    return found


@given(st.integers(0, 2**45))
def test_a_window_ends_when_the_next_begins(now: int) -> None:
    """The seconds that are left lead exactly to the first millisecond of the next minute, and of the next day."""
    for left, number in (
        (limits.seconds_left_of_minute(now), limits.minute_of),
        (limits.seconds_left_of_day(now), limits.day_of),
    ):
        end = now + round(left * 1000)
        assert number(end) == number(now) + 1 == number(end - 1) + 1
    assert 0 < limits.seconds_left_of_minute(now) <= 60
    assert 0 < limits.seconds_left_of_day(now) <= 86_400


def test_counts_of_an_earlier_window_are_over() -> None:
    """Requests count in their minute and tokens in their day, each for itself."""
    counted = {"minute": limits.minute_of(NOON), "requests": 7, "day": limits.day_of(NOON), "tokens": 9}
    assert limits.current(**counted, now=NOON) == (7, 9)
    assert limits.current(**counted, now=NOON + MINUTE_MS) == (0, 9)
    assert limits.current(**counted, now=NOON + DAY_MS) == (0, 0)


@pytest.mark.parametrize(("used", "is_refused"), [(0, False), (9, False), (10, True), (11, True)])
def test_a_request_is_refused_when_the_minute_has_had_its_number(used: int, is_refused: bool) -> None:
    """With OpenAI's words, the numbers, and when the next minute begins."""
    found = limits.refusal_of_request(Limits(requests_per_minute=10), Used(requests=used), NOON)
    assert (found is not None) == is_refused
    if found is not None:
        assert (found.type, found.code, found.retry_after) == ("requests", "rate_limit_exceeded", 45)
        assert found.message == (
            f"Rate limit reached for this key on requests per min (RPM): Limit 10, Used {used}, Requested 1. "
            "Please try again in 45s."
        )


def test_what_is_not_limited_is_never_refused() -> None:
    """Whatever was used."""
    used = Used(10**9, 10**9, 10**9, 10**12)
    assert limits.refusal_of_request(Limits(tokens_per_day=1), used, NOON) is None
    assert limits.refusal_of_work(Limits(requests_per_minute=1), used, Demand(10**9, 10**9, 10**9), NOON) is None
    assert not Limits().any
    assert all(Limits(**{name: 1}).any for name in Limits.__slots__)


def test_tokens_to_the_last_one() -> None:
    """The day's limit may be used up exactly; one more is refused for the rest of the day."""
    most = Limits(tokens_per_day=1000)
    assert limits.refusal_of_work(most, Used(tokens=990), Demand(tokens=10), NOON) is None
    found = refused(most, Used(tokens=990), Demand(tokens=11))
    assert isinstance(found, InsufficientQuota)
    assert (found.type, found.code) == ("insufficient_quota", "insufficient_quota")
    assert found.message.startswith("You exceeded your current quota on tokens per day (TPD): Limit 1000, Used 990, ")
    assert "00:00 UTC, in 11h59m45s" in found.message
    assert found.retry_after == 12 * 3600 - 15


def test_tokens_shortly_before_midnight() -> None:
    """When the next day is near, waiting for it is worth while, and the answer says so; a minute earlier it is not."""
    most, used, wanted = Limits(tokens_per_day=10), Used(tokens=10), Demand(tokens=1)
    found = refused(most, used, wanted, LATE)
    assert (type(found), found.type, found.retry_after) == (RateLimited, "tokens", 90)
    assert found.message.endswith("Please try again in 1m30s.")
    assert isinstance(refused(most, used, wanted, LATE - MINUTE_MS), InsufficientQuota)


def test_more_than_a_days_tokens_is_refused_for_good() -> None:
    """No waiting helps, not even to midnight, so none is advised."""
    found = refused(Limits(tokens_per_day=10), Used(), Demand(tokens=11), LATE)
    assert isinstance(found, InsufficientQuota)
    assert found.retry_after is None


def test_tasks_in_flight() -> None:
    """Soon one of them may be over; but a request that alone needs more can never be."""
    most = Limits(max_in_flight=4)
    assert limits.refusal_of_work(most, Used(in_flight=2), Demand(tasks=2), NOON) is None
    soon = refused(most, Used(in_flight=3), Demand(tasks=2))
    assert (type(soon), soon.code, soon.retry_after) == (RateLimited, "rate_limit_exceeded", limits.IN_FLIGHT_RETRY)
    never = refused(most, Used(), Demand(tasks=5))
    assert isinstance(never, InsufficientQuota)
    assert "send less at once" in never.message


def test_stored_bytes() -> None:
    """Answers are kept for an hour at least: trying again in a moment is in vain."""
    most = Limits(max_stored_bytes=100)
    assert limits.refusal_of_work(most, Used(stored_bytes=60), Demand(stored_bytes=40), NOON) is None
    found = refused(most, Used(stored_bytes=60), Demand(stored_bytes=41))
    assert (type(found), found.retry_after) == (InsufficientQuota, limits.STORED_RETRY)
    assert refused(most, Used(), Demand(stored_bytes=101)).retry_after is None


def test_the_lasting_reason_is_told_first() -> None:
    """Who has no tokens left for today is not told to try again in two seconds."""
    most = Limits(tokens_per_day=1, max_in_flight=1)
    assert isinstance(refused(most, Used(tokens=1, in_flight=1), Demand(tokens=1, tasks=1)), InsufficientQuota)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0s"),
        (0, "0s"),
        (0.0001, "1ms"),
        (0.012, "12ms"),
        (0.9999, "1s"),
        (1, "1s"),
        (1.2, "2s"),
        (59.5, "1m0s"),
        (360, "6m0s"),
        (3600, "1h0m0s"),
        (86_400, "24h0m0s"),
        (43_185, "11h59m45s"),
    ],
)
def test_durations_as_go_writes_them(seconds: float, text: str) -> None:
    """The form of OpenAI's `x-ratelimit-reset-*` headers."""
    assert go_duration(seconds) == text


@given(st.floats(0, 10**6))
def test_a_duration_is_never_too_short(seconds: float) -> None:
    """Read back it is as long, and less than a second longer."""
    text = go_duration(seconds)
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    found = sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)(ms|s|m|h)", text))
    assert seconds - 1e-9 <= found < seconds + 1.0001
