"""What ran here: the last tasks of this PC, for its owner; never a text of theirs. The file never leaves the PC."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from .files import read_json, write_json

RAN_VERSION = 1
#: Tasks that are kept.
KEEP_TASKS = 500
#: Seconds between two writings: an agent at work ends several tasks a second, and nobody waits for this file.
WRITE_SECONDS = 5.0


class HowEnded(StrEnum):
    """What became of a task."""

    DONE = "done"  # computed; its result was handed to the pool
    FAILED = "failed"  # this PC could not do it
    RELEASED = "released"  # given back unfinished
    REFUSED = "refused"  # computed, but the pool did not want its result any more


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """One task that has left this PC."""

    #: Seconds since 1970.
    finished_at: float
    model: str
    #: The kind of work, as offers name it: `EMBEDDING` or `CHAT` of engines/base.py.
    kind: str
    #: Texts embedded; 0 for a chat.
    texts: int
    #: Tokens read, and for a chat written; 0 where the engine did not count them.
    tokens: int
    #: Seconds at the engine.
    seconds: float
    outcome: HowEnded


class Ran:
    """Remembers how the last tasks ended."""

    def __init__(self, ends: tuple[TaskEnd, ...] = ()) -> None:
        self._ends = deque(ends, maxlen=KEEP_TASKS)
        self._changed = False
        self._given_at = float("-inf")

    @classmethod
    def load(cls, path: Path) -> Ran:
        """Read what is there; entries that make no sense are left out."""
        stored = (read_json(path, RAN_VERSION) or {}).get("tasks")
        entries = stored if isinstance(stored, list) else []
        return cls(tuple(end for end in map(_end_from, entries) if end is not None))

    def note(self, end: TaskEnd) -> None:
        """Keep how a task ended; the oldest beyond `KEEP_TASKS` is forgotten."""
        self._ends.append(end)
        self._changed = True

    def newest(self, number: int = KEEP_TASKS) -> tuple[TaskEnd, ...]:
        """Give the last tasks, the latest first."""
        return tuple(islice(reversed(self._ends), number))

    def unsaved(self, now: float, *, at_once: bool = False) -> tuple[TaskEnd, ...] | None:
        """Give what is to be written, the oldest first; None when nothing changed, or the last time was just now.

        `now` is in seconds of the monotonic clock; `at_once` is for the agent's end.
        """
        if not self._changed or (not at_once and now < self._given_at + WRITE_SECONDS):
            return None
        self._changed, self._given_at = False, now
        return tuple(self._ends)


def write_ran(path: Path, ends: tuple[TaskEnd, ...]) -> None:
    """Write the tasks of `unsaved` in one step."""
    write_json(path, {"version": RAN_VERSION, "tasks": [asdict(end) for end in ends]}, durable=False)


def _end_from(stored: Any) -> TaskEnd | None:
    names = [field.name for field in fields(TaskEnd)]
    if not isinstance(stored, dict) or not set(names) <= stored.keys():
        return None
    try:
        return TaskEnd(
            finished_at=float(stored["finished_at"]),
            model=str(stored["model"]),
            kind=str(stored["kind"]),
            texts=int(stored["texts"]),
            tokens=int(stored["tokens"]),
            seconds=float(stored["seconds"]),
            outcome=HowEnded(stored["outcome"]),
        )
    except (TypeError, ValueError):
        return None
