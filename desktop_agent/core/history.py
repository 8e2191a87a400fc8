"""How many texts this PC embedded on each day: a small file that never leaves the PC."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from .files import read_json, write_json

HISTORY_VERSION = 1
#: Days that are kept.
KEEP_DAYS = 400


@dataclass(slots=True)
class History:
    """Texts per day, by the PC's own calendar."""

    texts: dict[str, int] = field(default_factory=dict)
    changed: bool = False

    @classmethod
    def load(cls, path: Path) -> History:
        """Read what is there; days that make no sense are left out."""
        stored = (read_json(path, HISTORY_VERSION) or {}).get("texts")
        days = stored if isinstance(stored, dict) else {}
        return cls({day: count for day, count in days.items() if isinstance(count, int) and count >= 0})

    def add(self, texts: int, today: dt.date) -> None:
        """Count texts for this day."""
        if texts > 0:
            day = today.isoformat()
            self.texts[day] = self.texts.get(day, 0) + texts
            self.changed = True

    def on(self, day: dt.date) -> int:
        """Give the number of texts embedded on this day."""
        return self.texts.get(day.isoformat(), 0)

    def unsaved(self) -> dict[str, int] | None:
        """Give what is to be written, the newest days of it; None when nothing changed since the last time."""
        if not self.changed:
            return None
        self.texts = dict(sorted(self.texts.items())[-KEEP_DAYS:])
        self.changed = False
        return dict(self.texts)


def write_history(path: Path, texts: dict[str, int]) -> None:
    """Write the texts per day in one step."""
    write_json(path, {"version": HISTORY_VERSION, "texts": texts})
