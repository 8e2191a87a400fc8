"""Operators' sessions: signing in with the management token, and staying signed in for a while.

A session ends twelve hours after it began, after half an hour without a sign of the person, when it is signed out, and
when the management token is another one. It is in the database, so that it outlives a restart of the server.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection

from server.domain import ids
from server.domain.errors import NotFound, Unauthenticated
from server.services.pool import Pool
from server.storage import events, sessions
from server.storage.sessions import StoredSession

#: Milliseconds that a session lives at most, and without a sign of the person.
LONGEST_MS, IDLE_MS = 12 * 3_600_000, 30 * 60_000
#: Milliseconds between two writings of a sign of the person: a page that is clicked through costs no write each time.
NOTE_EVERY_MS = 60_000
#: Milliseconds for which the management token, once given, also opens what gives secrets away.
CONFIRMED_MS = 15 * 60_000
#: Random bytes in a cookie, and most characters kept of what a browser calls itself.
COOKIE_BYTES, MAX_BROWSER = 32, 300


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in; times are milliseconds since 1970."""

    id: str
    created_at: int
    seen_at: int
    confirmed_at: int
    address: str
    browser: str

    def needs_token(self, now: int) -> bool:
        """Whether the management token is to be given again before a secret is shown."""
        return now - self.confirmed_at >= CONFIRMED_MS


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just opened; `cookie` is given to the browser and kept nowhere."""

    session: Session
    cookie: str


def open_session(pool: Pool, token: str, *, address: str, browser: str, now: int) -> Opened:
    """Sign in with the management token; Unauthenticated when it is another one."""
    _check(pool, token)
    cookie = secrets.token_urlsafe(COOKIE_BYTES)
    stored = StoredSession(
        id=ids.new_ulid(now),
        cookie_hash=ids.key_hash(cookie),
        token_hash=_token_hash(pool),
        created_at=now,
        seen_at=now,
        confirmed_at=now,
        address=address,
        browser=browser[:MAX_BROWSER],
    )

    def add(connection: Connection) -> None:
        _drop_over(pool, connection, now)
        sessions.add(connection, stored)
        _record(connection, "session.open", stored.id, now, {"address": address})

    pool.database.write(add)
    return Opened(_session(stored), cookie)


def recognise(pool: Pool, cookie: str, now: int) -> Session | None:
    """Return the session that a cookie belongs to; None where there is none, or it is over."""
    hashed = ids.key_hash(cookie)
    with pool.database.read() as connection:
        stored = sessions.find_by_hash(connection, hashed)
    if stored is None or not hmac.compare_digest(stored.cookie_hash, hashed) or _is_over(pool, stored, now):
        return None
    return _session(stored)


def note_seen(pool: Pool, session: Session, now: int) -> None:
    """Note a sign of the person, so that the session goes on."""
    if now - session.seen_at >= NOTE_EVERY_MS:
        pool.database.write(lambda connection: sessions.note_seen(connection, session.id, now))


def confirm(pool: Pool, session: Session, token: str, now: int) -> None:
    """Take the management token once more; Unauthenticated when it is another one."""
    _check(pool, token)
    pool.database.write(lambda connection: sessions.note_confirmed(connection, session.id, now))


def list_sessions(pool: Pool, now: int) -> list[Session]:
    """Return the sessions that are not over, the one seen last first."""
    with pool.database.read() as connection:
        return [_session(stored) for stored in sessions.every(connection) if not _is_over(pool, stored, now)]


def close_session(pool: Pool, session_id: str, now: int) -> None:
    """Sign one browser out; NotFound when there is no session of that id."""

    def close(connection: Connection) -> bool:
        dropped = sessions.drop(connection, session_id)
        if dropped:
            _record(connection, "session.close", session_id, now, {})
        return dropped

    if not pool.database.write(close):
        raise NotFound("That browser is signed out already.")


def close_all(pool: Pool, now: int) -> int:
    """Sign every browser out; returns how many there were."""

    def close(connection: Connection) -> int:
        dropped = sessions.drop_all(connection)
        _record(connection, "session.close_all", "*", now, {"sessions": dropped})
        return dropped

    return pool.database.write(close)


def _check(pool: Pool, token: str) -> None:
    if not hmac.compare_digest(token.strip().encode("utf-8", "surrogatepass"), pool.settings.mgmt_token.encode()):
        raise Unauthenticated("This is not the management token.", param="token")


def _token_hash(pool: Pool) -> str:
    return ids.key_hash(pool.settings.mgmt_token)


def _is_over(pool: Pool, stored: StoredSession, now: int) -> bool:
    return (
        now - stored.created_at >= LONGEST_MS
        or now - stored.seen_at >= IDLE_MS
        or not hmac.compare_digest(stored.token_hash, _token_hash(pool))
    )


def _drop_over(pool: Pool, connection: Connection, now: int) -> None:
    sessions.drop_over(
        connection,
        created_before=now - LONGEST_MS,
        seen_before=now - IDLE_MS,
        other_than_token=_token_hash(pool),
    )


def _record(connection: Connection, verb: str, session_id: str, now: int, detail: dict[str, object]) -> None:
    events.record(connection, actor=events.OPERATOR, verb=verb, subject=session_id, now=now, detail=detail)


def _session(stored: StoredSession) -> Session:
    return Session(stored.id, stored.created_at, stored.seen_at, stored.confirmed_at, stored.address, stored.browser)
