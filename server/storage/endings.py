"""How tasks ended that did not end well, counted by what was wrong. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, case, func, select

from server.domain import ids
from server.domain.lifecycle import TaskStatus
from server.storage import rows
from server.storage.base import written_out
from server.storage.models import Task

HOUR_MS, DAY_MS = 3_600_000, 24 * 3_600_000
#: Milliseconds that a task usually has at most between its submission, which its id tells, and its end.
LIFE_MS = 24 * 3_600_000
#: What went wrong by itself; a canceled task was not wanted any more.
_WRONG = [written_out(status) for status in (TaskStatus.FAILED, TaskStatus.EXPIRED)]
_BADLY = [written_out(status) for status in (TaskStatus.FAILED, TaskStatus.CANCELED, TaskStatus.EXPIRED)]


@dataclass(frozen=True, slots=True)
class Ending:
    """How many tasks ended with the same error."""

    #: `failed` or `expired`.
    status: str
    #: Empty where there is none.
    code: str
    #: In the last hour, and in the last day.
    hour: int
    day: int


def lately(connection: Connection, now: int) -> list[Ending]:
    """Count the tasks that failed or expired in the last day, by error, the most frequent first."""
    values = {"hour_ago": now - HOUR_MS, "day_ago": now - DAY_MS, "first": ids.first_ulid(now - DAY_MS - LIFE_MS)}
    return rows.each(Ending, connection.execute(LATELY, values))


LATELY = (
    select(
        Task.status,
        func.coalesce(Task.error_code, ""),
        func.sum(case((Task.finished_at > bindparam("hour_ago"), 1), else_=0)),
        func.count(),
    )
    # Said twice, because the index holds all that ended badly.
    .where(Task.status.in_(_BADLY), Task.status.in_(_WRONG))
    .where(Task.id >= bindparam("first"), Task.finished_at > bindparam("day_ago"))
    .group_by(Task.status, Task.error_code)
    .order_by(func.count().desc(), Task.error_code)
)
