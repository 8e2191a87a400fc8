"""Which tasks were shown to polling agents just now, so that agents who ask at once do not all reach for the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

#: Milliseconds for which a task is taken to be on its way to the agent that it was shown to.
FRESH_MS = 250
#: Tasks that are remembered.
REMEMBERED = 1000


@dataclass(slots=True)
class Shown:
    """What was shown lately, and to whom. Nothing is reserved: where there is no other task, all see the same."""

    _lately: OrderedDict[str, tuple[str, int]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def choose(self, agent_id: str, task_ids: Sequence[str], now: int) -> str:
        """Return the first task that was not just shown to another agent, or else the first; `task_ids` has one."""
        with self._lock:
            free = (one for one in task_ids if not self._is_anothers(one, agent_id, now))
            chosen = next(free, task_ids[0])
            self._lately[chosen] = (agent_id, now)
            self._lately.move_to_end(chosen)
            if len(self._lately) > REMEMBERED:
                self._lately.popitem(last=False)
            return chosen

    def _is_anothers(self, task_id: str, agent_id: str, now: int) -> bool:
        whose, since = self._lately.get(task_id, (agent_id, 0))
        return whose != agent_id and now - since < FRESH_MS
