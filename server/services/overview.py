"""What the pool looks like now: models, agents, readiness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.capability import allows, chat_capability, embedding_capability
from server.domain.errors import ModelNotFound
from server.domain.trust import Trust
from server.services.known_keys import Client
from server.services.pool import Pool
from server.storage import agent_control, agent_records, agents, census
from server.storage.agent_records import AgentRecord
from server.storage.model_classes import StoredClass

#: Milliseconds for which a model stays listed after its last agent went: clients' settings refer to it.
LISTED_FOR_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that the pool knows, and how many agents online would run it now (for a client, those it may have)."""

    stored: StoredClass
    capability: str
    online_agents: int
    waiting_tasks: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the server can take work, in detail."""

    ready: bool
    why: str
    models: Sequence[ServedModel]
    agents_online: int
    polls: tuple[int, int]
    waits: tuple[int, int]
    waiting_tasks: int


def list_models(pool: Pool, client: Client, now: int) -> list[ServedModel]:
    """Return the models that a client may use, and that an agent offers or did lately."""
    with pool.database.read() as connection:
        last_offered = agents.last_offered(connection)
    served = [_served(pool, stored, now, client.trust) for stored in pool.catalogue.all()]
    since = now - LISTED_FOR_MS
    return [
        one
        for one in served
        if allows(client.capabilities, one.capability)
        and (one.online_agents or last_offered.get(one.capability, 0) > since)
    ]


def find_model(pool: Pool, client: Client, name: str, now: int) -> ServedModel:
    """Return a model by any of its names; ModelNotFound when there is none, or the client may not use it."""
    for stored in (pool.catalogue.find(name), pool.catalogue.find(name, "chat")):
        served = _served(pool, stored, now, client.trust) if stored else None
        if served is not None and allows(client.capabilities, served.capability):
            return served
    raise ModelNotFound(f"The model `{name[:200]}` does not exist or you do not have access to it.", param="model")


def _served(pool: Pool, stored: StoredClass, now: int, trust: int = Trust.PUBLIC) -> ServedModel:
    capability = (chat_capability if stored.kind == "chat" else embedding_capability)(stored.model)
    waiting = pool.backlog.by_capability.get(capability, 0)
    return ServedModel(stored, capability, pool.roster.count_for(capability, now, trust=trust), waiting)


def readiness(pool: Pool, now: int) -> Readiness:
    """Say whether the server can take work, and for which models somebody would do it."""
    draining = pool.jobs.gate.closed
    return Readiness(
        ready=not draining,
        why="the server is going down" if draining else "",
        models=[_served(pool, stored, now) for stored in pool.catalogue.all()],
        agents_online=len(pool.roster.online(now)),
        polls=(pool.agents.gate.in_use, pool.agents.gate.limit),
        waits=(pool.jobs.gate.in_use, pool.jobs.gate.limit),
        waiting_tasks=pool.backlog.total,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What an agent's volunteer sees of the pool, and of the agent's own work since it joined."""

    agents_online: int
    texts_waiting: int
    texts_done: int
    tasks_done: int


def standing(pool: Pool, agent_id: str, now: int) -> Standing:
    """Say how the pool and one of its agents stand."""
    with pool.database.read() as connection:
        record = agent_records.find(connection, agent_id)
    return Standing(
        agents_online=len(pool.roster.online(now)),
        texts_waiting=texts_waiting(pool, now),
        texts_done=record.texts if record else 0,
        tasks_done=record.tasks_completed if record else 0,
    )


def texts_waiting(pool: Pool, now: int) -> int:
    """Count the texts of the tasks that wait; up to ten seconds old, because it looks at every such task."""
    return pool.backlog.texts(lambda: _count_texts(pool), now)


def _count_texts(pool: Pool) -> int:
    with pool.database.read() as connection:
        return census.texts_waiting(connection)


@dataclass(frozen=True, slots=True)
class AgentReport:
    """An agent's record, and whether it is here."""

    record: AgentRecord
    online: bool
    last_seen: int | None
    #: JSON object: what it said it was doing.
    state: str
    #: Tasks that it computes now.
    in_flight: int


def list_agents(pool: Pool, now: int, *, online_only: bool = False) -> list[AgentReport]:
    """Return the agents that have not left, oldest first."""
    with pool.database.read() as connection:
        records = agent_records.records(connection)
        computing = agent_control.in_flight(connection)
    reports = [report_of(pool, record, computing.get(record.id, 0), now) for record in records]
    return [report for report in reports if report.online or not online_only]


def report_of(pool: Pool, record: AgentRecord, in_flight: int, now: int) -> AgentReport:
    """Add to an agent's record what is known in memory only."""
    present = pool.roster.get(record.id)
    if present is None:
        return AgentReport(record, False, record.last_seen_at, record.state, in_flight)
    return AgentReport(record, present.online(now), present.last_seen, present.state, in_flight)
