"""Client keys: only their hashes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from server.domain.limits import Limits
from server.domain.trust import Trust
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
    disabled: bool = False
    requests_per_minute: int | None = None
    tokens_per_day: int | None = None
    max_in_flight: int | None = None
    max_stored_bytes: int | None = None
    trust: int = Trust.PUBLIC

    @property
    def limits(self) -> Limits | None:
        """Its limits; None where it has none."""
        found = Limits(self.requests_per_minute, self.tokens_per_day, self.max_in_flight, self.max_stored_bytes)
        return found if found.any else None


_COLUMNS = tuple(getattr(ClientKey, field.name) for field in fields(StoredKey))


def add(connection: Connection, key: StoredKey) -> None:
    """Write a new client key."""
    connection.execute(insert(ClientKey).values(asdict(key)))


def change(connection: Connection, key: StoredKey) -> None:
    """Write all of a client key anew."""
    connection.execute(update(ClientKey).where(ClientKey.id == key.id).values(asdict(key)))


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


def newest(connection: Connection, *, revoked: bool, limit: int) -> list[StoredKey]:
    """Return the newest keys: those that are revoked, or those that are not; the operator's own is in neither."""
    which = ClientKey.revoked_at.is_not(None) if revoked else ClientKey.revoked_at.is_(None)
    # A key that nobody has is shown as nothing.
    wanted = select(*_COLUMNS).where(which, ClientKey.shown != "").order_by(ClientKey.id.desc()).limit(limit)
    return rows.each(StoredKey, connection.execute(wanted))


def limited(connection: Connection) -> list[StoredKey]:
    """Return the keys that are not revoked and have limits."""
    return rows.each(StoredKey, connection.execute(_LIMITED))


_LIMITED = select(*_COLUMNS).where(
    ClientKey.revoked_at.is_(None),
    or_(
        ClientKey.requests_per_minute.is_not(None),
        ClientKey.tokens_per_day.is_not(None),
        ClientKey.max_in_flight.is_not(None),
        ClientKey.max_stored_bytes.is_not(None),
    ),
)


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
