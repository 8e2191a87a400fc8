"""What this PC did on each day, and in all: a small file that never leaves the PC."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .files import read_json, write_json

HISTORY_VERSION = 1
#: Days that are kept. What was done before them stays in the totals.
KEEP_DAYS = 400
#: What is counted: texts embedded, chats answered, seconds at work, and an estimate of the energy (what the graphics
#: card drew while it worked; nothing where that is not known).
NAMES = ("texts", "chats", "seconds", "watt_hours")
ALL_TIME = "all_time"

#: Day, or one of NAMES → how much.
Days = dict[str, float]


@dataclass(frozen=True, slots=True)
class Day:
    """What was done on one day of the PC's own calendar."""

    date: dt.date
    texts: int = 0
    chats: int = 0
    seconds: float = 0.0
    watt_hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Totals:
    """What was done since this PC joined its first pool."""

    texts: int = 0
    chats: int = 0
    seconds: float = 0.0
    watt_hours: float = 0.0


class History:
    """Amounts per day, and their totals."""

    def __init__(self, days: dict[str, Days] | None = None, all_time: Days | None = None) -> None:
        #: One of NAMES → day → how much.
        self._days = {name: dict((days or {}).get(name, {})) for name in NAMES}
        # A total is never less than the days that are known: older versions of the file have none.
        self._all_time = {name: max((all_time or {}).get(name, 0), sum(self._days[name].values())) for name in NAMES}
        self._changed = False

    @classmethod
    def load(cls, path: Path) -> History:
        """Read what is there; amounts that make no sense are left out."""
        stored = read_json(path, HISTORY_VERSION) or {}
        return cls({name: _amounts(stored.get(name)) for name in NAMES}, _amounts(stored.get(ALL_TIME)))

    def add(self, texts: int, chats: int, today: dt.date, *, seconds: float = 0.0, watt_hours: float = 0.0) -> None:
        """Count what was done on this day."""
        day = today.isoformat()
        for name, new in zip(NAMES, (texts, chats, seconds, watt_hours), strict=True):
            if new > 0:
                self._days[name][day] = self._days[name].get(day, 0) + new
                self._all_time[name] += new
                self._changed = True

    def texts_on(self, day: dt.date) -> int:
        """Give the number of texts embedded on this day."""
        return int(self._on("texts", day))

    def chats_on(self, day: dt.date) -> int:
        """Give the number of chats answered on this day."""
        return int(self._on("chats", day))

    def days(self, number: int, today: dt.date) -> tuple[Day, ...]:
        """Give the last days, the oldest first and today last; days without work are among them."""
        dates = (today - dt.timedelta(days=ago) for ago in range(number - 1, -1, -1))
        return tuple(
            Day(
                date,
                texts=self.texts_on(date),
                chats=self.chats_on(date),
                seconds=self._on("seconds", date),
                watt_hours=self._on("watt_hours", date),
            )
            for date in dates
        )

    @property
    def all_time(self) -> Totals:
        """What was done in all, the days that were forgotten included."""
        total = self._all_time
        return Totals(int(total["texts"]), int(total["chats"]), float(total["seconds"]), float(total["watt_hours"]))

    def unsaved(self) -> dict[str, Days] | None:
        """Give what is to be written, the newest days of it; None when nothing changed since the last time."""
        if not self._changed:
            return None
        self._changed = False
        self._days = {name: _newest(days) for name, days in self._days.items()}
        return {**{name: dict(days) for name, days in self._days.items()}, ALL_TIME: dict(self._all_time)}

    def _on(self, name: str, day: dt.date) -> float:
        return self._days[name].get(day.isoformat(), 0)


def write_history(path: Path, counts: dict[str, Days]) -> None:
    """Write the amounts of `unsaved` in one step."""
    write_json(path, {"version": HISTORY_VERSION, **counts})


def _amounts(stored: Any) -> Days:
    amounts = stored if isinstance(stored, dict) else {}
    return {key: amount for key, amount in amounts.items() if _is_amount(amount)}


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _newest(days: Days) -> Days:
    return dict(sorted(days.items())[-KEEP_DAYS:])
