"""The log of events as the operator reads it: a page at a time, with the names of what they speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.services.pool import Pool
from server.storage import events, names
from server.storage.events import LAST, StoredEvent

#: What stands before the id where an agent is the one who acts.
AGENT = events.by_agent("")


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events, newest first."""

    events: list[StoredEvent]
    #: Id → name of the keys, invites and agents in them.
    names: Mapping[str, str]
    #: Where the next page begins; None at the end.
    cursor: str | None


def read(pool: Pool, before: str, limit: int) -> EventPage:
    """Return the newest events before an id (empty: the newest of all)."""
    with pool.database.read() as connection:
        found = events.page(connection, before=before or LAST, limit=limit + 1)
        shown = found[:limit]
        ids = {one.subject for one in shown} | {one.actor.removeprefix(AGENT) for one in shown}
        named = names.of(connection, ids)
    return EventPage(shown, named, shown[-1].id if len(found) > limit else None)
