"""What tasks can be told apart by: the models, clients, agents and errors that there are. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from server.domain.lifecycle import TaskStatus
from server.storage.base import written_out
from server.storage.models import Agent, ClientKey, Offer, Task
from server.storage.task_records import ENDED_BADLY

#: Entries of one sort.
MOST = 500
#: Newest failed tasks whose errors are named.
LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from."""

    capabilities: list[str]
    #: (id, name), by name.
    clients: list[tuple[str, str]]
    agents: list[tuple[str, str]]
    #: Codes of the errors of the newest failed tasks.
    errors: list[str]


def choices(connection: Connection) -> Choices:
    """Return what there is, of each sort up to `MOST`."""
    capabilities = select(Offer.capability).distinct().order_by(Offer.capability).limit(MOST)
    clients = select(ClientKey.id, ClientKey.name).order_by(func.lower(ClientKey.name), ClientKey.id).limit(MOST)
    name = func.coalesce(Agent.display_name, Agent.id)
    agents = select(Agent.id, name).where(Agent.left_at.is_(None)).order_by(func.lower(name), Agent.id).limit(MOST)
    return Choices(
        list(connection.execute(capabilities).scalars()),
        [(key_id, key_name) for key_id, key_name in connection.execute(clients)],
        [(agent_id, agent_name) for agent_id, agent_name in connection.execute(agents)],
        sorted(set(connection.execute(newest_errors()).scalars()) - {None}),
    )


def newest_errors() -> Select[Any]:
    """Choose the codes of the errors of the newest failed tasks."""
    written = [written_out(status) for status in ENDED_BADLY]
    # Said twice, because the index holds all that ended badly.
    failed = select(Task.error_code).where(Task.status.in_(written), Task.status == written_out(TaskStatus.FAILED))
    return failed.order_by(Task.id.desc()).limit(LOOKED_AT)
