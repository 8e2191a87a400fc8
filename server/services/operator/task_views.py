"""The queue as the management page lists it: pages of tasks with who tried them, their numbers, what to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from server.services.pool import Pool
from server.storage import task_choices, task_counts, task_details, task_records
from server.storage.task_choices import Choices
from server.storage.task_records import LAST, TaskRecord, Wanted

#: Tasks of one page, and up to how many are counted.
PAGE, COUNTED = 50, 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A task and who tried it last."""

    record: TaskRecord
    agent_id: str | None
    #: What the agent calls itself.
    agent: str | None
    #: When that try began (ms since 1970).
    tried_at: int | None


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of tasks, newest first; as `task_records.Page`."""

    rows: list[Row]
    older: str | None
    newer: str | None


def page(pool: Pool, wanted: Wanted, *, before: str | None = None, after: str | None = None) -> Rows:
    """Return the wanted tasks before an id or after one; the newest where none is given."""
    with pool.database.read() as connection:
        found = task_records.page(connection, wanted, before=before or LAST, after=after, limit=PAGE)
        tried = task_details.last_agents(connection, [record.id for record in found.records])
    nobody = (None, None, None)
    rows = [Row(record, *tried.get(record.id, nobody)) for record in found.records]
    return Rows(rows, found.cursor, found.newer)


def counts(pool: Pool) -> dict[str, int]:
    """Count the tasks of each status that is counted at all, up to one more than `COUNTED`."""
    with pool.database.read() as connection:
        return task_counts.by_status(connection, COUNTED + 1)


def count(pool: Pool, wanted: Wanted) -> int:
    """Count the wanted tasks, up to one more than `COUNTED`."""
    with pool.database.read() as connection:
        return task_counts.count(connection, wanted, COUNTED + 1)


def choices(pool: Pool) -> Choices:
    """Return what tasks can be told apart by."""
    with pool.database.read() as connection:
        return task_choices.choices(connection)
