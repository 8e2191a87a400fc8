"""Durations, memory and energy in words, rounded to what a person wants to know."""

from __future__ import annotations

from ..core.text import Text

MINUTE, HOUR, DAY = 60, 3600, 86400
GIB = 1024**3
MB = 1000**2


def duration(seconds: float) -> Text:
    """Say how long something took or lasts: "45 s", "12 min", "2 h 10 min", "3 days"."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return Text("{s} s", s=whole)
    if whole < HOUR:
        return Text("{m} min", m=whole // MINUTE)
    if whole < 2 * DAY:
        return Text("{h} h {m} min", h=whole // HOUR, m=whole % HOUR // MINUTE)
    return Text("{d} days", d=whole // DAY)


def ago(seconds: float) -> Text:
    """Say how long something is over."""
    if seconds < MINUTE:
        return Text("less than a minute ago")
    if seconds < HOUR:
        minutes = int(seconds // MINUTE)
        return Text.counted("{n} minute ago", "{n} minutes ago", minutes)
    if seconds < DAY:
        return Text.counted("{n} hour ago", "{n} hours ago", int(seconds // HOUR))
    return Text.counted("{n} day ago", "{n} days ago", int(seconds // DAY))


def away_for(seconds: float) -> Text:
    """Say since when nobody has touched this PC."""
    return Text("Away for {time}", time=duration(seconds))


def gib(size: int) -> float:
    """Give bytes as the GB that graphics cards are sold by, with one decimal."""
    return round(size / GIB, 1)


def energy(watt_hours: float) -> Text:
    """Say how much energy something took, as an estimate."""
    if watt_hours < 1000:
        return Text("about {wh} Wh", wh=round(watt_hours))
    return Text("about {kwh} kWh", kwh=round(watt_hours / 1000, 1))
