"""What the things are called that events speak of."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Select, bindparam, select

from server.storage.models import Agent, ClientKey, Invite


def of(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return id → name of the keys, invites and agents among some ids; what has no name is left out."""
    wanted = {"ids": list(ids)}
    return {
        identifier: name
        for statement in (_KEYS, _INVITES, _AGENTS)
        for identifier, name in connection.execute(statement, wanted)
        if name
    }


def _statement(table: type[ClientKey | Invite | Agent], name: str) -> Select[str, str | None]:
    chosen: Select[str, str | None] = select(table.id, getattr(table, name))
    return chosen.where(table.id.in_(bindparam("ids", expanding=True)))


_KEYS, _INVITES, _AGENTS = _statement(ClientKey, "name"), _statement(Invite, "name"), _statement(Agent, "display_name")
