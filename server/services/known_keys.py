"""Recognising client keys, from memory where possible: this is done for every request."""

from __future__ import annotations

import hmac
import threading
from dataclasses import dataclass, field

import orjson

from server.domain import ids
from server.domain.errors import Unauthenticated
from server.domain.limits import Limits
from server.domain.trust import Trust
from server.storage import keys
from server.storage.database import Database
from server.storage.keys import StoredKey

#: Keys remembered at most, so that a stream of wrong ones cannot fill the memory.
REMEMBERED_KEYS = 10_000
#: Longest key looked at (characters).
MAX_KEY_LENGTH = 512


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: a key that was accepted."""

    id: str
    name: str
    #: Patterns of the capabilities that it may use.
    capabilities: tuple[str, ...]
    #: Milliseconds since 1970, or None for a key that does not expire.
    expires_at: int | None
    #: None for a key without limits.
    limits: Limits | None = None
    #: Least trust that an agent needs to have what it asks.
    trust: int = Trust.PUBLIC


@dataclass(slots=True)
class KnownKeys:
    """The keys seen lately; emptied whenever keys change."""

    database: Database
    _clients: dict[str, Client] = field(default_factory=dict)
    #: The limits of all keys that have some, by their ids.
    _limited: dict[str, Limits] = field(default_factory=dict)
    #: Counts the changes of keys.
    _generation: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def recognise(self, key: str, now: int) -> Client:
        """Return who a key belongs to; raises Unauthenticated for one that is unknown, expired or revoked."""
        client = self._clients.get(ids.key_hash(key)) if len(key) <= MAX_KEY_LENGTH else None
        if client is None:
            client = self._look_up(key)
        if client.expires_at is not None and client.expires_at <= now:
            raise _refusal(key, "It has expired.", "key_expired")
        return client

    def forget(self) -> None:
        """Forget all, because keys changed, and read which of them have limits."""
        with self._lock:
            self._generation += 1
            self._clients.clear()
            with self.database.read() as connection:
                self._limited = {one.id: one.limits for one in keys.limited(connection) if one.limits is not None}

    def limits_of(self, key_id: str) -> Limits | None:
        """Return the limits of a key, from memory; None where it has none."""
        return self._limited.get(key_id)

    def _look_up(self, key: str) -> Client:
        if len(key) > MAX_KEY_LENGTH or ids.has_typo(key):
            raise _refusal(key, "It is not a key of this pool; was it copied whole?")
        hashed, generation = ids.key_hash(key), self._generation
        with self.database.read() as connection:
            stored = keys.find_by_hash(connection, hashed)
        if stored is None or not hmac.compare_digest(stored.key_hash, hashed):
            raise _refusal(key, "It is not a key of this pool.")
        if stored.revoked_at is not None:
            raise _refusal(key, "It was revoked.", "key_disabled")
        if stored.disabled:
            raise _refusal(key, "It is switched off.", "key_disabled")
        client = _client(stored)
        with self._lock:
            if len(self._clients) >= REMEMBERED_KEYS:
                self._clients.clear()
            # A key revoked between our reading and now must not be remembered.
            if generation == self._generation:
                self._clients[hashed] = client
        return client


def _client(stored: StoredKey) -> Client:
    return Client(
        stored.id,
        stored.name,
        tuple(orjson.loads(stored.capabilities)),
        stored.expires_at,
        limits=stored.limits,
        trust=stored.trust,
    )


def _refusal(key: str, why: str, code: str = "invalid_api_key") -> Unauthenticated:
    # LiteLLM and others recognise the error by these first words.
    return Unauthenticated(
        f"Incorrect API key provided: {ids.shown(key)}. {why} Ask the pool's operator for one.", code=code
    )
