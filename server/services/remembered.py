"""Answers that are good enough for some seconds: what takes long to count, and is asked by every open page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

T = TypeVar("T")


@dataclass(slots=True)
class Remembered:
    """What was found out last, under names; whoever asks while it is found out waits for the same answer."""

    #: Name → (answer, when it was found out).
    _known: dict[str, tuple[Any, int]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def recall(self, name: str, find_out: Callable[[], T], *, good_for_ms: int, now: int) -> T:
        """Return an answer that is not older than some milliseconds.

        Args:
            name: what is asked; each name belongs to one question.
            find_out: finds the answer, where none is known or it is too old.
            good_for_ms: how old an answer may be.
            now: the time.
        """
        with self._lock:
            known = self._known.get(name)
            if known is None or now - known[1] >= good_for_ms:
                known = self._known[name] = (find_out(), now)
            return cast(T, known[0])
