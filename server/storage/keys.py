"""Client keys: only their hashes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from server.storage import rows
from server.storage.models import ClientKey


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A client key as it stands in the table; the key itself is nowhere."""

    id: str
    key_hash: str
    shown: str
    name: str
    #: JSON list of capability patterns.
    capabilities: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    predefined: bool


_COLUMNS = (
    ClientKey.id,
    ClientKey.key_hash,
    ClientKey.shown,
    ClientKey.name,
    ClientKey.capabilities,
    ClientKey.created_at,
    ClientKey.expires_at,
    ClientKey.revoked_at,
    ClientKey.predefined,
)


def add(connection: Connection, key: StoredKey) -> None:
    """Write a new client key."""
    connection.execute(
        insert(ClientKey).values(
            id=key.id,
            key_hash=key.key_hash,
            shown=key.shown,
            name=key.name,
            capabilities=key.capabilities,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            predefined=key.predefined,
        )
    )


def change(connection: Connection, key_id: str, *, name: str, capabilities: str, expires_at: int | None) -> None:
    """Replace what a key may do; a revoked key that is set again works again."""
    connection.execute(
        update(ClientKey)
        .where(ClientKey.id == key_id)
        .values(name=name, capabilities=capabilities, expires_at=expires_at, revoked_at=None)
    )


def find_by_hash(connection: Connection, key_hash: str) -> StoredKey | None:
    """Return the key with this hash, also when it is revoked or expired."""
    row = connection.execute(_BY_HASH, {"hash": key_hash}).first()
    return rows.one(StoredKey, row)


_BY_HASH = select(*_COLUMNS).where(ClientKey.key_hash == bindparam("hash"))


def find(connection: Connection, key_id: str) -> StoredKey | None:
    """Return the key with this id."""
    row = connection.execute(select(*_COLUMNS).where(ClientKey.id == key_id)).first()
    return rows.one(StoredKey, row)


def active(connection: Connection) -> list[StoredKey]:
    """Return the keys that are not revoked, oldest first."""
    found = connection.execute(select(*_COLUMNS).where(ClientKey.revoked_at.is_(None)).order_by(ClientKey.id))
    return rows.each(StoredKey, found)


def revoke(connection: Connection, key_id: str, now: int) -> bool:
    """Make a key worthless; False when it was already."""
    revoked = connection.execute(
        update(ClientKey).where(ClientKey.id == key_id, ClientKey.revoked_at.is_(None)).values(revoked_at=now)
    )
    return revoked.rowcount == 1


def revoke_predefined_except(connection: Connection, key_hashes: Sequence[str], now: int) -> None:
    """Revoke the keys that the environment once gave and no longer does."""
    connection.execute(
        update(ClientKey)
        .where(ClientKey.predefined, ClientKey.revoked_at.is_(None), ClientKey.key_hash.not_in(key_hashes))
        .values(revoked_at=now)
    )
