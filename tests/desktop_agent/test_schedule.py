"""The owner's hours, by the clock on the wall: summer time, half-hour zones, and grids without any change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from desktop_agent.core.rules.schedule import is_allowed, next_change
from desktop_agent.core.settings import NIGHTS, Settings

BERLIN = ZoneInfo("Europe/Berlin")
ALWAYS, NEVER = ((1 << 24) - 1,) * 7, (0,) * 7
#: Only Tuesday, 02:00 to 03:00.
TUESDAY_TWO = (0, 1 << 2, 0, 0, 0, 0, 0)
#: Only Sundays, 02:00 to 03:00: the hour that summer time takes away, and gives twice.
SUNDAY_TWO = (0, 0, 0, 0, 0, 0, 1 << 2)


def hours(grid: tuple[int, ...], *, only: bool = True) -> Settings:
    return Settings(only_hours=only, hours=grid)


def at(text: str, zone: dt.tzinfo = BERLIN, fold: int = 0) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


@pytest.mark.parametrize(
    ("grid", "now", "allowed", "change"),
    [
        (NIGHTS, "2026-11-23 12:34:56.7", False, "2026-11-23 20:00"),
        (NIGHTS, "2026-11-23 19:59:59.999", False, "2026-11-23 20:00"),
        (NIGHTS, "2026-11-23 20:00", True, "2026-11-24 08:00"),
        (NIGHTS, "2026-11-23 23:59", True, "2026-11-24 08:00"),
        (NIGHTS, "2026-11-24 08:00", False, "2026-11-24 20:00"),
        (TUESDAY_TWO, "2026-11-24 03:00", False, "2026-12-01 02:00"),
        (TUESDAY_TWO, "2026-11-24 02:30", True, "2026-11-24 03:00"),
        # The clock goes from 02:00 to 03:00: that Sunday has no such hour, and the week after has.
        (SUNDAY_TWO, "2026-03-28 12:00", False, "2026-04-05 02:00"),
        # The clock goes from 03:00 back to 02:00: that hour comes twice.
        (SUNDAY_TWO, "2026-10-25 00:30", False, "2026-10-25 02:00"),
        (SUNDAY_TWO, "2026-10-25 02:30", True, "2026-10-25 03:00"),
        # A night with a change in it still ends at eight.
        (NIGHTS, "2026-03-28 22:00", True, "2026-03-29 08:00"),
        (NIGHTS, "2026-10-24 22:00", True, "2026-10-25 08:00"),
    ],
)
def test_the_hours_of_berlin(grid: tuple[int, ...], now: str, allowed: bool, change: str) -> None:
    """What the grid says now, and when it will say something else."""
    settings = hours(grid)
    assert is_allowed(settings, at(now), BERLIN) == allowed
    assert next_change(settings, at(now), BERLIN) == at(change)


def test_the_hour_that_comes_twice_lasts_two_hours() -> None:
    """In the night in which the clock is put back, two o'clock is allowed both times."""
    begin, again = at("2026-10-25 02:00"), at("2026-10-25 02:00", fold=1)
    assert again - begin == 3600
    assert next_change(hours(SUNDAY_TWO), begin, BERLIN) == begin + 7200


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"])
def test_zones_off_the_full_hour(zone: str) -> None:
    """Where the hours begin at :30 or :45 of the world's clock, or summer time is half an hour, they begin in time."""
    there = ZoneInfo(zone)
    for day in ("2026-04-04", "2026-04-05", "2026-10-03", "2026-10-04", "2026-11-23"):
        assert next_change(hours(NIGHTS), at(f"{day} 12:10", there), there) == at(f"{day} 20:00", there)


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [(hours(ALWAYS), True), (hours(NEVER), False), (hours(NEVER, only=False), True)],
)
@pytest.mark.parametrize("ask", [is_allowed, next_change])
def test_grids_that_never_change(
    settings: Settings, allowed: bool, ask: Callable[[Settings, float, dt.tzinfo], object]
) -> None:
    """All hours, none, and a grid that is switched off: the answer is the same for ever."""
    assert ask(settings, at("2026-11-23 12:00"), BERLIN) == (allowed if ask is is_allowed else None)


def test_without_a_zone_it_is_the_time_of_this_pc() -> None:
    """The hours are those of the clock that the owner looks at."""
    now = at("2026-11-23 12:34")
    local = dt.datetime.fromtimestamp(now).astimezone()
    this_hour = tuple(1 << local.hour for _ in range(7))
    assert is_allowed(hours(this_hour), now)
    assert not is_allowed(hours(tuple(~day & (1 << 24) - 1 for day in this_hour)), now)
    assert next_change(hours(this_hour), now) == (now - local.minute * 60 + 3600)
