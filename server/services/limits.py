"""Limits of client keys: counted in the transaction that accepts the work, settled in the one that ends it.

A key without limits costs nothing here: no statement is run for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from server.domain import limits
from server.domain.errors import PoolError
from server.domain.limits import Demand, Limits, Used
from server.services.known_keys import Client
from server.services.pool import Pool
from server.storage import quotas
from server.storage.task_values import NewTask

#: Kinds of work that are counted in tokens.
COUNTED_IN_TOKENS = frozenset({"embedding", "chat"})
#: Bytes of JSON to a token, about, where nobody estimated.
BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """A key's limits, and what it has used of them."""

    limits: Limits
    used: Used


def standing(pool: Pool, client: Client, now: int) -> Standing | None:
    """Say how a client stands; None when it has no limits."""
    if client.limits is None:
        return None
    with pool.database.read() as connection:
        return Standing(client.limits, quotas.used(connection, client.id, now, client.limits))


def count_request(pool: Pool, client: Client, now: int) -> None:
    """Count a request that needs no work, because its answer is there; raises RateLimited when it is one too many."""
    if client.limits is None:
        return
    refusal = pool.database.write(lambda connection: admit_request(connection, client, now))
    if refusal is not None:
        raise refusal


def admit_request(connection: Connection, client: Client, now: int) -> PoolError | None:
    """Count a request without work, or return why it is refused: then nothing was counted."""
    return _admit(connection, client, None, now)


def admit_work(connection: Connection, client: Client, tasks: Sequence[NewTask], now: int) -> PoolError | None:
    """Count a request and reserve what its tasks need, or return why it is refused: then nothing was counted.

    It is told rather than raised, because an operation that raises makes the writer do its whole batch again. The
    estimate of tokens that tasks bring along is only kept where it was reserved.
    """
    counted = client.limits is not None and client.limits.tokens_per_day is not None
    for task in tasks:
        task.reserved_tokens = _estimate(task) if counted else 0
    if client.limits is None:
        return None
    stored_bytes = sum(len(task.body) + len(task.envelope or "") for task in tasks)
    wanted = Demand(sum(task.reserved_tokens for task in tasks), len(tasks), stored_bytes)
    return _admit(connection, client, wanted, now)


def _estimate(task: NewTask) -> int:
    if task.kind not in COUNTED_IN_TOKENS:
        return 0
    return task.reserved_tokens or len(task.body) // BYTES_PER_TOKEN + 1


def _admit(connection: Connection, client: Client, wanted: Demand | None, now: int) -> PoolError | None:
    limited = client.limits
    if limited is None:
        return None
    used = quotas.used(connection, client.id, now, limited)
    refusal = limits.refusal_of_request(limited, used, now)
    if refusal is None and wanted is not None:
        refusal = limits.refusal_of_work(limited, used, wanted, now)
    if refusal is None and limited.counts:
        quotas.count(connection, client.id, used, tokens=wanted.tokens if wanted else 0, now=now)
    return refusal


def settle(pool: Pool, connection: Connection, *, key_id: str, task_id: str, tokens: int) -> None:
    """Put a completed task's true count in the place of its estimate, and count its answer among the stored bytes."""
    limited = pool.keys.limits_of(key_id)
    if limited is None:
        return
    if limited.tokens_per_day is not None:
        quotas.correct(connection, task_id, tokens)
    if limited.max_stored_bytes is not None:
        quotas.count_answer(connection, task_id, key_id)
