"""How long a client waits for its answer before it gives up, read from what its request says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

#: Seconds that an official SDK waits when its request does not say.
SDK_READ_TIMEOUT = 600.0
#: Seconds before the SDK's own deadline at which it is answered, so that it learns to come back.
MARGIN = 5.0
#: Longest time (seconds) a client that is no SDK may ask to wait.
MAX_ASKED = 30.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to keep a client, and whether it is an official SDK, which retries but understands no 202."""

    seconds: float
    sdk: bool


class Headers(Protocol):
    """A request's headers, looked up without regard to case."""

    def get(self, name: str, /) -> str | None:
        """Return a header's value, if it was sent."""


def patience(headers: Headers, asked: str | None, *, default: float, longest: float) -> Patience:
    """Read a request's patience.

    Args:
        headers: the request's headers.
        asked: the query's `wait`, in seconds.
        default: seconds for a client that says nothing.
        longest: seconds for any SDK at most.
    """
    if headers.get("x-stainless-lang"):
        said = _seconds(headers.get("x-stainless-read-timeout")) or _seconds(headers.get("x-stainless-timeout"))
        budget = said or SDK_READ_TIMEOUT
        # A short deadline leaves no room for the whole margin: then half of the time has to do.
        return Patience(min(longest, max(budget - MARGIN, budget / 2)), sdk=True)
    wanted = _seconds(asked, zero=True)
    if wanted is None:
        wanted = _preferred(headers.get("prefer") or "")
    return Patience(default if wanted is None else min(wanted, MAX_ASKED), sdk=False)


def _preferred(header: str) -> float | None:
    """Read `Prefer: wait=10` (RFC 7240, section 4.3)."""
    for preference in header.split(","):
        name, _, value = preference.partition("=")
        if name.strip().lower() == "wait":
            return _seconds(value.strip(), zero=True)
    return None


def _seconds(text: str | None, *, zero: bool = False) -> float | None:
    try:
        seconds = float(text or "nan")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and (seconds > 0 or (zero and seconds == 0)) else None
