"""Whose results were refused lately: an agent that sends wrong vectors is no use, and its operator is to know."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

#: Milliseconds for which a refused result is remembered.
REMEMBERED_MS = 24 * 3_600_000
#: Agents that are remembered at most.
MOST = 1000


@dataclass(slots=True)
class Refusals:
    """Refused results by agent; forgotten when the server stops, where the agents' records still count them."""

    #: Agent → (how many, when the last was refused).
    _refused: dict[str, tuple[int, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, agent_id: str, now: int) -> None:
        """Note a result that was refused."""
        with self._lock:
            count, _ = self._refused.pop(agent_id, (0, 0))
            # Taken out and put in again: the first is always the one that was quiet for longest.
            self._refused[agent_id] = (count + 1, now)
            if len(self._refused) > MOST:
                del self._refused[next(iter(self._refused))]

    def lately(self, now: int) -> dict[str, int]:
        """Return how many results of each agent were refused, of those with one in the last day."""
        with self._lock:
            self._refused = {
                agent_id: (count, at) for agent_id, (count, at) in self._refused.items() if now - at < REMEMBERED_MS
            }
            return {agent_id: count for agent_id, (count, _) in self._refused.items()}
