"""Events: who did what. Each is written in the transaction that does it, so neither is there without the other."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select

from server.domain import ids
from server.storage import rows
from server.storage.models import Event

#: Who acts: the operator; the server itself, such as when it reads its settings. An agent is `by_agent`.
OPERATOR, SERVER = "operator", "server"
#: What sorts after every id.
LAST = "~"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it stands in the table."""

    id: str
    at: int
    actor: str
    verb: str
    subject: str
    #: JSON object.
    detail: str


def by_agent(agent_id: str) -> str:
    """Return how an agent is named as the one who acts."""
    return f"agent:{agent_id}"


def record(
    connection: Connection, *, actor: str, verb: str, subject: str, now: int, detail: dict[str, object] | None = None
) -> None:
    """Write down who did what.

    Args:
        connection: the writer's, in the transaction that does it.
        actor: `OPERATOR`, `SERVER` or `by_agent(…)`.
        verb: what was done, such as `key.create`.
        subject: id of what it was done to.
        now: the time.
        detail: what else is worth knowing; never a secret, never a prompt.
    """
    connection.execute(
        insert(Event).values(
            id=ids.new_ulid(now),
            at=now,
            actor=actor,
            verb=verb,
            subject=subject,
            detail=orjson.dumps(detail or {}).decode(),
        )
    )


def page(connection: Connection, *, before: str, limit: int) -> list[StoredEvent]:
    """Return the events before an id (`LAST`: all), newest first."""
    return rows.each(StoredEvent, connection.execute(_PAGE, {"before": before, "most": limit}))


_PAGE = (
    select(Event.id, Event.at, Event.actor, Event.verb, Event.subject, Event.detail)
    .where(Event.id < bindparam("before"))
    .order_by(Event.id.desc())
    .limit(bindparam("most"))
)


def drop(connection: Connection, *, before: int, limit: int) -> int:
    """Delete the oldest events from before a time, up to a number; returns how many went."""
    oldest = select(Event.id).where(Event.id < ids.first_ulid(before)).order_by(Event.id).limit(limit)
    return connection.execute(delete(Event).where(Event.id.in_(oldest))).rowcount
