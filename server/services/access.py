"""Client keys: making, listing, changing and revoking them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import Connection

from server.domain import ids
from server.domain.capability import valid_capability
from server.domain.errors import InvalidRequest, NotFound
from server.services.pool import Pool
from server.settings import SHORT_SECRET
from server.storage import keys
from server.storage.keys import StoredKey

log = logging.getLogger(__name__)

#: Longest name of a key or an invite (characters).
MAX_NAME_LENGTH = 100
#: Patterns that one key or invite may have.
MAX_PATTERNS = 100


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key just made; `key` is shown this once and kept nowhere."""

    stored: StoredKey
    key: str


def issue_key(
    pool: Pool, *, name: str, capabilities: Sequence[str], expires_at: int | None, now: int, key: str | None = None
) -> IssuedKey:
    """Make a client key, or change what a key that is given may do.

    Args:
        pool: the running pool.
        name: for the operator's eyes.
        capabilities: patterns, such as `*` or `embed.*`.
        expires_at: milliseconds since 1970; None for never.
        now: the time.
        key: the key itself, where the operator chose one; otherwise it is generated.
    """
    secret = key or ids.new_client_key()
    wanted = StoredKey(
        id=ids.new_ulid(now),
        key_hash=ids.key_hash(secret),
        shown=ids.shown(secret),
        name=check_name(name),
        capabilities=orjson.dumps(check_patterns(capabilities)).decode(),
        created_at=now,
        expires_at=_check_expiry(expires_at, now),
        revoked_at=None,
        predefined=False,
    )
    stored = pool.database.write(lambda connection: _add_or_change(connection, wanted))
    pool.keys.forget()
    return IssuedKey(stored, secret)


def _add_or_change(connection: Connection, wanted: StoredKey) -> StoredKey:
    known = keys.find_by_hash(connection, wanted.key_hash)
    if known is None:
        keys.add(connection, wanted)
        return wanted
    keys.change(connection, known.id, name=wanted.name, capabilities=wanted.capabilities, expires_at=wanted.expires_at)
    return replace(wanted, id=known.id, created_at=known.created_at, predefined=known.predefined)


def list_keys(pool: Pool) -> list[StoredKey]:
    """Return the keys that are not revoked, oldest first."""
    with pool.database.read() as connection:
        return keys.active(connection)


def revoke_key(pool: Pool, key_or_id: str, now: int) -> StoredKey:
    """Make a key worthless at once; NotFound when there is no active key of that id (or that is that key)."""

    def revoke(connection: Connection) -> StoredKey | None:
        stored = keys.find(connection, key_or_id) or keys.find_by_hash(connection, ids.key_hash(key_or_id))
        return stored if stored and keys.revoke(connection, stored.id, now) else None

    stored = pool.database.write(revoke)
    pool.keys.forget()
    if stored is None:
        raise NotFound(f"There is no active client key {ids.shown(key_or_id)}.")
    return replace(stored, revoked_at=now)


def take_keys_from_environment(pool: Pool, given: Sequence[str], now: int) -> None:
    """Make the keys that the environment gives work, and those that it no longer gives not."""
    for key in given:
        warn_if_short(key, "client key")

    def take(connection: Connection) -> None:
        for key in given:
            hashed = ids.key_hash(key)
            wanted = StoredKey(
                ids.new_ulid(now), hashed, ids.shown(key), "from the environment", '["*"]', now, None, None, True
            )
            _add_or_change(connection, wanted)
        keys.revoke_predefined_except(connection, [ids.key_hash(key) for key in given], now)

    pool.database.write(take)
    pool.keys.forget()


def warn_if_short(secret: str, what: str) -> None:
    """Warn of a secret from the environment that can be guessed."""
    if len(secret) < SHORT_SECRET:
        log.warning("the %s has only %d characters: it can be guessed", what, len(secret))


def check_name(name: str) -> str:
    """Return a name without space around it; InvalidRequest for an empty, long or unprintable one."""
    name = name.strip()
    if not name or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise InvalidRequest(f"name must be 1 to {MAX_NAME_LENGTH} printable characters.", param="name")
    return name


def check_patterns(patterns: Sequence[str]) -> list[str]:
    """Return capability patterns; InvalidRequest names the one that is none."""
    if not patterns or len(patterns) > MAX_PATTERNS:
        raise InvalidRequest(f"capabilities must have 1 to {MAX_PATTERNS} entries.", param="capabilities")
    for pattern in patterns:
        if pattern != "*" and not valid_capability(pattern):
            raise InvalidRequest(
                f"capabilities: {pattern[:50]!r} is none; write one such as embed.*, embed.nomic-embed-text or *.",
                param="capabilities",
            )
    return list(patterns)


def _check_expiry(expires_at: int | None, now: int) -> int | None:
    if expires_at is not None and expires_at <= now:
        raise InvalidRequest("expiresAt lies in the past.", param="expiresAt")
    return expires_at
