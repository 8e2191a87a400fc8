"""How many tasks there are of a sort, counted up to a number: nobody needs to know it better. Reads only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CompoundSelect, Connection, and_, func, literal, select, union_all

from server.domain.lifecycle import TaskStatus
from server.storage.base import QUEUED, written_out
from server.storage.models import Task
from server.storage.task_records import ENDED_BADLY, LAST, Wanted, bounds, edge_of, listing


def count(connection: Connection, wanted: Wanted, most: int) -> int:
    """Count the wanted tasks of the newest that one page looks at, up to a number."""
    lower, upper = bounds(wanted, LAST, "")
    edge = edge_of(connection, wanted, upper, lower)
    chosen = listing(wanted, upper, edge or lower, most).subquery()
    return int(connection.execute(select(func.count()).select_from(chosen)).scalar_one())


def by_status(connection: Connection, most: int) -> dict[str, int]:
    """Count the tasks of each status, up to a number; but the completed ones, which have no index of their own."""
    return {status: int(number) for status, number in connection.execute(counting(most))}


def counting(most: int) -> CompoundSelect[Any]:
    """Choose each status that has an index, and how many tasks it has."""
    rare = Task.status.in_([written_out(status) for status in ENDED_BADLY])
    which = {
        TaskStatus.QUEUED: Task.status == QUEUED,
        # There is an attempt exactly while it is leased, and the index of attempts is unique.
        TaskStatus.LEASED: Task.current_attempt > "",
        # Said twice, because the index holds all that ended badly.
        **{status: and_(rare, Task.status == written_out(status)) for status in ENDED_BADLY},
    }
    some = [(status, select(literal(1)).where(condition).limit(most).subquery()) for status, condition in which.items()]
    return union_all(*(select(written_out(status), func.count()).select_from(found) for status, found in some))
