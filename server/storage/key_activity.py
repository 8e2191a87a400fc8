"""When client keys were used last, and how much day by day. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from server.storage import rows
from server.storage.models import ClientKey, Task, Usage


@dataclass(frozen=True, slots=True)
class DayOfKey:
    """What a client key used in a day."""

    key_id: str
    #: Days since 1970 (UTC).
    day: int
    tasks: int
    failed: int
    texts: int
    #: Read and written.
    tokens: int


def latest_tasks(connection: Connection, key_ids: Sequence[str]) -> dict[str, str]:
    """Return the id of each key's newest task that is still in the table; keys without one are left out."""
    found = connection.execute(_LATEST, {"keys": key_ids})
    return {key_id: task_id for key_id, task_id in found if task_id is not None}


# One step into the index per key, however many tasks there are.
_NEWEST_TASK = select(func.max(Task.id)).where(Task.key_id == ClientKey.id).scalar_subquery()
_LATEST = select(ClientKey.id, _NEWEST_TASK).where(ClientKey.id.in_(bindparam("keys", expanding=True)))


def days(connection: Connection, key_ids: Sequence[str], first_day: int) -> list[DayOfKey]:
    """Return what keys used from a day on, day by day; days without use are left out."""
    return rows.each(DayOfKey, connection.execute(_DAYS, {"keys": key_ids, "first": first_day}))


_DAYS = (
    select(
        Usage.key_id,
        Usage.day,
        func.sum(Usage.tasks),
        func.sum(Usage.failed),
        func.sum(Usage.texts),
        func.sum(Usage.prompt_tokens + Usage.completion_tokens),
    )
    .where(Usage.key_id.in_(bindparam("keys", expanding=True)), Usage.day >= bindparam("first"))
    .group_by(Usage.key_id, Usage.day)
    .order_by(Usage.key_id, Usage.day)
)
