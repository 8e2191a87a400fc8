"""The agents that wait for work: a new task wakes exactly one that may run it.

The highest tier that waits comes first, and within it who waits longest.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from server.domain.trust import Trust
from server.services.waiting import Gate, Gone, Woken, wait_for


@dataclass(frozen=True, slots=True)
class Call:
    """What an agent is woken for: a task of a capability, and the least trust that it takes to have it."""

    capability: str
    trust: int
    #: Agents that were woken for it before and could not take it.
    passed_by: frozenset[str] = frozenset()


@dataclass(eq=False, slots=True)
class AgentWaiter:
    """An agent on the line."""

    agent_id: str
    tier: int
    capabilities: Sequence[str]
    #: How far it is trusted: it is not woken for what needs more.
    trust: int
    event: threading.Event = field(default_factory=threading.Event)
    #: What it was woken for since it is on the line; None while it was not, or for no task.
    call: Call | None = None
    #: Set when the agent has come back on another connection: this wait has to end.
    replaced: bool = False


class AgentBoard:
    """The agents that wait for work, by capability and tier."""

    def __init__(self, limit: int) -> None:
        self.gate = Gate(limit)
        self._lock = threading.Lock()
        self._lines: dict[str, dict[int, OrderedDict[AgentWaiter, None]]] = {}
        self._waiters: dict[str, AgentWaiter] = {}

    def enter(self, agent_id: str, tier: int, capabilities: Sequence[str], trust: int) -> AgentWaiter | None:
        """Put an agent on the line; None when the server holds as many as it can, or is going down.

        An agent waits once: an earlier wait of it (whose connection was lost, most likely) ends.
        """
        if not self.gate.enter():
            return None
        waiter = AgentWaiter(agent_id, tier, capabilities, trust)
        with self._lock:
            earlier = self._waiters.get(agent_id)
            if earlier is not None:
                earlier.replaced = True
                earlier.event.set()
            self._waiters[agent_id] = waiter
            self._join(waiter)
        return waiter

    def leave(self, waiter: AgentWaiter) -> None:
        """Take an agent off the line; from now on its event stays as it is."""
        with self._lock:
            self._remove(waiter)
            if self._waiters.get(waiter.agent_id) is waiter:
                del self._waiters[waiter.agent_id]
        self.gate.leave()

    def wait(self, waiter: AgentWaiter, seconds: float, look_every: float, gone: Gone) -> Woken:
        """Wait to be woken; `look_every` seconds it is checked that the agent is still connected."""
        return wait_for(waiter.event, seconds, look_every, gone, self.gate)

    def rejoin(self, waiter: AgentWaiter) -> Call | None:
        """Put a woken agent back on the line, before it looks for what it was woken for, and return what that is.

        Not one that was replaced.
        """
        with self._lock:
            if waiter.replaced:
                return None
            call, waiter.call = waiter.call, None
            waiter.event.clear()
            self._join(waiter)
            return call

    def wake(
        self, capability: str, count: int = 1, *, trust: int = Trust.PUBLIC, passed_by: frozenset[str] = frozenset()
    ) -> None:
        """Wake as many agents as there are new tasks, highest tier first, then who waits longest.

        `trust` is the least that the tasks need. `passed_by` names agents to pass over: they were woken for this task
        and found that it is not for them.
        """
        call = Call(capability, trust, passed_by)
        with self._lock:
            for waiter in self._choose(call, count):
                self._remove(waiter)
                waiter.call = call
                waiter.event.set()

    def recall(self, agent_id: str) -> None:
        """Wake an agent, because what it may run has changed."""
        with self._lock:
            if agent_id in self._waiters:
                self._waiters[agent_id].event.set()

    def waiting(self, capability: str) -> int:
        """Count the agents that wait for a capability."""
        with self._lock:
            return sum(len(line) for line in self._lines.get(capability, {}).values())

    def drain(self) -> None:
        """Wake everybody, because the server is going down."""
        self.gate.close()
        with self._lock:
            for waiter in self._waiters.values():
                waiter.event.set()

    def _join(self, waiter: AgentWaiter) -> None:
        for capability in waiter.capabilities:
            self._lines.setdefault(capability, {}).setdefault(waiter.tier, OrderedDict())[waiter] = None

    def _remove(self, waiter: AgentWaiter) -> None:
        for capability in waiter.capabilities:
            tiers = self._lines.get(capability, {})
            line = tiers.get(waiter.tier)
            if line is None:
                continue
            line.pop(waiter, None)
            if not line:
                del tiers[waiter.tier]
            if not tiers:
                del self._lines[capability]

    def _choose(self, call: Call, count: int) -> list[AgentWaiter]:
        chosen: list[AgentWaiter] = []
        tiers = self._lines.get(call.capability, {})
        for tier in sorted(tiers, reverse=True):
            for waiter in tiers[tier]:
                if len(chosen) == count:
                    return chosen
                if waiter.trust >= call.trust and waiter.agent_id not in call.passed_by:
                    chosen.append(waiter)
        return chosen
