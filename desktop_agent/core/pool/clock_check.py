"""Whether this PC's clock is right: a wrong one makes certificates look bad, and times of pauses and hours wrong."""

from __future__ import annotations

import datetime as dt

from .. import messages
from ..text import Text

#: Seconds from which a clock counts as wrong.
WRONG_FROM_SECONDS = 300.0
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
#: What systems say of a certificate that is not good at this time.
_BY_TIME = ("expired", "not yet valid", "validity period")
#: Longest reason of a system that is shown.
_MAX_REASON = 200


def clock_problem(skew_seconds: float | None) -> Text | None:
    """Say by how much this PC's clock is wrong; None when it is right, or nobody knows.

    `skew_seconds` is by how much the server's clock is ahead of ours (`ServerApi.clock_skew`).
    """
    if skew_seconds is None or abs(skew_seconds) < WRONG_FROM_SECONDS:
        return None
    how_much = _roughly(abs(skew_seconds))
    return messages.server.clock_slow(how_much) if skew_seconds > 0 else messages.server.clock_fast(how_much)


def untrusted(host: str, reason: str, now: float) -> Text:
    """Say that a certificate is not trusted; where time is the reason, with our own (`now`, seconds since 1970)."""
    reason = reason[:_MAX_REASON].rstrip(".")
    if any(words in reason.lower() for words in _BY_TIME):
        says = dt.datetime.fromtimestamp(now).astimezone()
        return messages.server.untrusted_by_time(host, reason, f"{says:%Y-%m-%d %H:%M}")
    return messages.server.untrusted(host, reason)


def _roughly(seconds: float) -> Text:
    if seconds >= _DAY - _HOUR / 2:
        return messages.server.days(round(seconds / _DAY))
    if seconds >= _HOUR - _MINUTE / 2:
        return messages.server.hours(round(seconds / _HOUR))
    return messages.server.minutes(round(seconds / _MINUTE))
