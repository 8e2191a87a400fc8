"""The line: which queued task is next, and for whom. Reads only; `tasks.py` makes the moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
)

from server.domain.lifecycle import AttemptStatus
from server.domain.trust import Trust
from server.storage import rows
from server.storage.base import QUEUED, written_out
from server.storage.models import Agent, Attempt, ClientKey, Job, Task
from server.storage.prepared import Prepared
from server.storage.task_values import Claim

#: Tasks that expire in one transaction, so that the queue's other users never wait long behind it.
SWEEP_ROWS = 200

#: Tasks that are looked at together to choose one of them.
NEXT_ROWS = 16

#: How an attempt ended that counts against its agent.
SPOILT = (written_out(AttemptStatus.FAILED), written_out(AttemptStatus.LOST))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client's next job stands."""

    #: A job of the client that asks the same, and whose answer nobody fetched yet.
    equal_job: str | None
    #: The earliest turn that waits; 0 when none does.
    virtual_time: float
    #: The client's last turn that waits.
    clients_last: float | None
    #: Least trust that an agent needs to have it, by what the operator says of the client's key now.
    trust: int


def find_place(connection: Connection, *, key_id: str, fingerprint: bytes, now: int) -> Place:
    """Find where a client's next job stands, or the equal job that it joins."""
    row = _FIND_PLACE.first(connection, {"key": key_id, "fingerprint": fingerprint, "now": now})
    return Place(*row) if row else Place(None, 0.0, None, Trust.OWN)


# One statement, because it is asked for every request.
_FIND_PLACE = Prepared(
    select(
        select(Job.id)
        .where(
            Job.key_id == bindparam("key"),
            Job.fingerprint == bindparam("fingerprint"),
            Job.fetched_at.is_(None),
            Job.expires_at > bindparam("now"),
        )
        .order_by(Job.id.desc())
        .limit(1)
        .scalar_subquery(),
        func.coalesce(select(func.min(Task.turn)).where(Task.status == QUEUED).scalar_subquery(), 0.0),
        select(func.max(Task.turn))
        # Said twice, because the index that helps holds all that is in flight.
        .where(Task.finished_at.is_(None), Task.status == QUEUED, Task.key_id == bindparam("key"))
        .scalar_subquery(),
        select(ClientKey.trust).where(ClientKey.id == bindparam("key")).scalar_subquery(),
    )
)


def _trusted() -> ColumnElement[bool]:
    """The agent may see the task, by what the operator says of it at this moment."""
    return Task.trust <= select(Agent.trust).where(Agent.id == bindparam("agent")).scalar_subquery()


def _untried_or_last_hope() -> ColumnElement[bool]:
    """An agent that failed or lost a task gets it again only when all agents that could take it have tried."""
    spoilt = Attempt.status.in_(SPOILT)
    tried_here = exists().where(Attempt.task_id == Task.id, Attempt.agent_id == bindparam("agent"), spoilt)
    agents_tried = (
        select(func.count(Attempt.agent_id.distinct()))
        .join(Agent, Agent.id == Attempt.agent_id)
        .where(Attempt.task_id == Task.id, spoilt, Agent.trust >= Task.trust)
        .correlate(Task)
        .scalar_subquery()
    )
    able: ColumnElement[int] = case(
        (Task.trust == Trust.OWN.value, bindparam("eligible_own", type_=Integer)),
        (Task.trust == Trust.VETTED.value, bindparam("eligible_vetted", type_=Integer)),
        (Task.plain, bindparam("eligible_agents", type_=Integer) + bindparam("plain_agents", type_=Integer)),
        else_=bindparam("eligible_agents", type_=Integer),
    )
    return or_(Task.attempts_charged == 0, ~tried_here, agents_tried >= able, Task.runner.is_not(None))


def claimable() -> ColumnElement[bool]:
    """The task waits, and is for the agent that a claim names."""
    return and_(
        Task.status == QUEUED,
        Task.capability == bindparam("of_capability"),
        or_(Task.class_id.is_(None), Task.class_id == bindparam("of_class")),
        Task.priority >= bindparam("least_priority"),
        Task.texts <= bindparam("most_texts"),
        _trusted(),
        or_(Task.plain, ~bindparam("plain_only", type_=Task.plain.type)),
        or_(Task.runner.is_(None), Task.runner == bindparam("agent")),
        # Urgent ones are anybody's at once, and nothing is left to agents that may not have it.
        or_(
            Task.priority == 0,
            Task.not_before <= bindparam("waiting_since"),
            Task.trust > bindparam("left_trust"),
        ),
        Task.not_before <= bindparam("now"),
        Task.expires_at > bindparam("now"),
        _untried_or_last_hope(),
    )


def first_in_line() -> Select[Any]:
    """Choose the ids of the next tasks in order, as many as fit `max_tasks` and `max_texts` (but at least one)."""
    line = (
        select(Task.id, Task.texts, Task.priority, Task.turn)
        .where(claimable())
        .order_by(Task.priority, Task.turn, Task.id)
        .limit(bindparam("max_tasks"))
        # On PostgreSQL two claims at once look past each other's rows; SQLite has one writer and ignores it.
        .with_for_update(skip_locked=True)
        .subquery()
    )
    running = func.sum(line.c.texts).over(order_by=(line.c.priority, line.c.turn, line.c.id), rows=(None, 0))
    filled = select(line.c.id, line.c.texts, running.label("so_far")).subquery()
    return select(filled.c.id).where(or_(filled.c.so_far <= bindparam("max_texts"), filled.c.so_far == filled.c.texts))


@dataclass(frozen=True, slots=True, order=True)
class Next:
    """A task that waits; the one that is first in line is the least."""

    priority: int
    turn: float
    task_id: str


def next_for(connection: Connection, wanted: Claim) -> list[Next]:
    """Return the tasks that a claim would get first, without claiming them, in order; at most `NEXT_ROWS`."""
    return rows.each(Next, _NEXT_FOR.all(connection, wanted.values()))


_NEXT_FOR = Prepared(
    select(Task.priority, Task.turn, Task.id)
    .where(claimable())
    .order_by(Task.priority, Task.turn, Task.id)
    .limit(NEXT_ROWS)
)


def position(connection: Connection, job_id: str) -> int | None:
    """Return how many tasks are to be claimed before a job's first waiting one; None when none of it waits."""
    row = _FIRST_OF_JOB.first(connection, {"job": job_id})
    if row is None:
        return None
    capability, priority, turn, task_id = row
    return int(
        connection.execute(
            _BEFORE, {"capability": capability, "priority": priority, "turn": turn, "task": task_id}
        ).scalar_one()
    )


_FIRST_OF_JOB = Prepared(
    select(Task.capability, Task.priority, Task.turn, Task.id)
    .where(Task.job_id == bindparam("job"), Task.status == QUEUED)
    .order_by(Task.priority, Task.turn, Task.id)
    .limit(1)
)
_BEFORE = select(func.count()).where(
    Task.status == QUEUED,
    Task.capability == bindparam("capability"),
    tuple_(Task.priority, Task.turn, Task.id) < tuple_(bindparam("priority"), bindparam("turn"), bindparam("task")),
)


def waiting_of(connection: Connection, family: str) -> list[str]:
    """Return the capabilities of a family for which tasks wait."""
    found: list[str] = []
    # One step in the index for each, instead of a look at every task that waits.
    last, end = f"{family}.", f"{family}/"
    while (row := _NEXT_CAPABILITY.first(connection, {"after": last, "before": end})) and row[0] is not None:
        last = row[0]
        found.append(last)
    return found


# "/" is what follows "." among the characters.
_NEXT_CAPABILITY = Prepared(
    select(func.min(Task.capability)).where(
        Task.status == QUEUED, Task.capability > bindparam("after"), Task.capability < bindparam("before")
    )
)


def claimable_head(connection: Connection, capability: str, trusted: int, now: int) -> tuple[int, float] | None:
    """Return (priority, turn) of the first task that waits for a capability and needs no more trust; None without."""
    row = _HEAD.first(connection, {"capability": capability, "trusted": trusted, "now": now})
    return (row[0], row[1]) if row else None


def waits(connection: Connection, capability: str, trust: int, now: int) -> bool:
    """Whether a task waits for a capability that asks for exactly this trust."""
    return _WAITS.first(connection, {"capability": capability, "trust": trust, "now": now}) is not None


_READY = (
    Task.status == QUEUED,
    Task.capability == bindparam("capability"),
    Task.not_before <= bindparam("now"),
    Task.expires_at > bindparam("now"),
)
_HEAD = Prepared(
    select(Task.priority, Task.turn)
    .where(*_READY, Task.trust <= bindparam("trusted"))
    .order_by(Task.priority, Task.turn, Task.id)
    .limit(1)
)
_WAITS = Prepared(select(Task.id).where(*_READY, Task.trust == bindparam("trust")).limit(1))


def count_kept_from(connection: Connection, capability: str, agent_id: str) -> tuple[int, int]:
    """Count the waiting tasks of a capability that this agent may not see, and the others that it spoilt before."""
    trust, spoilt = connection.execute(_KEPT_FROM, {"capability": capability, "agent": agent_id}).one()
    return int(trust), int(spoilt)


_SPOILT_HERE = exists().where(
    Attempt.task_id == Task.id, Attempt.agent_id == bindparam("agent"), Attempt.status.in_(SPOILT)
)
_KEPT_FROM = select(
    func.count().filter(~_trusted()),
    func.count().filter(_trusted(), Task.attempts_charged > 0, _SPOILT_HERE),
).where(Task.status == QUEUED, Task.capability == bindparam("capability"))


def waiting_by_capability(connection: Connection) -> dict[str, int]:
    """Count the tasks that wait, by capability."""
    return dict(connection.execute(_WAITING).all())


_WAITING = select(Task.capability, func.count()).where(Task.status == QUEUED).group_by(Task.capability)


def due(connection: Connection, *, since: int, now: int) -> dict[tuple[str, int], int]:
    """Count the waiting tasks whose rest after a failure ended between two times, by capability and trust."""
    found = connection.execute(_DUE, {"since": since, "now": now})
    return {(capability, trust): count for capability, trust, count in found}


_DUE = (
    select(Task.capability, Task.trust, func.count())
    .where(
        Task.status == QUEUED,
        Task.attempts_charged > 0,
        Task.not_before > bindparam("since"),
        Task.not_before <= bindparam("now"),
    )
    .group_by(Task.capability, Task.trust)
)


def any_overdue(connection: Connection, *, now: int) -> bool:
    """Whether there is a task to expire."""
    return _ANY_OVERDUE.first(connection, {"now": now}) is not None


#: The ids of tasks whose time to live is over.
OVERDUE = select(Task.id).where(Task.finished_at.is_(None), Task.expires_at <= bindparam("now")).limit(SWEEP_ROWS)
_ANY_OVERDUE = Prepared(OVERDUE)
