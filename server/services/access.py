"""Client keys: making, listing, changing and revoking them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict, Unpack

import orjson
from sqlalchemy import Connection

from server.domain import ids
from server.domain.capability import valid_capability
from server.domain.errors import InvalidRequest, NotFound
from server.domain.limits import Used
from server.domain.trust import Trust
from server.services import trusting
from server.services.outcomes import Aftermath
from server.services.pool import Pool
from server.settings import SHORT_SECRET
from server.storage import events, keys, quotas
from server.storage.keys import StoredKey

log = logging.getLogger(__name__)

#: Longest name of a key or an invite (characters).
MAX_NAME_LENGTH = 100
#: Patterns that one key or invite may have.
MAX_PATTERNS = 100


class Terms(TypedDict, total=False):
    """What a key may do; what is not named stays as it is."""

    #: For the operator's eyes.
    name: str
    #: Patterns, such as `*` or `embed.*`.
    capabilities: Sequence[str]
    #: Milliseconds since 1970; None for never.
    expires_at: int | None
    disabled: bool
    #: Limits; None for none.
    requests_per_minute: int | None
    tokens_per_day: int | None
    max_in_flight: int | None
    max_stored_bytes: int | None
    #: Least trust that an agent needs to be given its texts.
    trust: Trust


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key just made or changed; `key` is shown this once and kept nowhere."""

    stored: StoredKey
    key: str


@dataclass(frozen=True, slots=True)
class KeyReport:
    """A key, and what it has used."""

    stored: StoredKey
    used: Used


def issue_key(pool: Pool, *, now: int, key: str | None = None, **terms: Unpack[Terms]) -> IssuedKey:
    """Make a client key, or change what a key that is given may do; a revoked one works again then.

    Args:
        pool: the running pool.
        now: the time.
        key: the key itself, where the operator chose one; otherwise it is generated.
        terms: what it may do; a new key that is not told may do everything.
    """
    secret = key or ids.new_client_key()
    checked = _checked(terms, now)
    fresh = replace(_new_key(secret, now), **checked)

    def add_or_change(connection: Connection) -> tuple[StoredKey, Aftermath]:
        after = Aftermath()
        known = keys.find_by_hash(connection, fresh.key_hash)
        if known is not None:
            return _change(pool, connection, known, {**checked, "revoked_at": None}, after, now), after
        keys.add(connection, fresh)
        _record(connection, "key.create", fresh.id, now, terms)
        return fresh, after

    stored, after = pool.database.write(add_or_change)
    pool.keys.forget()
    after.tell(pool)
    return IssuedKey(stored, secret)


def change_key(pool: Pool, key_id: str, *, now: int, **terms: Unpack[Terms]) -> StoredKey:
    """Change what a key may do; NotFound when there is no active key of that id.

    More trust holds at once also for what it asked before: what agents compute of it that are trusted less is taken
    back. Less trust holds for what it asks from now on.
    """
    checked = _checked(terms, now)

    def change(connection: Connection) -> tuple[StoredKey | None, Aftermath]:
        after = Aftermath()
        known = keys.find(connection, key_id)
        if known is None or known.revoked_at is not None:
            return None, after
        return _change(pool, connection, known, checked, after, now), after

    stored, after = pool.database.write(change)
    pool.keys.forget()
    after.tell(pool)
    if stored is None:
        raise NotFound(f"There is no active client key {ids.shown(key_id)}.")
    return stored


def _new_key(secret: str, now: int) -> StoredKey:
    return StoredKey(
        id=ids.new_ulid(now),
        key_hash=ids.key_hash(secret),
        shown=ids.shown(secret),
        name="client",
        capabilities='["*"]',
        created_at=now,
        expires_at=None,
        revoked_at=None,
        predefined=False,
    )


def _change(
    pool: Pool, connection: Connection, known: StoredKey, changes: dict[str, Any], after: Aftermath, now: int
) -> StoredKey:
    changed = replace(known, **changes)
    keys.change(connection, changed)
    if changed.trust > known.trust:
        trusting.raise_key(pool, connection, known.id, changed.trust, after, now)
    if known.max_stored_bytes is None and changed.max_stored_bytes is not None:
        quotas.count_answers(connection, known.id)
    _record(connection, "key.change", known.id, now, changes)
    return changed


def _record(connection: Connection, verb: str, key_id: str, now: int, detail: Any) -> None:
    said = {name: value.word if isinstance(value, Trust) else value for name, value in detail.items()}
    events.record(connection, actor=events.OPERATOR, verb=verb, subject=key_id, now=now, detail=said)


def list_keys(pool: Pool, now: int) -> list[KeyReport]:
    """Return the keys that are not revoked, oldest first, with what they have used of what is limited."""
    with pool.database.read() as connection:
        return [_report(connection, stored, now) for stored in keys.active(connection)]


def report_key(pool: Pool, stored: StoredKey, now: int) -> KeyReport:
    """Return a key with what it has used of what is limited."""
    with pool.database.read() as connection:
        return _report(connection, stored, now)


def _report(connection: Connection, stored: StoredKey, now: int) -> KeyReport:
    return KeyReport(stored, quotas.used(connection, stored.id, now, stored.limits) if stored.limits else Used())


def revoke_key(pool: Pool, key_or_id: str, now: int) -> StoredKey:
    """Make a key worthless at once; NotFound when there is no active key of that id (or that is that key)."""

    def revoke(connection: Connection) -> StoredKey | None:
        stored = keys.find(connection, key_or_id) or keys.find_by_hash(connection, ids.key_hash(key_or_id))
        if stored is None or not keys.revoke(connection, stored.id, now):
            return None
        _record(connection, "key.revoke", stored.id, now, {})
        return stored

    stored = pool.database.write(revoke)
    pool.keys.forget()
    if stored is None:
        raise NotFound(f"There is no active client key {ids.shown(key_or_id)}.")
    return replace(stored, revoked_at=now)


def take_keys_from_environment(pool: Pool, given: Sequence[str], now: int) -> None:
    """Make the keys that the environment gives work, and those that it no longer gives not.

    What the operator changed of one that was here before stays: its limits, what it may do, that it is switched off.
    """
    for key in given:
        warn_if_short(key, "client key")

    def take(connection: Connection) -> None:
        for key in given:
            known = keys.find_by_hash(connection, ids.key_hash(key))
            if known is None:
                keys.add(connection, replace(_new_key(key, now), name="from the environment", predefined=True))
            elif known.revoked_at is not None:
                keys.change(connection, replace(known, revoked_at=None))
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


def _checked(terms: Terms, now: int) -> dict[str, Any]:
    """Return terms as they are stored; InvalidRequest names the one that is wrong."""
    checked: dict[str, Any] = dict(terms)
    if "name" in terms:
        checked["name"] = check_name(terms["name"])
    if "capabilities" in terms:
        checked["capabilities"] = orjson.dumps(check_patterns(terms["capabilities"])).decode()
    expires_at = terms.get("expires_at")
    if expires_at is not None and expires_at <= now:
        raise InvalidRequest("expiresAt lies in the past.", param="expiresAt")
    return checked
