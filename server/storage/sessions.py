"""Operators' sessions: browsers that signed in with the management token. Only the hashes of their cookies are kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from server.storage import rows
from server.storage.models import OperatorSession


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as it stands in the table; times are milliseconds since 1970."""

    id: str
    cookie_hash: str
    #: Hash of the management token that opened it.
    token_hash: str
    created_at: int
    #: Last sign of the person.
    seen_at: int
    #: When the management token was last given.
    confirmed_at: int
    address: str
    browser: str


_COLUMNS = tuple(getattr(OperatorSession, field.name) for field in fields(StoredSession))


def add(connection: Connection, session: StoredSession) -> None:
    """Write a new session."""
    connection.execute(insert(OperatorSession).values(asdict(session)))


def find_by_hash(connection: Connection, cookie_hash: str) -> StoredSession | None:
    """Return the session whose cookie has this hash, whether it is over or not."""
    return rows.one(StoredSession, connection.execute(_BY_HASH, {"hash": cookie_hash}).first())


_BY_HASH = select(*_COLUMNS).where(OperatorSession.cookie_hash == bindparam("hash"))


def every(connection: Connection) -> list[StoredSession]:
    """Return all sessions, the one seen last first."""
    return rows.each(StoredSession, connection.execute(select(*_COLUMNS).order_by(OperatorSession.seen_at.desc())))


def note_seen(connection: Connection, session_id: str, now: int) -> None:
    """Write down that the person was there."""
    connection.execute(update(OperatorSession).where(OperatorSession.id == session_id).values(seen_at=now))


def note_confirmed(connection: Connection, session_id: str, now: int) -> None:
    """Write down that the management token was given again."""
    confirmed = update(OperatorSession).where(OperatorSession.id == session_id)
    connection.execute(confirmed.values(seen_at=now, confirmed_at=now))


def drop(connection: Connection, session_id: str) -> bool:
    """Delete a session; False when there is none of that id."""
    return connection.execute(delete(OperatorSession).where(OperatorSession.id == session_id)).rowcount == 1


def drop_all(connection: Connection) -> int:
    """Delete every session; returns how many there were."""
    return connection.execute(delete(OperatorSession)).rowcount


def drop_over(connection: Connection, *, created_before: int, seen_before: int, other_than_token: str) -> None:
    """Delete the sessions that are over: too old, idle for too long, or opened with another management token."""
    over = or_(
        OperatorSession.created_at < created_before,
        OperatorSession.seen_at < seen_before,
        OperatorSession.token_hash != other_than_token,
    )
    connection.execute(delete(OperatorSession).where(over))
