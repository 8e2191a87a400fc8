"""What the operator changes of agents, and asks of them beyond their records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select, update

from server.domain.trust import Trust
from server.storage import rows
from server.storage.agents import IS_MEMBER
from server.storage.base import LEASED
from server.storage.models import Agent, Attempt, Invite, Offer, Task


@dataclass(frozen=True, slots=True)
class OfferRecord:
    """One thing that an agent offers, and of which class."""

    agent_id: str
    display_name: str | None
    #: Base capability.
    capability: str
    class_id: int | None
    engine_version: str | None


@dataclass(frozen=True, slots=True)
class WorkRecord:
    """A task that an agent computes now."""

    task_id: str
    capability: str
    started_at: int


def pause(connection: Connection, agent_id: str, *, message: str, now: int) -> bool:
    """Let an agent have no work, and tell it why; False when there is no such agent."""
    return _change(connection, agent_id, paused_at=func.coalesce(Agent.paused_at, now), pause_message=message)


def resume(connection: Connection, agent_id: str) -> bool:
    """Let an agent have work again; False when there is no such agent."""
    return _change(connection, agent_id, paused_at=None, pause_message=None)


def override(connection: Connection, agent_id: str, wanted: Mapping[str, int | None]) -> bool:
    """Put the operator's `tier`, `capacity` or `trust` over the agent's, or take it back; False without the agent.

    Trust taken back is what the agent's invite says.
    """
    values: dict[str, object] = {f"{name}_override": value for name, value in wanted.items() if name != "trust"}
    if "trust" in wanted:
        values["trust"] = _OF_INVITE if wanted["trust"] is None else wanted["trust"]
    return _change(connection, agent_id, **values)


_OF_INVITE = func.coalesce(select(Invite.trust).where(Invite.id == Agent.invite_id).scalar_subquery(), Trust.PUBLIC)


def _change(connection: Connection, agent_id: str, **values: object) -> bool:
    of_agent = (Agent.id == agent_id, *IS_MEMBER)
    return connection.execute(update(Agent).where(*of_agent).values(**values)).rowcount == 1


def in_flight(connection: Connection) -> dict[str, int]:
    """Count the tasks that agents compute now, by agent."""
    counted = select(Attempt.agent_id, func.count()).where(Attempt.status == LEASED).group_by(Attempt.agent_id)
    return dict(connection.execute(counted).all())


def work_of(connection: Connection, agent_id: str) -> list[WorkRecord]:
    """Return what an agent computes now, oldest first."""
    found = connection.execute(
        select(Attempt.task_id, Task.capability, Attempt.started_at)
        .join(Task, Task.id == Attempt.task_id)
        .where(Attempt.agent_id == agent_id, Attempt.status == LEASED)
        .order_by(Attempt.started_at)
    )
    return rows.each(WorkRecord, found)


def invite_of(connection: Connection, agent_id: str) -> tuple[str, str] | None:
    """Return (id, name) of the invite that an agent joined with."""
    found = connection.execute(
        select(Invite.id, Invite.name).join(Agent, Agent.invite_id == Invite.id).where(Agent.id == agent_id)
    ).first()
    return None if found is None else (found[0], found[1])


def offers_of(connection: Connection, agent_id: str) -> list[OfferRecord]:
    """Return what an agent offers."""
    return rows.each(OfferRecord, connection.execute(_OFFERS.where(Offer.agent_id == agent_id)))


def offers_for(connection: Connection, capability: str, limit: int) -> list[OfferRecord]:
    """Return who offers a base capability, whoever joined first before others."""
    wanted = _OFFERS.where(Offer.capability == capability, *IS_MEMBER).order_by(Offer.agent_id)
    return rows.each(OfferRecord, connection.execute(wanted.limit(limit)))


_OFFERS = select(Offer.agent_id, Agent.display_name, Offer.capability, Offer.class_id, Offer.engine_version).join(
    Agent, Agent.id == Offer.agent_id
)


def some(connection: Connection, limit: int, *, unseen_since: int | None = None) -> list[str]:
    """Return agents that have not left; only those not heard of since a time, where one is given."""
    wanted = select(Agent.id).where(Agent.left_at.is_(None)).limit(limit)
    if unseen_since is not None:
        never = Agent.last_seen_at.is_(None) & (Agent.registered_at < unseen_since)
        wanted = wanted.where(or_(Agent.last_seen_at < unseen_since, never))
    return list(connection.execute(wanted).scalars())
