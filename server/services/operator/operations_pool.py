"""What the operator sees of the whole pool: usage, model classes and who offers them, events, agents' logs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from server.domain.capability import chat_capability, embedding_capability
from server.services.pool import Pool
from server.storage import agent_control, agent_logs, events, model_classes, usage
from server.storage.agent_control import OfferRecord
from server.storage.agent_logs import StoredLog
from server.storage.events import StoredEvent
from server.storage.model_classes import StoredClass
from server.storage.usage import UsageSum

#: Agents named of one model at most.
NAMED_AGENTS = 500
#: Days for which agents' logs are kept, and lines deleted in one transaction.
LOG_DAYS, BATCH = 14, 500


@dataclass(frozen=True, slots=True)
class ModelReport:
    """A model, the classes of it that agents ever told of, and who offers it now."""

    kind: str
    model: str
    capability: str
    classes: list[StoredClass]
    offers: list[OfferRecord]


def list_models(pool: Pool) -> list[ModelReport]:
    """Return every model, by kind and name, with its classes and up to `NAMED_AGENTS` agents that offer it."""
    with pool.database.read() as connection:
        found: dict[tuple[str, str], list[StoredClass]] = {}
        for stored in model_classes.every(connection):
            found.setdefault((stored.kind, stored.model), []).append(stored)
        reports = []
        for kind, model in sorted(found):
            capability = (chat_capability if kind == "chat" else embedding_capability)(model)
            offers = agent_control.offers_for(connection, capability, NAMED_AGENTS)
            reports.append(ModelReport(kind, model, capability, found[kind, model], offers))
    return reports


def usage_by(
    pool: Pool, by: Collection[str], *, first_day: int, last_day: int, where: Mapping[str, str], limit: int
) -> list[UsageSum]:
    """Sum up what was used; see `usage.report`."""
    with pool.database.read() as connection:
        return usage.report(connection, by, first_day=first_day, last_day=last_day, where=where, limit=limit)


def list_events(pool: Pool, before: str, limit: int) -> list[StoredEvent]:
    """Return the newest events before an id."""
    with pool.database.read() as connection:
        return events.page(connection, before=before, limit=limit)


def list_logs(pool: Pool, limit: int, *, agent_id: str | None = None, severity: str | None = None) -> list[StoredLog]:
    """Return the newest lines of agents' logs."""
    with pool.database.read() as connection:
        return agent_logs.latest(connection, limit=limit, agent_id=agent_id, severity=severity)


def drop_old_logs(pool: Pool, now: int) -> int:
    """Delete the lines of agents' logs that are older than `LOG_DAYS`; returns how many."""
    before, deleted = now - LOG_DAYS * 86_400_000, 0
    while some := pool.database.write(lambda connection: agent_logs.drop(connection, before=before, limit=BATCH)):
        deleted += some
    return deleted
