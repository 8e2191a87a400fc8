"""A clock that is wrong is told of, in words that say by how much."""

from __future__ import annotations

import pytest

from desktop_agent.core.pool.clock_check import WRONG_FROM_SECONDS, clock_problem, untrusted

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (WRONG_FROM_SECONDS, "slow by 5 minutes"),
        (-12 * MINUTE, "fast by 12 minutes"),
        (HOUR, "slow by 1 hour"),
        (-7 * HOUR, "fast by 7 hours"),
        (DAY - 5, "slow by 1 day"),
        (-400 * DAY, "fast by 400 days"),
    ],
)
def test_a_wrong_clock_is_told_of(skew: float, words: str) -> None:
    """The server is ahead: ours is slow. In the unit that fits."""
    problem = clock_problem(skew)
    assert problem is not None
    assert problem.startswith(f"This PC's clock is {words}. Set it right")


@pytest.mark.parametrize("skew", [None, 0.0, WRONG_FROM_SECONDS - 1, 1 - WRONG_FROM_SECONDS])
def test_a_clock_that_is_right_is_not(skew: float | None) -> None:
    """A few minutes do no harm, and no answer means that nobody knows."""
    assert clock_problem(skew) is None


@pytest.mark.parametrize(
    "reason",
    [
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate is not yet valid (_ssl.c:1006)",
        "certificate has expired",
        "“pool.example.org” certificate is expired",
        "A required certificate is not within its validity period when verifying against the current system clock.",
    ],
)
def test_a_certificate_that_is_not_good_now_makes_the_clock_suspect(reason: str) -> None:
    """As the systems say it: the owner sees what their clock says, the day included."""
    said = untrusted("pool.example.org", reason, 0.0)
    assert "This PC's clock says 19" in said
    assert ".." not in said


def test_a_certificate_of_a_stranger_does_not() -> None:
    """Nor is a reason without an end shown whole."""
    said = untrusted("pool.example.org", "self-signed certificate" + "x" * 1000, 0.0)
    assert "clock" not in said
    assert len(said) < 300
