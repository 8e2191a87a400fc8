"""Who joined with which invite. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from server.storage import rows
from server.storage.models import Agent


@dataclass(frozen=True, slots=True)
class Joined:
    """An agent that joined with an invite and has not left."""

    invite_id: str
    id: str
    display_name: str | None
    #: Milliseconds since 1970.
    registered_at: int
    last_seen_at: int | None
    #: How many there are of this invite in all.
    members: int


def newest(connection: Connection, invite_ids: Sequence[str], most: int) -> list[Joined]:
    """Return the agents that joined last with each of some invites, up to a number of each, newest first."""
    return rows.each(Joined, connection.execute(_NEWEST, {"invites": invite_ids, "most": most}))


_OF_INVITE = (
    select(
        Agent.invite_id,
        Agent.id,
        Agent.display_name,
        Agent.registered_at,
        Agent.last_seen_at,
        func.count().over(partition_by=Agent.invite_id).label("members"),
        func.row_number().over(partition_by=Agent.invite_id, order_by=Agent.id.desc()).label("place"),
    )
    .where(Agent.left_at.is_(None), Agent.invite_id.in_(bindparam("invites", expanding=True)))
    .subquery()
)
_NEWEST = (
    select(*(column for column in _OF_INVITE.c if column.name != "place"))
    .where(_OF_INVITE.c.place <= bindparam("most"))
    .order_by(_OF_INVITE.c.id.desc())
)
