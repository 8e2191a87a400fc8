"""Which leases have to go back when the operator trusts an agent less, or a client asks for more trust."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, select

from server.storage.base import LEASED
from server.storage.models import Agent, Attempt, Task


def leases_of_key_above(connection: Connection, key_id: str) -> list[tuple[str, str]]:
    """Return the leases of a client's tasks whose agents are not trusted so far: (lease id, agent id)."""
    return _above(connection, Task.key_id == key_id)


def leases_of_agent_above(connection: Connection, agent_id: str) -> list[tuple[str, str]]:
    """Return the leases of an agent whose tasks ask for more trust than it has: (lease id, agent id)."""
    return _above(connection, Attempt.agent_id == agent_id)


def _above(connection: Connection, of_whom: ColumnElement[bool]) -> list[tuple[str, str]]:
    found = connection.execute(
        select(Attempt.id, Attempt.agent_id)
        .join(Task, Task.id == Attempt.task_id)
        .join(Agent, Agent.id == Attempt.agent_id)
        .where(Attempt.status == LEASED, Task.finished_at.is_(None), of_whom, Task.trust > Agent.trust)
        .order_by(Attempt.id)
    )
    return [(lease_id, agent_id) for lease_id, agent_id in found]
