"""The owner's hours: may this PC work now, and when does that change next? By the PC's own clock and its time zone."""

from __future__ import annotations

import datetime as dt
import math

from ..settings import DAYS_PER_WEEK, HOURS_PER_DAY, Settings

#: How far ahead a change is looked for: a week, and a day more for a clock that is changed in it.
LOOK_AHEAD_SECONDS = (DAYS_PER_WEEK + 1) * HOURS_PER_DAY * 3600


def is_allowed(settings: Settings, now: float, zone: dt.tzinfo | None = None) -> bool:
    """Tell whether the hours allow work (seconds since 1970); `zone` stands in for the PC's own time."""
    return not settings.only_hours or _hour_is_on(settings, _local(now, zone))


def next_change(settings: Settings, now: float, zone: dt.tzinfo | None = None) -> float | None:
    """Give the next time at which `is_allowed` changes (seconds since 1970); None when it never does."""
    if not settings.only_hours:
        return None
    allowed = is_allowed(settings, now, zone)
    at = now
    while at < now + LOOK_AHEAD_SECONDS:
        at = _next_full_hour(at, zone)
        if is_allowed(settings, at, zone) != allowed:
            return at
    return None


def _hour_is_on(settings: Settings, local: dt.datetime) -> bool:
    return bool(settings.hours[local.weekday()] >> local.hour & 1)


def _next_full_hour(at: float, zone: dt.tzinfo | None) -> float:
    """Give when the clock shows the next full hour. Clocks are changed at full hours, so no change is missed."""
    at = math.floor(at)
    local = _local(at, zone)
    return at + 3600 - (local.minute * 60 + local.second)


def _local(at: float, zone: dt.tzinfo | None) -> dt.datetime:
    return dt.datetime.fromtimestamp(at).astimezone() if zone is None else dt.datetime.fromtimestamp(at, zone)
