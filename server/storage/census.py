"""Counting the rows that tell how the pool stands: what waits, what is under way, who belongs to it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from server.storage import rows
from server.storage.base import LEASED, QUEUED
from server.storage.models import Agent, Attempt, Task


@dataclass(frozen=True, slots=True)
class Waiting:
    """The tasks of a capability that wait."""

    capability: str
    tasks: int
    #: When the oldest was submitted (ms since 1970).
    oldest_at: int


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The leases of one kind that an agent holds."""

    agent_id: str
    kind: str
    leases: int


@dataclass(frozen=True, slots=True)
class Member:
    """An agent that has not left."""

    id: str
    protocol: str
    paused: bool


def waiting(connection: Connection) -> list[Waiting]:
    """Count the tasks that wait, by capability."""
    return rows.each(Waiting, connection.execute(_WAITING))


_WAITING = select(Task.capability, func.count(), func.min(Task.created_at)).where(Task.status == QUEUED)
_WAITING = _WAITING.group_by(Task.capability)


def under_way(connection: Connection) -> list[UnderWay]:
    """Count the live leases, by agent and kind of work."""
    return rows.each(UnderWay, connection.execute(_UNDER_WAY))


_UNDER_WAY = (
    select(Attempt.agent_id, Task.kind, func.count())
    .join(Task, Task.id == Attempt.task_id)
    .where(Attempt.status == LEASED)
    .group_by(Attempt.agent_id, Task.kind)
)


def members(connection: Connection) -> list[Member]:
    """Return the agents that have not left."""
    return rows.each(Member, connection.execute(_MEMBERS))


_MEMBERS = select(Agent.id, Agent.protocol, Agent.paused_at.is_not(None)).where(Agent.left_at.is_(None))


def count_members(connection: Connection) -> int:
    """Count the agents that have not left."""
    return int(connection.execute(_COUNT_MEMBERS).scalar_one())


_COUNT_MEMBERS = select(func.count()).select_from(Agent).where(Agent.left_at.is_(None))


def texts_waiting(connection: Connection) -> int:
    """Count the texts of all tasks that wait; a chat counts as one. It looks at every one of these tasks."""
    return int(connection.execute(_TEXTS_WAITING).scalar_one())


_TEXTS_WAITING = select(func.coalesce(func.sum(Task.texts), 0)).where(Task.status == QUEUED)
