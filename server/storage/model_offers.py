"""Who offers which model, for the operator's page of models. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from server.domain.capability import CHAT_FAMILY, EMBEDDING_FAMILY
from server.storage import rows
from server.storage.agents import IS_MEMBER
from server.storage.models import Agent, CachedVector, Offer


@dataclass(frozen=True, slots=True)
class Offering:
    """One model that an agent offers."""

    agent_id: str
    display_name: str | None
    paused: bool
    #: Base capability.
    capability: str
    #: None where its agent tells no class, and for every chat model.
    class_id: int | None


def every(connection: Connection) -> list[Offering]:
    """Return what the agents that have not left offer of models, whoever joined first before others."""
    return rows.each(Offering, connection.execute(_EVERY))


def of_capability(connection: Connection, capability: str) -> list[Offering]:
    """Return who offers a base capability, of the agents that have not left."""
    return rows.each(Offering, connection.execute(_EVERY.where(Offer.capability == capability)))


_EVERY = (
    select(Offer.agent_id, Agent.display_name, Agent.paused_at.is_not(None), Offer.capability, Offer.class_id)
    .join(Agent, Agent.id == Offer.agent_id)
    .where(
        *IS_MEMBER,
        or_(
            *(Offer.capability.startswith(f"{family}.", autoescape=True) for family in (EMBEDDING_FAMILY, CHAT_FAMILY))
        ),
    )
    .order_by(Offer.agent_id)
)


def count_cached(connection: Connection, class_id: int) -> int:
    """Count the cached vectors of a class. It looks at every entry of an index: not for a page that refreshes."""
    counted = select(func.count()).where(CachedVector.class_id == class_id)
    return int(connection.execute(counted).scalar_one())
