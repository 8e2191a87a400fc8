"""Agents' records: what each has done, as the operator sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection, bindparam, select, update

from server.storage import rows
from server.storage.models import Agent
from server.storage.prepared import Prepared

#: Agents in one list at most.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """An agent as the operator sees it."""

    id: str
    display_name: str | None
    app_version: str | None
    #: JSON list.
    capabilities: str
    tier: int
    capacity: int
    #: JSON object.
    system_info: str
    protocol: str
    registered_at: int
    last_seen_at: int | None
    #: JSON object.
    state: str
    tasks_completed: int
    tasks_failed: int
    tasks_lost: int
    tasks_released: int
    results_refused: int
    texts: int
    tokens: int
    paused_at: int | None
    pause_message: str | None
    tier_override: int | None
    capacity_override: int | None
    trust: int
    #: When the operator made its key worthless; None while it is good.
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """What one report adds to an agent's record."""

    completed: int = 0
    failed: int = 0
    lost: int = 0
    released: int = 0
    refused: int = 0
    texts: int = 0
    tokens: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Tally)))


def count(connection: Connection, agent_id: str, tally: Tally) -> None:
    """Add a report to an agent's record."""
    _COUNT.run(
        connection,
        {
            "agent": agent_id,
            "completed": tally.completed,
            "failed": tally.failed,
            "lost": tally.lost,
            "released": tally.released,
            "refused": tally.refused,
            "more_texts": tally.texts,
            "more_tokens": tally.tokens,
        },
    )


_COUNT = Prepared(
    update(Agent)
    .where(Agent.id == bindparam("agent"))
    .values(
        tasks_completed=Agent.tasks_completed + bindparam("completed"),
        tasks_failed=Agent.tasks_failed + bindparam("failed"),
        tasks_lost=Agent.tasks_lost + bindparam("lost"),
        tasks_released=Agent.tasks_released + bindparam("released"),
        results_refused=Agent.results_refused + bindparam("refused"),
        texts=Agent.texts + bindparam("more_texts"),
        tokens=Agent.tokens + bindparam("more_tokens"),
    )
)


def records(connection: Connection) -> list[AgentRecord]:
    """Return the records of the agents that have not left, oldest first, up to `MOST`."""
    return rows.each(AgentRecord, connection.execute(_RECORDS.order_by(Agent.id).limit(MOST)))


def find(connection: Connection, agent_id: str) -> AgentRecord | None:
    """Return the record of an agent that has not left."""
    return rows.one(AgentRecord, connection.execute(_RECORDS.where(Agent.id == agent_id)).first())


def some(connection: Connection, agent_ids: Sequence[str]) -> list[AgentRecord]:
    """Return the records of those of some agents that have not left."""
    return rows.each(AgentRecord, connection.execute(_RECORDS.where(Agent.id.in_(agent_ids))))


_RECORDS = select(*(getattr(Agent, field.name) for field in fields(AgentRecord))).where(Agent.left_at.is_(None))
