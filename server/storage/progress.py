"""Progress of tasks under way: leases that run on, and what agents tell of work that a client asks about."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, case, func, insert, select, update

from server.storage.attempts import RENEWABLE, RENEWED
from server.storage.models import Attempt, Progress
from server.storage.prepared import Prepared

#: Characters of log that are kept of one task.
MAX_LOG = 1024 * 1024


def begin(connection: Connection, task_id: str, now: int) -> None:
    """Keep from now on what is told of a task; without this nothing is."""
    _BEGIN.run(connection, {"task_id": task_id, "updated_at": now})


_BEGIN = Prepared(insert(Progress), "task_id", "updated_at")


def advance(
    connection: Connection, *, lease_id: str, agent_id: str, seq: int, now: int, lease_until: int
) -> bool | None:
    """Note an agent's update and let its lease run on.

    Returns None when the lease is not (or no longer) this agent's, False for an update that was taken before.
    """
    values = {"lease": lease_id, "agent": agent_id, "now": now}
    row = _LAST_SEQ.first(connection, values)
    if row is None:
        return None
    _ADVANCE.run(connection, {**values, "seq": seq, "renewed_until": lease_until})
    return seq > int(row[0])


_LAST_SEQ = Prepared(select(Attempt.progress_seq).where(*RENEWABLE))
_ADVANCE = Prepared(
    update(Attempt)
    .where(*RENEWABLE)
    .values(
        progress_seq=case((Attempt.progress_seq < bindparam("seq"), bindparam("seq")), else_=Attempt.progress_seq),
        lease_until=RENEWED,
    )
)


def tell(
    connection: Connection,
    *,
    lease_id: str,
    log: str = "",
    stage: str | None = None,
    status: str | None = None,
    now: int,
) -> None:
    """Add to what is known of a lease's task, if it is kept at all."""
    _TELL.run(connection, {"lease": lease_id, "more": log, "new_stage": stage, "new_status": status, "now": now})


_TELL = Prepared(
    update(Progress)
    .where(Progress.task_id == select(Attempt.task_id).where(Attempt.id == bindparam("lease")).scalar_subquery())
    .values(
        log=func.substr(Progress.log + bindparam("more", type_=Progress.log.type), -MAX_LOG),
        stage=func.coalesce(bindparam("new_stage"), Progress.stage),
        status=func.coalesce(bindparam("new_status"), Progress.status),
        updated_at=bindparam("now"),
    )
)


def begin_again(connection: Connection, task_id: str, now: int) -> None:
    """Forget what was told of a task, because its next agent begins from the beginning."""
    _BEGIN_AGAIN.run(connection, {"task": task_id, "now": now})


_BEGIN_AGAIN = Prepared(
    update(Progress)
    .where(Progress.task_id == bindparam("task"))
    .values(status=None, stage=None, log="", output=None, updated_at=bindparam("now"))
)


def keep_output(connection: Connection, task_id: str, output: bytes, now: int) -> None:
    """Keep what came with a failure, for the client to read."""
    _KEEP_OUTPUT.run(connection, {"task": task_id, "left": output, "now": now})


_KEEP_OUTPUT = Prepared(
    update(Progress)
    .where(Progress.task_id == bindparam("task"))
    .values(output=bindparam("left"), updated_at=bindparam("now"))
)
