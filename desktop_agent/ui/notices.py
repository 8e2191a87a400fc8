"""What its owner is told without having asked: little, each kind once a day, never over a full screen. Plain logic."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..core.files import read_json, write_json
from ..core.settings import Settings
from ..core.state import AgentState, Remedy, StateSnapshot
from ..core.text import Text
from . import texts

log = logging.getLogger(__name__)

NOTICES_VERSION = 1
#: Seconds that an error lasts before anybody is told: most are over by themselves sooner.
PATIENCE_SECONDS = 120.0
#: Numbers of texts that are worth a word of thanks.
MILESTONES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)


class NoticeKind(StrEnum):
    """What a notice is about; of each kind there is one a day at most."""

    STILL_HERE = "still-here"
    OLLAMA = "ollama"
    KEY = "key"
    PROBLEM = "problem"
    MILESTONE = "milestone"
    PAUSE = "pause"
    UPDATE = "update"


class NoticeAction(StrEnum):
    """What happens when a notice, or its button, is clicked."""

    OPEN = "open"
    START_OLLAMA = "start-ollama"
    JOIN_AGAIN = "join-again"
    SHOW_UPDATE = "show-update"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: its words, and the one button that it may have beside being clicked itself."""

    kind: NoticeKind
    words: str
    action: NoticeAction = NoticeAction.OPEN
    button: str = ""


@dataclass(slots=True)
class NoticeMemory:
    """On which day each kind was last given; a small file, so that a restart does not repeat them."""

    path: Path
    given: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> NoticeMemory:
        """Read what was given; nothing where there is no file that makes sense."""
        stored = (read_json(path, NOTICES_VERSION) or {}).get("given")
        days = stored if isinstance(stored, dict) else {}
        return cls(path, {kind: day for kind, day in days.items() if isinstance(day, str)})

    def ever(self, kind: NoticeKind) -> bool:
        """Tell whether this kind was given at any time."""
        return kind in self.given

    def on(self, kind: NoticeKind, day: dt.date) -> bool:
        """Tell whether this kind was given on this day."""
        return self.given.get(kind) == day.isoformat()

    def note(self, kind: NoticeKind, day: dt.date) -> None:
        """Remember that this kind was given."""
        self.given[kind.value] = day.isoformat()
        try:
            write_json(self.path, {"version": NOTICES_VERSION, "given": self.given}, durable=False)
        except OSError as error:
            log.warning("What was told today cannot be remembered: %s", error)


class NoticeRules:
    """Decides what to tell, one snapshot after the other."""

    def __init__(self, memory: NoticeMemory) -> None:
        self._memory = memory
        self._error_since: float | None = None
        self._before: StateSnapshot | None = None
        self._milestone = 0
        self._pause_over = False

    def look(self, snapshot: StateSnapshot, settings: Settings, now: float) -> list[Notice]:
        """Give what is to be told now (`now` in seconds since 1970); what cannot be told yet comes up again."""
        self._watch(snapshot, now)
        self._before = snapshot
        if snapshot.pc.full_screen:
            return []
        day = dt.datetime.fromtimestamp(now).astimezone().date()
        due = [notice for notice in self._due(snapshot, settings, now) if not self._memory.on(notice.kind, day)]
        for notice in due:
            self._memory.note(notice.kind, day)
        self._milestone, self._pause_over = 0, False
        return due

    def window_closed(self, now: float) -> Notice | None:
        """Say once, ever, that closing the window is not quitting."""
        if self._memory.ever(NoticeKind.STILL_HERE):
            return None
        self._memory.note(NoticeKind.STILL_HERE, dt.datetime.fromtimestamp(now).astimezone().date())
        return Notice(NoticeKind.STILL_HERE, texts.STILL_HERE)

    def _watch(self, snapshot: StateSnapshot, now: float) -> None:
        """Keep what is only seen between two snapshots."""
        if snapshot.state is not AgentState.ERROR:
            self._error_since = None
        elif self._error_since is None or (self._before and self._before.remedy is not snapshot.remedy):
            self._error_since = now
        if self._before is None:
            return
        passed = [mark for mark in MILESTONES if self._before.texts_all_time < mark <= snapshot.texts_all_time]
        # From 0 is not a day's work: it is the first count after the start.
        if passed and self._before.texts_all_time:
            self._milestone = passed[-1]
        if self._before.state is AgentState.PAUSED and snapshot.state not in (AgentState.PAUSED, AgentState.SETUP):
            self._pause_over = self._before.until is not None and now >= self._before.until

    def _due(self, snapshot: StateSnapshot, settings: Settings, now: float) -> Iterator[Notice]:
        lasts = self._error_since is not None and now - self._error_since >= PATIENCE_SECONDS
        if settings.notify_problems and lasts:
            yield _problem(snapshot)
        if settings.notify_milestones and self._milestone:
            yield Notice(NoticeKind.MILESTONE, texts.milestone(self._milestone))
        if settings.notify_pauses and self._pause_over:
            yield Notice(NoticeKind.PAUSE, texts.NOTIFY_RESUMED)
        if settings.notify_updates and snapshot.update:
            words = texts.update_ready(snapshot.update)
            yield Notice(NoticeKind.UPDATE, words, NoticeAction.SHOW_UPDATE, texts.SHOW)


def _problem(snapshot: StateSnapshot) -> Notice:
    if snapshot.remedy is Remedy.START_OLLAMA:
        return Notice(NoticeKind.OLLAMA, texts.NOTIFY_OLLAMA, NoticeAction.START_OLLAMA, texts.START_OLLAMA)
    if snapshot.remedy is Remedy.JOIN_AGAIN:
        return Notice(NoticeKind.KEY, texts.NOTIFY_KEY, NoticeAction.JOIN_AGAIN, texts.JOIN_AGAIN)
    return Notice(NoticeKind.PROBLEM, Text("{problem}", problem=snapshot.reason))
