"""Agents: their identity, what they offer, and their record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, true, update

from server.domain.capability import CHAT_FAMILY, EMBEDDING_FAMILY
from server.storage import rows
from server.storage.models import Agent, ModelClass, Offer

#: What agents speak: ours, OffloadMQ's, and LLMeQueue's worker.
NATIVE, OFFLOADMQ, LLMEQUEUE = "turn", "offloadmq", "llmequeue"
#: Conditions: it has not left, and its key is good.
IS_MEMBER = (Agent.left_at.is_(None), Agent.revoked_at.is_(None))


@dataclass(frozen=True, slots=True)
class Profile:
    """What an agent says of itself when it joins and when something changed."""

    display_name: str | None
    app_version: str | None
    #: JSON list of capabilities, attributes included.
    capabilities: str
    tier: int
    capacity: int
    #: JSON object.
    system_info: str


@dataclass(frozen=True, slots=True)
class StoredAgent:
    """An agent as the hot path needs it."""

    id: str
    display_name: str | None
    #: The operator's word, or else the agent's.
    tier: int
    capacity: int
    #: What it speaks: `turn`, `offloadmq` or `llmequeue`.
    protocol: str
    last_seen_at: int | None
    paused_at: int | None
    pause_message: str | None
    #: How far the operator trusts it (`domain/trust.py`).
    trust: int

    @property
    def native(self) -> bool:
        """Whether it is our own agent."""
        return self.protocol == NATIVE

    @property
    def families(self) -> frozenset[str]:
        """Families of which it takes any capability, for plain tasks only; empty for an agent that says what it has."""
        return frozenset({EMBEDDING_FAMILY, CHAT_FAMILY}) if self.protocol == LLMEQUEUE else frozenset()


@dataclass(frozen=True, slots=True)
class StoredOffer:
    """One capability of an agent; `in_pool` is false when the pool runs another class of that model."""

    agent_id: str
    capability: str
    class_id: int | None
    in_pool: bool


def register(
    connection: Connection,
    agent_id: str,
    profile: Profile,
    *,
    key_hash: str,
    invite_id: str | None,
    protocol: str,
    trust: int,
    now: int,
) -> None:
    """Write a new agent."""
    connection.execute(
        insert(Agent).values(
            id=agent_id,
            key_hash=key_hash,
            invite_id=invite_id,
            protocol=protocol,
            trust=trust,
            registered_at=now,
            last_seen_at=now,
            **_columns(profile),
        )
    )


def update_profile(connection: Connection, agent_id: str, profile: Profile) -> None:
    """Replace what an agent said of itself."""
    connection.execute(update(Agent).where(Agent.id == agent_id).values(**_columns(profile)))


def _columns(profile: Profile) -> dict[str, object]:
    return {
        "display_name": profile.display_name,
        "app_version": profile.app_version,
        "capabilities": profile.capabilities,
        "tier": profile.tier,
        "capacity": profile.capacity,
        "system_info": profile.system_info,
    }


def replace_offers(connection: Connection, agent_id: str, offers: Mapping[str, tuple[int | None, str | None]]) -> None:
    """Replace an agent's offers; maps a base capability to (class id, engine version)."""
    connection.execute(delete(Offer).where(Offer.agent_id == agent_id))
    if offers:
        connection.execute(
            insert(Offer),
            [
                {"agent_id": agent_id, "capability": capability, "class_id": class_id, "engine_version": version}
                for capability, (class_id, version) in offers.items()
            ],
        )


def secret_of(connection: Connection, agent_id: str) -> str | None:
    """Return the hash of an agent's key; None when there is no such agent, it left, or its key was revoked."""
    return connection.execute(select(Agent.key_hash).where(Agent.id == agent_id, *IS_MEMBER)).scalar()


def invite_of(connection: Connection, agent_id: str) -> str | None:
    """Return the id of the invite that an agent joined with."""
    return connection.execute(select(Agent.invite_id).where(Agent.id == agent_id)).scalar()


def find_speaking(connection: Connection, protocol: str) -> str | None:
    """Return the id of the first agent of a protocol that has not left."""
    found = connection.execute(
        select(Agent.id).where(Agent.protocol == protocol, Agent.left_at.is_(None)).order_by(Agent.id).limit(1)
    )
    return found.scalar()


def find(connection: Connection, agent_id: str) -> StoredAgent | None:
    """Return an agent that has not left, and whose key is good."""
    row = connection.execute(_FIND, {"agent": agent_id}).first()
    return rows.one(StoredAgent, row)


_PRESENT = select(
    Agent.id,
    Agent.display_name,
    func.coalesce(Agent.tier_override, Agent.tier),
    func.coalesce(Agent.capacity_override, Agent.capacity),
    Agent.protocol,
    Agent.last_seen_at,
    Agent.paused_at,
    Agent.pause_message,
    Agent.trust,
).where(*IS_MEMBER)
_FIND = _PRESENT.where(Agent.id == bindparam("agent"))


def seen_since(connection: Connection, since: int) -> list[StoredAgent]:
    """Return the agents that were heard of since a time, have not left, and whose keys are good."""
    found = connection.execute(_PRESENT.where(Agent.last_seen_at >= since))
    return rows.each(StoredAgent, found)


def offers_of(connection: Connection, agent_id: str) -> list[StoredOffer]:
    """Return what an agent offers."""
    return rows.each(StoredOffer, connection.execute(_OFFERS_OF, {"agent": agent_id}))


_OFFERS_OF = (
    select(Offer.agent_id, Offer.capability, Offer.class_id, func.coalesce(ModelClass.is_pool, true()))
    .outerjoin(ModelClass, ModelClass.id == Offer.class_id)
    .where(Offer.agent_id == bindparam("agent"))
)


def registered_capabilities(connection: Connection, agent_ids: Sequence[str]) -> dict[str, str]:
    """Return the capabilities of agents as they registered them, attributes included: agent id → JSON list."""
    found = connection.execute(select(Agent.id, Agent.capabilities).where(Agent.id.in_(agent_ids)))
    return {agent_id: str(capabilities) for agent_id, capabilities in found}


def capabilities_offered(connection: Connection) -> frozenset[str]:
    """Return every base capability that an agent offers, or offered when it left."""
    return frozenset(connection.execute(select(Offer.capability).distinct()).scalars())


def last_offered(connection: Connection) -> dict[str, int]:
    """Return when an agent that offers it was last heard of, by base capability."""
    found = connection.execute(
        select(Offer.capability, func.max(Agent.last_seen_at))
        .join(Agent, Agent.id == Offer.agent_id)
        .where(or_(Offer.class_id.is_(None), Offer.class_id.in_(select(ModelClass.id).where(ModelClass.is_pool))))
        .group_by(Offer.capability)
    )
    return {capability: last_seen or 0 for capability, last_seen in found}


def note_seen(connection: Connection, seen: Sequence[tuple[str, int, str]]) -> None:
    """Write when agents were last heard of and what they said; each is (agent id, time, JSON state)."""
    if seen:
        connection.execute(_NOTE_SEEN, [{"agent": agent, "at": at, "said": state} for agent, at, state in seen])


_NOTE_SEEN = (
    update(Agent).where(Agent.id == bindparam("agent")).values(last_seen_at=bindparam("at"), state=bindparam("said"))
)


def leave(connection: Connection, agent_id: str, now: int) -> bool:
    """End an agent's membership: its key is worthless from now on. False when it had left already.

    What it offered is kept, to tell for how long a model has not been offered.
    """
    left = connection.execute(
        update(Agent).where(Agent.id == agent_id, Agent.left_at.is_(None)).values(left_at=now, key_hash="")
    )
    return left.rowcount == 1


def revoke(connection: Connection, agent_id: str, now: int) -> bool:
    """Make an agent's key worthless; it stays in the operator's lists. False when it was so already, or it left."""
    revoked = connection.execute(
        update(Agent).where(Agent.id == agent_id, *IS_MEMBER).values(revoked_at=now, key_hash="")
    )
    return revoked.rowcount == 1
