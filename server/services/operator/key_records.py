"""Client keys as the operator sees them: how each stands, what it has used, and when last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection

from server.domain import ids
from server.domain.errors import NotFound
from server.domain.limits import Limits, Used, day_of
from server.services.pool import Pool
from server.storage import key_activity, keys, quotas, usage
from server.storage.key_activity import DayOfKey
from server.storage.keys import StoredKey
from server.storage.usage import UsageSum

#: Days that are looked back, today included.
USAGE_DAYS = 30
#: Keys in one list, and models of one key, at most.
MOST_KEYS, MOST_MODELS = 500, 100


class KeyState(StrEnum):
    """How a key stands, in words."""

    ACTIVE = "active"
    DISABLED = "disabled"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key, and what it has used."""

    stored: StoredKey
    state: KeyState
    #: Of what is limited; of a key that is looked at alone also how many tasks are under way.
    used: Used
    #: When its newest task was submitted (ms since 1970); None where it has none that is still known.
    last_task_at: int | None
    #: The last `USAGE_DAYS`, oldest first; days without use are among them.
    days: tuple[DayOfKey, ...]

    @property
    def tasks(self) -> int:
        """Tasks completed in these days."""
        return sum(day.tasks for day in self.days)

    @property
    def tokens(self) -> int:
        """Tokens read and written in these days."""
        return sum(day.tokens for day in self.days)


def state_of(stored: StoredKey, now: int) -> KeyState:
    """Say how a key stands; what cannot be undone comes first."""
    if stored.revoked_at is not None:
        return KeyState.REVOKED
    if stored.expires_at is not None and stored.expires_at <= now:
        return KeyState.EXPIRED
    return KeyState.DISABLED if stored.disabled else KeyState.ACTIVE


def list_keys(pool: Pool, now: int, *, revoked: bool = False) -> list[KeyRecord]:
    """Return the newest keys, up to `MOST_KEYS`: those that are revoked, or those that are not."""
    with pool.database.read() as connection:
        return _records(connection, keys.newest(connection, revoked=revoked, limit=MOST_KEYS), now)


def find_key(pool: Pool, key_id: str, now: int) -> KeyRecord:
    """Return a key, also a revoked one; NotFound when there is none of that id, or it is the operator's own."""
    with pool.database.read() as connection:
        stored = keys.find(connection, key_id)
        if stored is None or not stored.shown:
            raise NotFound(f"There is no client key {ids.shown(key_id)}.")
        record = _records(connection, [stored], now)[0]
        limited = replace(stored.limits or Limits(), max_in_flight=stored.max_in_flight or 1)
        return replace(record, used=quotas.used(connection, key_id, now, limited))


def usage_by_model(pool: Pool, key_id: str, now: int) -> list[UsageSum]:
    """Return what a key used of each capability in the last `USAGE_DAYS`."""
    today = day_of(now)
    with pool.database.read() as connection:
        return usage.report(
            connection,
            ("capability",),
            first_day=today - USAGE_DAYS + 1,
            last_day=today,
            where={"key_id": key_id},
            limit=MOST_MODELS,
        )


def _records(connection: Connection, found: Sequence[StoredKey], now: int) -> list[KeyRecord]:
    key_ids = [stored.id for stored in found]
    first_day = day_of(now) - USAGE_DAYS + 1
    latest = key_activity.latest_tasks(connection, key_ids)
    used_days = {(one.key_id, one.day): one for one in key_activity.days(connection, key_ids, first_day)}
    return [
        KeyRecord(
            stored=stored,
            state=state_of(stored, now),
            used=quotas.used(connection, stored.id, now, stored.limits) if stored.limits else Used(),
            last_task_at=ids.time_of(latest[stored.id]) if stored.id in latest else None,
            days=tuple(
                used_days.get((stored.id, day), DayOfKey(stored.id, day, 0, 0, 0, 0))
                for day in range(first_day, first_day + USAGE_DAYS)
            ),
        )
        for stored in found
    ]
