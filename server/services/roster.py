"""Who is here: the agents heard of lately, what they may run, and what they say they do.

Kept in memory and written to the database now and then, so that a poll costs no write.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from server.domain.capability import base, family_of, is_cloud_model, kind_of, model_of
from server.domain.retry import AGENT_OFFLINE_SECONDS
from server.domain.trust import Trust
from server.services.catalogue import Catalogue
from server.storage import agents
from server.storage.agents import StoredAgent, StoredOffer
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
    #: Until when a foreign agent is taken to be here although it says nothing: it computes.
    busy_until: int = 0

    @property
    def families(self) -> frozenset[str]:
        """Families of which it takes any capability, for plain tasks only."""
        return self.agent.families

    def online(self, now: int) -> bool:
        """Whether it was heard of lately."""
        return now - self.last_seen <= AGENT_OFFLINE_SECONDS * 1000 or now < self.busy_until

    def serves(self, now: int) -> bool:
        """Whether it is online and may have work."""
        return self.agent.paused_at is None and self.online(now)


@dataclass(frozen=True, slots=True)
class Able:
    """How many agents online may run a capability, by the least trust that they have."""

    #: All of its tasks; and none but the plain ones.
    fully: tuple[int, ...]
    plainly: tuple[int, ...]

    def count(self, *, plain: bool, trust: int) -> int:
        """Count those that may run a task, plain or not, which needs so much trust."""
        return self.fully[trust] + (self.plainly[trust] if plain else 0)


def _at_least(trusts: Sequence[int]) -> tuple[int, ...]:
    """Count for each trust there is how many have it or more."""
    return tuple(sum(has >= trust for has in trusts) for trust in Trust)


@dataclass(slots=True)
class Roster:
    """The agents heard of since the start, and before it as the database remembers."""

    database: Database
    catalogue: Catalogue
    _present: dict[str, Present] = field(default_factory=dict)
    _by_capability: dict[str, dict[str, Present]] = field(default_factory=dict)
    _by_family: dict[str, dict[str, Present]] = field(default_factory=dict)
    #: Capability → (who is able to run it, when that was counted).
    _counts: dict[str, tuple[Able, int]] = field(default_factory=dict)
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

    def known(self, agent_id: str) -> Present | None:
        """Return an agent from memory only: None where it was not heard of since the start."""
        return self._present.get(agent_id)

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
            offers = [self._judge(offer) for offer in offers]
            present = Present(
                agent,
                {offer.capability: offer.class_id for offer in offers if offer.in_pool},
                frozenset(offer.capability for offer in offers if not offer.in_pool),
                before.last_seen if before else agent.last_seen_at or 0,
                before.state if before else "{}",
                busy_until=before.busy_until if before else 0,
            )
            self._present[agent_id] = present
            for capability in present.eligible:
                self._by_capability.setdefault(capability, {})[agent_id] = present
            for family in present.families:
                self._by_family.setdefault(family, {})[agent_id] = present
            return present

    def _judge(self, offer: StoredOffer) -> StoredOffer:
        """Give an embedding model that its agent told no digest of the unverified class, if that is the pool's."""
        if offer.class_id is not None or kind_of(offer.capability) != "embedding":
            return offer
        class_id, admitted = self.catalogue.class_id_of(offer.capability), self.catalogue.admits_unverified
        return StoredOffer(offer.agent_id, offer.capability, class_id, admitted(offer.capability))

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

    def takes(self, present: Present, capability: str) -> bool:
        """Whether an agent may run a capability; one that takes any of a family, as far as no class keeps it out."""
        if capability in present.eligible:
            return True
        return family_of(capability) in present.families and self._is_for_any(capability)

    def _is_for_any(self, capability: str) -> bool:
        """Whether a capability is left to agents that do not say what they have: a cloud model never is."""
        plausible = base(capability) == capability and not is_cloud_model(model_of(capability))
        return plausible and self.catalogue.admits_unverified(capability)

    def class_for(self, present: Present, capability: str) -> int | None:
        """Return the class of the tasks that an agent may run of a capability; None for those that have none."""
        if capability in present.eligible:
            return present.eligible[capability]
        return self.catalogue.class_id_of(capability)

    def offering(self, capabilities: AbstractSet[str]) -> list[str]:
        """Return the agents that offer one of some capabilities, whether they may run it or not."""
        with self._lock:
            return [
                agent_id
                for agent_id, present in self._present.items()
                if not capabilities.isdisjoint(present.eligible.keys() | present.differing)
            ]

    def anyone(self, capability: str, now: int, *, plain: bool = True, trust: int = Trust.PUBLIC) -> bool:
        """Whether an agent that may run this capability, and is trusted so far, is online and not paused."""
        with self._lock:
            able = self._able(capability, plain)
            return any(present.serves(now) and present.agent.trust >= trust for present in able)

    def of_any_model(self) -> list[Present]:
        """Return the agents that take any capability of a family, online or not."""
        with self._lock:
            return list({key: one for agents_ in self._by_family.values() for key, one in agents_.items()}.values())

    def serving(self, capability: str, now: int) -> list[Present]:
        """Return the agents online that offer this capability and are not paused."""
        with self._lock:
            return [present for present in self._by_capability.get(capability, {}).values() if present.serves(now)]

    def online_for(self, capability: str, now: int, *, plain: bool = True, trust: int = Trust.PUBLIC) -> set[str]:
        """Return the agents online that may run this capability, are trusted so far and are not paused."""
        with self._lock:
            able = self._able(capability, plain)
            return {one.agent.id for one in able if one.serves(now) and one.agent.trust >= trust}

    def able(self, capability: str, now: int) -> Able:
        """Count the agents online that may run this capability; up to a second old."""
        counted = self._counts.get(capability)
        if counted is None or now - counted[1] >= COUNT_GOOD_FOR_MS:
            counted = self._counts[capability] = (self._count(capability, now), now)
        return counted[0]

    def count_for(self, capability: str, now: int, *, trust: int = Trust.PUBLIC) -> int:
        """Count the agents online that may run this capability and are trusted so far; up to a second old."""
        return self.able(capability, now).count(plain=True, trust=trust)

    def _count(self, capability: str, now: int) -> Able:
        with self._lock:
            serving = [one for one in self._able(capability, plain=True) if one.serves(now)]
        fully = [one.agent.trust for one in serving if not one.families]
        plainly = [one.agent.trust for one in serving if one.families]
        return Able(_at_least(fully), _at_least(plainly))

    def _able(self, capability: str, plain: bool) -> list[Present]:
        """Return who is able to do a capability's plain tasks, or all of its tasks."""
        named = self._by_capability.get(capability, {})
        others = self._by_family.get(family_of(capability), {}) if plain else {}
        if not others or not self._is_for_any(capability):
            return list(named.values())
        return [*named.values(), *others.values()]

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
        for family in gone.families if gone else ():
            self._by_family[family].pop(agent_id, None)
