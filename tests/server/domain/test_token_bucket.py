"""The token bucket: never more than it holds and gains, whatever the order of times."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.domain import token_bucket
from server.domain.token_bucket import Bucket, Rate

RATE = Rate(capacity=3, per_second=0.5)


def test_a_full_bucket_gives_what_it_holds() -> None:
    """Then nothing, until one has come back, which is told exactly."""
    bucket: Bucket | None = RATE.full(0)
    for _ in range(3):
        assert bucket is not None
        last, bucket = bucket, token_bucket.take(bucket, RATE, 0)
    assert bucket is not None
    assert token_bucket.take(bucket, RATE, 0) is None
    assert token_bucket.seconds_until_one(bucket, RATE, 0) == 2
    assert token_bucket.seconds_until_one(last, RATE, 0) == 0
    assert token_bucket.take(bucket, RATE, 1999) is None
    assert token_bucket.take(bucket, RATE, 2000) is not None


def test_it_never_runs_over() -> None:
    """Neither by waiting long nor by what is put back."""
    assert token_bucket.level(RATE.full(0), RATE, 10**9) == 3
    assert token_bucket.put_back(RATE.full(0), RATE, 0).level == 3
    empty = Bucket(0, 0)
    assert token_bucket.put_back(empty, RATE, 0) == Bucket(1, 0)


def test_a_clock_that_runs_backwards_takes_and_gives_nothing() -> None:
    """The level stays, and the time it counts from too."""
    bucket = Bucket(2, 1000)
    assert token_bucket.level(bucket, RATE, 0) == 2
    taken = token_bucket.take(bucket, RATE, 0)
    assert taken == Bucket(1, 1000)


@given(st.lists(st.integers(0, 20_000), max_size=60))
def test_no_more_is_taken_than_it_held_and_gained(times: list[int]) -> None:
    """At any moments tried: its capacity, and what came in since the first."""
    bucket, taken = RATE.full(0), 0
    for now in sorted(times):
        after = token_bucket.take(bucket, RATE, now)
        if after is not None:
            bucket, taken = after, taken + 1
    assert taken <= RATE.capacity + max(times, default=0) / 1000 * RATE.per_second
