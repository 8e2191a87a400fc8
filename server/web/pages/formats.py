"""How times, numbers and sizes are written on the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from server.web.parts import pool

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
#: Characters at the end of an id that tell it from the others: the beginning is its time.
ID_END = 6


def number(value: float | None) -> str:
    """Write a number with commas; a dash for None."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


def size(octets: float | None) -> str:
    """Write a number of bytes with a fitting unit."""
    if octets is None:
        return "–"
    amount = float(octets)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(amount) < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def duration(milliseconds: float | None) -> str:
    """Write a stretch of time with its two largest units."""
    if milliseconds is None:
        return "–"
    if milliseconds < SECOND:
        return f"{milliseconds:.0f} ms"
    if milliseconds < MINUTE:
        return f"{milliseconds / SECOND:.1f} s".replace(".0 s", " s")
    if milliseconds < HOUR:
        return _two(milliseconds, MINUTE, "min", SECOND, "s")
    if milliseconds < DAY:
        return _two(milliseconds, HOUR, "h", MINUTE, "min")
    return _two(milliseconds, DAY, "d", HOUR, "h")


def _two(milliseconds: float, unit: int, name: str, part: int, part_name: str) -> str:
    whole, rest = divmod(int(milliseconds), unit)
    parts = rest // part
    return f"{whole} {name} {parts} {part_name}" if parts else f"{whole} {name}"


def ago(milliseconds: int | None) -> str:
    """Say how long ago something was, or in how long it will be, with one unit."""
    if milliseconds is None:
        return "never"
    passed = pool().clock.now() - milliseconds
    if abs(passed) < 2 * SECOND:
        return "now"
    amount = _one(abs(passed))
    return f"{amount} ago" if passed > 0 else f"in {amount}"


def _one(milliseconds: int) -> str:
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if milliseconds >= unit:
            return f"{milliseconds // unit} {name}"
    return f"{milliseconds // SECOND} s"


def exact(milliseconds: int | None) -> str:
    """Write a time to the second, in UTC."""
    if milliseconds is None:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso(milliseconds: int) -> str:
    """Write a time for programs."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def percent(share: float | None) -> str:
    """Write a share of 1 in percent; small ones with a decimal."""
    if share is None:
        return "–"
    return f"{share * 100:.1f} %" if 0 < share < 0.1 else f"{share * 100:.0f} %"


def short_id(identifier: str) -> str:
    """Return the end of an id, which tells it from the others at a glance."""
    return f"…{identifier[-ID_END:]}" if len(identifier) > ID_END else identifier


def plural(count: int, one: str, many: str = "") -> str:
    """Write a number of things: `1 agent`, `2 agents`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "size": size,
    "duration": duration,
    "ago": ago,
    "exact": exact,
    "iso": iso,
    "percent": percent,
    "short_id": short_id,
    "plural": plural,
}
