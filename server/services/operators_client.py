"""The operator as a client: tasks submitted under the management token belong to a key that nobody has."""

from __future__ import annotations

from sqlalchemy import Connection

from server.services.known_keys import Client
from server.services.pool import Pool
from server.storage import keys
from server.storage.keys import StoredKey

#: Its id, and in the place of its hash what is the hash of nothing.
OPERATORS_KEY = "operator"


def operators_client(pool: Pool, now: int) -> Client:
    """Return the client whose tasks the operator's are; it may use everything and has no limits."""
    with pool.database.read() as connection:
        known = keys.find(connection, OPERATORS_KEY) is not None
    if not known:
        pool.database.write(lambda connection: _add(connection, now))
    return Client(OPERATORS_KEY, "the operator", ("*",), None)


def _add(connection: Connection, now: int) -> None:
    if keys.find(connection, OPERATORS_KEY) is None:
        # Revoked from the beginning: it stands in no list, and opens nothing.
        name = "the operator"
        keys.add(connection, StoredKey(OPERATORS_KEY, OPERATORS_KEY, "", name, '["*"]', now, None, now, False))
