"""Waits grow, are spread by chance, and end at a minute."""

from __future__ import annotations

from desktop_agent.core.pool.backoff import BASE_SECONDS, CAP_SECONDS, Backoff, delay_seconds


def test_the_longest_wait_doubles_up_to_the_cap() -> None:
    """Without luck the waits double, and never pass a minute, however often it failed."""
    longest = [delay_seconds(attempt, lambda: 1.0) for attempt in range(10)]
    assert longest[:4] == [BASE_SECONDS, 2 * BASE_SECONDS, 4 * BASE_SECONDS, 8 * BASE_SECONDS]
    assert longest[-1] == CAP_SECONDS
    assert delay_seconds(100_000, lambda: 1.0) == CAP_SECONDS


def test_the_jitter_is_full() -> None:
    """Chance moves a wait over its whole range, down to nothing."""
    assert delay_seconds(5, lambda: 0.0) == 0.0
    assert delay_seconds(5, lambda: 0.5) == delay_seconds(5, lambda: 1.0) / 2


def test_a_success_starts_from_the_beginning() -> None:
    """After a success the next failure waits as the first one did."""
    backoff = Backoff(draw=lambda: 1.0)
    first = backoff.failed()
    assert backoff.failed() > first
    backoff.succeeded()
    assert backoff.failed() == first
