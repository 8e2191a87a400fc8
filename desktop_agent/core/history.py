"""How many texts this PC embedded and chats it answered on each day: a small file that never leaves the PC."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .files import read_json, write_json

HISTORY_VERSION = 1
#: Days that are kept.
KEEP_DAYS = 400

#: Day → how many.
Days = dict[str, int]


@dataclass(slots=True)
class History:
    """Texts and chats per day, by the PC's own calendar."""

    texts: Days = field(default_factory=dict)
    chats: Days = field(default_factory=dict)
    changed: bool = False

    @classmethod
    def load(cls, path: Path) -> History:
        """Read what is there; days that make no sense are left out."""
        stored = read_json(path, HISTORY_VERSION) or {}
        return cls(_days(stored.get("texts")), _days(stored.get("chats")))

    def add(self, texts: int, chats: int, today: dt.date) -> None:
        """Count texts and chats for this day."""
        for days, new in ((self.texts, texts), (self.chats, chats)):
            if new > 0:
                day = today.isoformat()
                days[day] = days.get(day, 0) + new
                self.changed = True

    def texts_on(self, day: dt.date) -> int:
        """Give the number of texts embedded on this day."""
        return self.texts.get(day.isoformat(), 0)

    def chats_on(self, day: dt.date) -> int:
        """Give the number of chats answered on this day."""
        return self.chats.get(day.isoformat(), 0)

    def unsaved(self) -> dict[str, Days] | None:
        """Give what is to be written, the newest days of it; None when nothing changed since the last time."""
        if not self.changed:
            return None
        self.texts, self.chats = _newest(self.texts), _newest(self.chats)
        self.changed = False
        return {"texts": dict(self.texts), "chats": dict(self.chats)}


def write_history(path: Path, counts: dict[str, Days]) -> None:
    """Write the counts of `unsaved` in one step."""
    write_json(path, {"version": HISTORY_VERSION, **counts})


def _days(stored: Any) -> Days:
    days = stored if isinstance(stored, dict) else {}
    return {day: count for day, count in days.items() if isinstance(count, int) and count >= 0}


def _newest(days: Days) -> Days:
    return dict(sorted(days.items())[-KEEP_DAYS:])
