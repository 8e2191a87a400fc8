"""Who is here: the agents heard of lately, what they may run, and what they say they do.

Kept in memory and written to the database now and then, so that a poll costs no write.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from server.domain.retry import AGENT_OFFLINE_SECONDS
from server.storage import agents
from server.storage.agents import StoredAgent
from server.storage.database import Database

#: Milliseconds for which a count of agents is good enough.
COUNT_GOOD_FOR_MS = 1000


@dataclass(slots=True)
class Present:
    """An agent that was heard of; `last_seen` and `state` change, the rest is replaced when the agent changes."""

    agent: StoredAgent
    #: Base capability → class of the pool (None for what has no class).
    eligible: dict[str, int | None]
    #: Base capabilities for which the pool runs another class.
    differing: frozenset[str]
    last_seen: int
    #: JSON object: what the agent said it was doing.
    state: str = "{}"
    unwritten: bool = False

    def online(self, now: int) -> bool:
        """Whether it was heard of lately."""
        return now - self.last_seen <= AGENT_OFFLINE_SECONDS * 1000


@dataclass(slots=True)
class Roster:
    """The agents heard of since the start, and before it as the database remembers."""

    database: Database
    _present: dict[str, Present] = field(default_factory=dict)
    _by_capability: dict[str, dict[str, Present]] = field(default_factory=dict)
    _counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def load(self, now: int) -> None:
        """Remember the agents that were online just before the server started."""
        with self.database.read() as connection:
            recent = agents.seen_since(connection, now - AGENT_OFFLINE_SECONDS * 1000)
        for agent in recent:
            self.refresh(agent.id)

    def get(self, agent_id: str) -> Present | None:
        """Return an agent, looked up in the database at the first time; None when it does not exist or left."""
        return self._present.get(agent_id) or self.refresh(agent_id)

    def refresh(self, agent_id: str) -> Present | None:
        """Read an agent and its offers anew, because they changed."""
        # Read under the lock: an older reading must never replace a newer one.
        with self._lock:
            with self.database.read() as connection:
                agent = agents.find(connection, agent_id)
                offers = agents.offers_of(connection, agent_id)
            before = self._present.get(agent_id)
            self._forget(agent_id)
            if agent is None:
                return None
            present = Present(
                agent,
                {offer.capability: offer.class_id for offer in offers if offer.in_pool},
                frozenset(offer.capability for offer in offers if not offer.in_pool),
                before.last_seen if before else agent.last_seen_at or 0,
                before.state if before else "{}",
            )
            self._present[agent_id] = present
            for capability in present.eligible:
                self._by_capability.setdefault(capability, {})[agent_id] = present
            return present

    def is_current(self, present: Present) -> bool:
        """Whether an agent is still here, and what is known of it has not changed."""
        return self._present.get(present.agent.id) is present

    def forget(self, agent_id: str) -> None:
        """Drop an agent that left."""
        with self._lock:
            self._forget(agent_id)

    def touch(self, present: Present, now: int, state: str | None = None) -> None:
        """Note that an agent was heard of, and what it said of itself."""
        present.last_seen = now
        if state is not None:
            present.state = state
        present.unwritten = True

    def anyone(self, capability: str, now: int) -> bool:
        """Whether an agent that may run this capability is online."""
        with self._lock:
            return any(present.online(now) for present in self._by_capability.get(capability, {}).values())

    def online_for(self, capability: str, now: int) -> set[str]:
        """Return the agents online that may run this capability."""
        with self._lock:
            return {key for key, present in self._by_capability.get(capability, {}).items() if present.online(now)}

    def count_for(self, capability: str, now: int) -> int:
        """Count the agents online that may run this capability; up to a second old."""
        count, counted_at = self._counts.get(capability, (0, -COUNT_GOOD_FOR_MS))
        if now - counted_at >= COUNT_GOOD_FOR_MS:
            count = len(self.online_for(capability, now))
            self._counts[capability] = (count, now)
        return count

    def online(self, now: int) -> list[Present]:
        """Return the agents online."""
        with self._lock:
            return [present for present in self._present.values() if present.online(now)]

    def take_unwritten(self) -> list[tuple[str, int, str]]:
        """Return what the database does not know yet of who was seen; each is (agent id, time, JSON state)."""
        with self._lock:
            fresh = [present for present in self._present.values() if present.unwritten]
            for present in fresh:
                present.unwritten = False
            return [(present.agent.id, present.last_seen, present.state) for present in fresh]

    def _forget(self, agent_id: str) -> None:
        gone = self._present.pop(agent_id, None)
        self._counts.clear()
        for capability in gone.eligible if gone else ():
            self._by_capability[capability].pop(agent_id, None)
