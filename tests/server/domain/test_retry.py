"""A failed task is tried again soon, by others, and not for ever."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import retry


@pytest.mark.parametrize(
    ("charged", "middle"), [(0, 0), (1, 0), (2, 2), (3, 4), (4, 8), (6, 32), (7, 60), (8, 60), (10**9, 60)]
)
def test_backoff_doubles_up_to_a_minute(charged: int, middle: float) -> None:
    """At once after the first failure, then 2, 4, 8 … 60 s in the middle of the jitter."""
    assert retry.backoff_seconds(charged, 0.5) == middle


@given(st.integers(2, 100), st.floats(0, 1, exclude_max=True))
def test_jitter_spreads_by_half(charged: int, jitter: float) -> None:
    """Jitter moves a pause between half and one and a half of its middle, evenly."""
    middle = retry.backoff_seconds(charged, 0.5)
    assert retry.backoff_seconds(charged, jitter) == pytest.approx(middle * (0.5 + jitter))


@pytest.mark.parametrize(
    ("charged", "failed_agents", "permanent", "others_can_try", "expected"),
    [
        (1, 1, False, True, "retry"),
        (3, 2, False, True, "retry"),
        # The only agent may fail a few times: its engine may have been starting.
        (3, 1, False, False, "retry"),
        (4, 1, False, False, "exhausted"),
        (4, 2, False, True, "exhausted"),
        (5, 2, False, True, "exhausted"),
        (3, 3, False, True, "poison"),
        (4, 3, False, True, "poison"),
        (4, 4, False, True, "poison"),
        # One agent alone cannot condemn a text while another could disagree.
        (1, 1, True, True, "retry"),
        (1, 1, True, False, "permanent"),
        (2, 2, True, True, "permanent"),
        (4, 1, True, True, "exhausted"),
        (4, 3, True, True, "permanent"),
    ],
)
def test_verdict(charged: int, failed_agents: int, permanent: bool, others_can_try: bool, expected: str) -> None:
    """Every rule, at its border."""
    verdict = retry.verdict_after_failure(charged, failed_agents, permanent, others_can_try)
    assert verdict == expected


def test_every_task_ends() -> None:
    """Whatever the agents say, the fourth charged failure is the last."""
    for agents, permanent, others in itertools.product(range(1, 5), (True, False), (True, False)):
        assert retry.verdict_after_failure(retry.MAX_CHARGED_ATTEMPTS, agents, permanent, others) != "retry"


def test_a_dead_agents_task_is_back_within_75_seconds() -> None:
    """The promise of the architecture, from its three parts; and a lease survives two lost heartbeats."""
    assert retry.LEASE_SECONDS + retry.RECLAIM_GRACE_SECONDS + retry.RECLAIM_EVERY_SECONDS <= 75
    assert retry.LEASE_SECONDS > 3 * retry.HEARTBEAT_SECONDS
    assert all(cap > retry.LEASE_SECONDS for cap in retry.HARD_CAP_SECONDS.values())
