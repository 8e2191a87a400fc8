"""Counts what the agent does into the history: texts, chats, and the time and power that they took."""

from __future__ import annotations

import datetime as dt
import time

from ..history import History
from .agent import Agent
from .facts import is_working

#: Longest time between two countings that may count as work, in seconds: this PC may have slept in between.
LONGEST_SECONDS = 30.0


class Tally:
    """Knows what was counted already."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._counted_at = time.monotonic()

    def count(self, agent: Agent | None, watts: float) -> None:
        """Count what was done since the last time; `watts` is what the graphics card draws now."""
        now = time.monotonic()
        seconds, self._counted_at = min(now - self._counted_at, LONGEST_SECONDS), now
        if agent is None:
            return
        texts, chats = agent.new_work()
        worked = seconds if is_working(agent) else 0.0
        today = dt.datetime.now().astimezone().date()
        self._history.add(texts, chats, today, seconds=worked, watt_hours=worked * watts / 3600.0)
