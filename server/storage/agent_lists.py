"""Agents as the operator goes through them: all in brief, and more of those on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from server.storage import agent_records, rows
from server.storage.agent_control import OfferRecord
from server.storage.models import Agent, Attempt, Offer, Task, Usage


@dataclass(frozen=True, slots=True)
class AgentBrief:
    """An agent as far as lists are sorted and searched by it."""

    id: str
    display_name: str | None
    last_seen_at: int | None
    paused_at: int | None
    revoked_at: int | None
    tasks_completed: int
    texts: int


@dataclass(frozen=True, slots=True)
class AgentAttempt:
    """One try of an agent; times are milliseconds since 1970."""

    task_id: str
    capability: str
    texts: int
    status: str
    started_at: int
    ended_at: int | None
    error_code: str | None
    error_message: str | None
    engine_ms: float | None


@dataclass(frozen=True, slots=True)
class DayOfWork:
    """What an agent did on one day."""

    #: Days since 1970 (UTC).
    day: int
    tasks: int
    failed: int
    texts: int
    engine_ms: float


def briefs(connection: Connection) -> list[AgentBrief]:
    """Return the agents that have not left, oldest first, up to `agent_records.MOST`."""
    return rows.each(AgentBrief, connection.execute(_BRIEFS))


_BRIEFS = (
    select(
        Agent.id,
        Agent.display_name,
        Agent.last_seen_at,
        Agent.paused_at,
        Agent.revoked_at,
        Agent.tasks_completed,
        Agent.texts,
    )
    .where(Agent.left_at.is_(None))
    .order_by(Agent.id)
    .limit(agent_records.MOST)
)


def offered(connection: Connection) -> list[str]:
    """Return the base capabilities that agents offer which have not left, by name."""
    wanted = select(Offer.capability).join(Agent, Agent.id == Offer.agent_id).where(Agent.left_at.is_(None))
    return list(connection.execute(wanted.distinct().order_by(Offer.capability)).scalars())


def offering(connection: Connection, capability: str) -> frozenset[str]:
    """Return the ids of the agents that offer a base capability."""
    return frozenset(connection.execute(select(Offer.agent_id).where(Offer.capability == capability)).scalars())


def offers_of(connection: Connection, agent_ids: Sequence[str]) -> list[OfferRecord]:
    """Return what some agents offer, by capability."""
    columns = (Offer.agent_id, Agent.display_name, Offer.capability, Offer.class_id, Offer.engine_version)
    wanted = select(*columns).join(Agent, Agent.id == Offer.agent_id).where(Offer.agent_id.in_(agent_ids))
    return rows.each(OfferRecord, connection.execute(wanted.order_by(Offer.capability)))


def engine_ms_of(connection: Connection, agent_ids: Sequence[str], *, since_day: int) -> dict[str, float]:
    """Sum up the time at their engines since a day (ms), by agent; an agent without any is not in it."""
    wanted = select(Usage.agent_id, func.sum(Usage.engine_ms)).where(Usage.agent_id.in_(agent_ids))
    found = connection.execute(wanted.where(Usage.day >= since_day).group_by(Usage.agent_id))
    return {agent_id: float(milliseconds) for agent_id, milliseconds in found}


def attempts_of(connection: Connection, agent_id: str, limit: int) -> list[AgentAttempt]:
    """Return an agent's tries at the newest tasks, newest first."""
    columns = (Attempt.task_id, Task.capability, Task.texts, Attempt.status, Attempt.started_at, Attempt.ended_at)
    found = connection.execute(
        select(*columns, Attempt.error_code, Attempt.error_message, Attempt.engine_ms)
        .join(Task, Task.id == Attempt.task_id)
        .where(Attempt.agent_id == agent_id)
        .order_by(Attempt.task_id.desc(), Attempt.started_at.desc())
        .limit(limit)
    )
    return rows.each(AgentAttempt, found)


def days_of(connection: Connection, agent_id: str, *, first_day: int) -> list[DayOfWork]:
    """Sum up what an agent did on each day since one; days without work are not among them."""
    sums = (func.sum(column) for column in (Usage.tasks, Usage.failed, Usage.texts, Usage.engine_ms))
    found = connection.execute(
        select(Usage.day, *sums)
        .where(Usage.agent_id == agent_id, Usage.day >= first_day)
        .group_by(Usage.day)
        .order_by(Usage.day)
    )
    return rows.each(DayOfWork, found)
