"""What client keys have used of their limits. Only keys that have limits are counted.

A task's tokens count for the day it was accepted: reserved with an estimate (the task's row keeps it), corrected when
the task completes, given back when it ends without a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from server.domain import limits
from server.domain.limits import DAY_MS, Limits, Used
from server.storage.models import ClientKey, KeyCounter, Payload, Result, Task
from server.storage.prepared import Prepared

#: Every limit, for whoever wants to know all that was used.
EVERY_LIMIT = Limits(1, 1, 1, 1)


def used(connection: Connection, key_id: str, now: int, limited: Limits = EVERY_LIMIT) -> Used:
    """Return what a key has used, as it counts now; what is not limited is not looked up, and told as 0."""
    values = {"key": key_id}
    row = None
    if limited.counts:
        row = _COUNTERS.first(connection, values)
    minute, requests, day, tokens = row or (0, 0, 0, 0)
    requests, tokens = limits.current(minute=minute, requests=requests, day=day, tokens=tokens, now=now)
    return Used(
        requests,
        tokens,
        0 if limited.max_in_flight is None else _IN_FLIGHT.scalar(connection, values),
        0 if limited.max_stored_bytes is None else _STORED.scalar(connection, values),
    )


_NAMES = ("minute", "requests", "day", "tokens")
_COLUMNS = [getattr(KeyCounter, name) for name in _NAMES]
_COUNTERS = Prepared(select(*_COLUMNS).where(KeyCounter.key_id == bindparam("key")))
_UNFINISHED = (Task.key_id == bindparam("key"), Task.finished_at.is_(None))
_IN_FLIGHT = Prepared(select(func.count()).select_from(Task).where(*_UNFINISHED))


def _sum_of(statement: Select[Any]) -> Any:
    return func.coalesce(statement.scalar_subquery(), 0)


# SQLite knows a blob's length without reading it. What else an OffloadMQ client sent is short.
_PROMPT = func.length(Payload.body) + func.coalesce(func.length(Payload.envelope), 0)
_STORED = Prepared(
    select(
        _sum_of(select(func.sum(_PROMPT)).join(Task, Task.id == Payload.task_id).where(*_UNFINISHED))
        + _sum_of(select(func.sum(Result.counted_bytes)).where(Result.counted_for == bindparam("key")))
    )
)


def nearly_spent(connection: Connection, now: int, share: float) -> list[tuple[str, str]]:
    """Return (id, name) of the active keys that have used at least a share of the tokens of their day."""
    found = connection.execute(_NEARLY_SPENT, {"today": limits.day_of(now), "share": share})
    return [(key_id, name) for key_id, name in found]


_NEARLY_SPENT = (
    select(ClientKey.id, ClientKey.name)
    .join(KeyCounter, KeyCounter.key_id == ClientKey.id)
    .where(
        ClientKey.revoked_at.is_(None),
        KeyCounter.day == bindparam("today"),
        KeyCounter.tokens >= ClientKey.tokens_per_day * bindparam("share"),
    )
    .order_by(ClientKey.id)
)


def count(connection: Connection, key_id: str, before: Used, *, tokens: int, now: int) -> None:
    """Count one request and its tokens on top of what was used before, which was read in the same transaction."""
    _COUNT.run(
        connection,
        {
            "key_id": key_id,
            "minute": limits.minute_of(now),
            "requests": before.requests + 1,
            "day": limits.day_of(now),
            "tokens": before.tokens + tokens,
        },
    )


_NEW = upsert(KeyCounter)
_COUNT = Prepared(
    _NEW.on_conflict_do_update(index_elements=["key_id"], set_={name: getattr(_NEW.excluded, name) for name in _NAMES}),
    *("key_id", *_NAMES),
)


def correct(connection: Connection, task_id: str, tokens: int) -> None:
    """Put the true count of tokens in the place of a completed task's estimate, unless its day is over."""
    for key_id, day, reserved in _reserved(connection, [task_id]):
        _ADD.run(connection, {"key": key_id, "day": day, "more": tokens - reserved})


def give_back(connection: Connection, task_ids: Sequence[str]) -> None:
    """Give back what was reserved for tasks that ended without a result, unless their day is over."""
    for key_id, day, reserved in _reserved(connection, task_ids) if task_ids else ():
        if reserved:
            _ADD.run(connection, {"key": key_id, "day": day, "more": -reserved})


def _reserved(connection: Connection, task_ids: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return what was reserved for tasks: (key id, day, tokens)."""
    return [(key, day, tokens) for key, day, tokens in connection.execute(_RESERVED, {"ids": task_ids})]


_DAY = Task.created_at // DAY_MS
_RESERVED = (
    select(Task.key_id, _DAY, func.sum(Task.reserved_tokens))
    .where(Task.id.in_(bindparam("ids", expanding=True)))
    .group_by(Task.key_id, _DAY)
)
_SUM = KeyCounter.tokens + bindparam("more", type_=KeyCounter.tokens.type)
_ADD = Prepared(
    update(KeyCounter)
    .where(KeyCounter.key_id == bindparam("key"), KeyCounter.day == bindparam("day"))
    .values(tokens=case((_SUM > 0, _SUM), else_=0))
)


def count_answer(connection: Connection, task_id: str, key_id: str) -> None:
    """Count a task's stored answer among its client's bytes; it no longer counts when it is deleted."""
    _COUNT_ANSWER.run(connection, {"key": key_id, "task": task_id})


def count_answers(connection: Connection, key_id: str) -> None:
    """Count all answers kept for a key among its bytes, because they are limited from now on."""
    connection.execute(_COUNT_ANSWERS, {"key": key_id})


_COUNTED = update(Result).values(
    counted_for=bindparam("key"),
    counted_bytes=func.length(Result.vectors) + func.coalesce(func.length(Result.output), 0),
)
_COUNT_ANSWER = Prepared(_COUNTED.where(Result.task_id == bindparam("task")))
_COUNT_ANSWERS = _COUNTED.where(Result.task_id.in_(select(Task.id).where(Task.key_id == bindparam("key"))))
