"""Counting the rows that tell how the pool stands: what waits, what is under way, who belongs to it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from server.domain import ids
from server.domain.capability import kind_of
from server.storage import rows
from server.storage.agents import IS_MEMBER, NATIVE
from server.storage.base import LEASED, QUEUED
from server.storage.models import Agent, Attempt, Task, Usage


@dataclass(frozen=True, slots=True)
class Waiting:
    """The tasks of a capability that wait."""

    capability: str
    tasks: int
    #: When the oldest was submitted (ms since 1970).
    oldest_at: int


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The leases of one capability that an agent holds."""

    agent_id: str
    capability: str
    leases: int

    @property
    def kind(self) -> str:
        """What kind of work it is."""
        return kind_of(self.capability)


@dataclass(frozen=True, slots=True)
class Member:
    """An agent that has not left, and whose key is good."""

    id: str
    protocol: str
    paused: bool


def waiting(connection: Connection) -> list[Waiting]:
    """Count the tasks that wait, by capability. It looks at every one of them, but only in an index."""
    return [
        Waiting(capability, tasks, ids.time_of(oldest)) for capability, tasks, oldest in connection.execute(WAITING)
    ]


# An id tells when its task was submitted, and stands in the index; the time of its own would be read from the row.
WAITING = (
    select(Task.capability, func.count(), func.min(Task.id)).where(Task.status == QUEUED).group_by(Task.capability)
)


def any_needs_at_most(connection: Connection, capability: str, trust: int) -> bool:
    """Whether a task waits for a capability that needs no more than some trust."""
    return connection.execute(NEEDS_AT_MOST, {"capability": capability, "trust": trust}).first() is not None


NEEDS_AT_MOST = (
    select(Task.id)
    .where(Task.status == QUEUED, Task.capability == bindparam("capability"), Task.trust <= bindparam("trust"))
    .limit(1)
)


def under_way(connection: Connection) -> list[UnderWay]:
    """Count the live leases, by agent and capability."""
    return rows.each(UnderWay, connection.execute(UNDER_WAY))


UNDER_WAY = (
    select(Attempt.agent_id, Task.capability, func.count())
    .join(Task, Task.id == Attempt.task_id)
    .where(Attempt.status == LEASED)
    .group_by(Attempt.agent_id, Task.capability)
)


def members(connection: Connection) -> list[Member]:
    """Return the agents that have not left, and whose keys are good."""
    return rows.each(Member, connection.execute(_MEMBERS))


_MEMBERS = select(Agent.id, Agent.protocol, Agent.paused_at.is_not(None)).where(*IS_MEMBER)


def count_members(connection: Connection) -> int:
    """Count the agents that have not left, and whose keys are good."""
    return int(connection.execute(_COUNT_MEMBERS).scalar_one())


_COUNT_MEMBERS = select(func.count()).select_from(Agent).where(*IS_MEMBER)


def texts_waiting(connection: Connection) -> int:
    """Count the texts of all tasks that wait; a chat counts as one. It looks at every one of these tasks."""
    return int(connection.execute(_TEXTS_WAITING).scalar_one())


_TEXTS_WAITING = select(func.coalesce(func.sum(Task.texts), 0)).where(Task.status == QUEUED)


def count_tasks(connection: Connection) -> int:
    """Count all tasks that are kept. It looks at every one of them, in an index."""
    return int(connection.execute(COUNT_TASKS).scalar_one())


COUNT_TASKS = select(func.count()).select_from(Task)


@dataclass(frozen=True, slots=True)
class Versioned:
    """An agent of ours, and its program's version as it tells it."""

    id: str
    display_name: str | None
    app_version: str | None


def versions(connection: Connection) -> list[Versioned]:
    """Return our own agents that have not left, and whose keys are good, oldest first."""
    return rows.each(Versioned, connection.execute(_VERSIONS))


_VERSIONS = (
    select(Agent.id, Agent.display_name, Agent.app_version)
    .where(*IS_MEMBER, Agent.protocol == NATIVE)
    .order_by(Agent.id)
)


def anything_used(connection: Connection) -> bool:
    """Whether the pool ever did any work."""
    return connection.execute(select(Usage.day).limit(1)).first() is not None
