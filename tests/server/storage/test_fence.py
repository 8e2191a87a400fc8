"""The moves themselves: each statement refuses whoever does not hold the task, whatever the services asked before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from server.services.pool import Pool
from server.storage import attempts, fence, tasks
from server.storage.attempts import Failure, Lease
from server.storage.models import Attempt, Task
from tests.factories import SetClock, claim_one, enqueue, make_agent, make_client

FAILURE = Failure("engine_error", "It broke.")

Ending = Callable[[Connection, str, str], Any]


def complete(connection: Connection, lease_id: str, agent_id: str) -> Any:
    return tasks.complete(connection, lease_id=lease_id, agent_id=agent_id, now=1, engine_ms=1.0)


def release(connection: Connection, lease_id: str, agent_id: str) -> Any:
    return tasks.release(connection, lease_id=lease_id, agent_id=agent_id, now=1)


def fail(connection: Connection, lease_id: str, agent_id: str) -> Any:
    return tasks.fail(connection, lease_id=lease_id, agent_id=agent_id, now=1, failure=FAILURE, retry_at=1, final=False)


def fail_for_good(connection: Connection, lease_id: str, agent_id: str) -> Any:
    return tasks.fail(connection, lease_id=lease_id, agent_id=agent_id, now=1, failure=FAILURE, retry_at=1, final=True)


def renew(connection: Connection, lease_id: str, agent_id: str) -> Any:
    return attempts.renew(connection, lease_id=lease_id, agent_id=agent_id, now=1, lease_until=2) or None


def hold(connection: Connection, lease_id: str, agent_id: str) -> Any:
    return fence.held(connection, lease_id=lease_id, agent_id=agent_id)


ENDINGS = (complete, release, fail, fail_for_good)
EVERYTHING = (*ENDINGS, renew, hold)


@pytest.fixture
def lease(pool: Pool) -> Lease:
    """Give a lease that the first of two agents holds."""
    client, agent = make_client(pool), make_agent(pool)
    enqueue(pool, client, "hello")
    return claim_one(pool, agent)


@pytest.fixture
def holder(pool: Pool, lease: Lease) -> str:
    with pool.database.read() as connection:
        return connection.execute(select(Attempt.agent_id).where(Attempt.id == lease.lease_id)).scalar_one()


def rows_of(pool: Pool) -> list[Any]:
    with pool.database.read() as connection:
        return [
            *connection.execute(select(Task.__table__)).all(),
            *connection.execute(select(Attempt.__table__)).all(),
        ]


@pytest.mark.parametrize("move", EVERYTHING)
def test_a_stranger_is_refused(pool: Pool, lease: Lease, move: Ending) -> None:
    """Another agent's lease id is no use, and nothing changes."""
    stranger, before = make_agent(pool).agent.id, rows_of(pool)
    assert pool.database.write(lambda connection: move(connection, lease.lease_id, stranger)) is None
    assert rows_of(pool) == before


@pytest.mark.parametrize("move", EVERYTHING)
def test_a_lease_nobody_has_is_refused(pool: Pool, holder: str, move: Ending) -> None:
    """A made-up id does nothing."""
    before = rows_of(pool)
    assert pool.database.write(lambda connection: move(connection, "made up", holder)) is None
    assert rows_of(pool) == before


@pytest.mark.parametrize("again", EVERYTHING)
@pytest.mark.parametrize("first", ENDINGS)
def test_a_lease_that_is_over_is_refused(pool: Pool, lease: Lease, holder: str, first: Ending, again: Ending) -> None:
    """After any end of an attempt, none of its holder's moves does anything."""
    assert pool.database.write(lambda connection: first(connection, lease.lease_id, holder)) is not None
    before = rows_of(pool)
    assert pool.database.write(lambda connection: again(connection, lease.lease_id, holder)) is None
    assert rows_of(pool) == before


@pytest.mark.parametrize("move", EVERYTHING)
def test_a_zombies_lease_is_refused(pool: Pool, lease: Lease, holder: str, move: Ending, clock: SetClock) -> None:
    """The same agent's older lease of a task that it has again is not the current one."""
    pool.database.write(lambda connection: release(connection, lease.lease_id, holder))
    agent = pool.roster.get(holder)
    assert agent is not None
    assert claim_one(pool, agent).task_id == lease.task_id
    before = rows_of(pool)
    assert pool.database.write(lambda connection: move(connection, lease.lease_id, holder)) is None
    assert rows_of(pool) == before


@pytest.mark.parametrize("final", [False, True])
def test_a_reclaim_looks_at_the_lapse_again(pool: Pool, lease: Lease, clock: SetClock, final: bool) -> None:
    """A lease that lives is not taken away, one that lapsed is, once."""

    def reclaim(lapsed_before: int) -> Any:
        return pool.database.write(
            lambda connection: tasks.reclaim(
                connection,
                lease_id=lease.lease_id,
                lapsed_before=lapsed_before,
                now=clock.now(),
                failure=FAILURE,
                final=final,
            )
        )

    assert reclaim(clock.now() + 60_000) is None
    assert reclaim(clock.now() + 60_001) is not None
    assert reclaim(clock.now() + 60_001) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tasks SET status = 'paused'",
        "UPDATE tasks SET current_attempt = NULL",
        "UPDATE tasks SET status = 'completed', current_attempt = NULL",
        "UPDATE tasks SET finished_at = 1",
        "UPDATE tasks SET attempts_charged = -1",
        "UPDATE attempts SET ended_at = 1",
        "UPDATE attempts SET lease_until = hard_until + 1",
        "UPDATE attempts SET status = 'gone'",
        "INSERT INTO attempts (id, task_id, agent_id, status, started_at, lease_until, hard_until) "
        "SELECT 'second', task_id, agent_id, 'leased', 1, 2, 3 FROM attempts",
    ],
)
def test_the_tables_refuse_nonsense(pool: Pool, lease: Lease, change: str) -> None:
    """The second barrier: a row that makes no sense cannot be written, whatever statement tries."""
    with pytest.raises(IntegrityError):
        pool.database.write(lambda connection: connection.execute(text(change)))
