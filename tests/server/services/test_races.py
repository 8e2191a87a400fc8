"""Races with real threads on a real file: of two moves that exclude each other exactly one happens, many times over."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from server.domain.errors import Forbidden
from server.services import dispatch, enrolment, settling, sweeper
from server.services.embeddings import TIME_TO_LIVE
from server.services.outcomes import Aftermath
from server.services.pool import Pool
from server.storage.models import Attempt, Invite, Job, Result, Task
from tests import factories
from tests.factories import (
    SetClock,
    claim_one,
    delivery,
    description,
    enqueue,
    make_agent,
    make_client,
    submit,
    take_turn,
)
from tests.server.services.queue_invariants import violations

#: Pairs of moves raced in each test.
PAIRS = 60
#: Seconds after which a lease that nobody renews may be taken away.
LAPSED = 71


def race(*moves: Callable[[], Any]) -> list[Any]:
    """Let moves start together, each in a thread of its own, and return what came of each."""
    start = threading.Barrier(len(moves))

    def run(move: Callable[[], Any]) -> Any:
        start.wait(10)
        return move()

    with ThreadPoolExecutor(len(moves)) as threads:
        return [running.result(20) for running in [threads.submit(run, move) for move in moves]]


def status_of(pool: Pool, task_id: str) -> str:
    with pool.database.read() as connection:
        return connection.execute(select(Task.status).where(Task.id == task_id)).scalar_one()


def has_result(pool: Pool, task_id: str) -> bool:
    with pool.database.read() as connection:
        return connection.execute(select(Result.task_id).where(Result.task_id == task_id)).first() is not None


def cancel(pool: Pool, job_id: str) -> bool:
    """Cancel a job; says whether anything was left to cancel."""
    after = Aftermath()
    with pool.database.read() as connection:
        before = connection.execute(select(Task.id).where(Task.job_id == job_id, Task.finished_at.is_(None))).first()
    pool.database.write(lambda connection: settling.end_job(connection, job_id, after, pool.clock.now()))
    return before is not None


def test_complete_or_cancel(pool: Pool) -> None:
    """A task whose result comes while it is canceled is completed with a result, or canceled without one."""
    client, agent = make_client(pool), make_agent(pool)
    seen: Counter[str] = Counter()
    for number in range(PAIRS):
        enqueue(pool, client, f"text {number}")
        lease = claim_one(pool, agent)
        reply, _ = race(
            partial(take_turn, pool, agent, delivery(lease), most=0),
            partial(cancel, pool, lease.job_id),
        )
        status, outcome = status_of(pool, lease.task_id), reply.outcomes[0].outcome
        assert (outcome, status, has_result(pool, lease.task_id)) in {
            ("accepted", "completed", True),
            ("stale", "canceled", False),
        }
        seen[status] += 1
    assert seen.total() == PAIRS
    assert violations(pool) == []


def test_complete_or_reclaim(pool: Pool, clock: SetClock) -> None:
    """A late result is accepted once, or the task waits again and the result is thrown away."""
    client, agent = make_client(pool), make_agent(pool)
    for number in range(PAIRS):
        enqueue(pool, client, f"text {number}")
        lease = claim_one(pool, agent)
        now = clock.advance(LAPSED)
        reply, taken = race(
            partial(take_turn, pool, agent, delivery(lease), most=0),
            partial(sweeper.reclaim, pool, now),
        )
        outcome, status = reply.outcomes[0].outcome, status_of(pool, lease.task_id)
        assert (outcome, taken, status) in {("accepted", 0, "completed"), ("stale", 1, "queued")}
        assert has_result(pool, lease.task_id) == (outcome == "accepted")
        cancel(pool, lease.job_id)
    assert violations(pool) == []


def test_complete_or_expire(pool: Pool, clock: SetClock) -> None:
    """A result that comes as the task's time to live ends is accepted, or the task is expired without one."""
    client, agent = make_client(pool), make_agent(pool)
    for number in range(PAIRS):
        enqueue(pool, client, f"text {number}")
        clock.advance(TIME_TO_LIVE - 1)
        lease = claim_one(pool, agent)
        now = clock.advance(1)
        reply, expired = race(
            partial(take_turn, pool, agent, delivery(lease), most=0),
            partial(sweeper.expire, pool, now),
        )
        outcome, status = reply.outcomes[0].outcome, status_of(pool, lease.task_id)
        assert (outcome, expired, status) in {("accepted", 0, "completed"), ("stale", 1, "expired")}
        assert has_result(pool, lease.task_id) == (outcome == "accepted")
    assert violations(pool) == []


def test_heartbeat_or_reclaim(pool: Pool, clock: SetClock) -> None:
    """A lease that is renewed as it is taken away is held by the agent, or lost: never both, never neither."""
    client, agent = make_client(pool), make_agent(pool)
    for number in range(PAIRS):
        enqueue(pool, client, f"text {number}")
        lease = claim_one(pool, agent)
        now = clock.advance(LAPSED)
        said, taken = race(
            partial(dispatch.heartbeat, pool, agent, [lease.lease_id], None),
            partial(sweeper.reclaim, pool, now),
        )
        status = status_of(pool, lease.task_id)
        assert (said[lease.lease_id], taken, status) in {("held", 0, "leased"), ("lost", 1, "queued")}
        cancel(pool, lease.job_id)
    assert violations(pool) == []


def test_a_heartbeat_between_look_and_reclaim_saves_the_lease(pool: Pool, clock: SetClock) -> None:
    """The sweeper has seen that the lease lapsed, then a heartbeat comes: it is not taken away."""
    client, agent = make_client(pool), make_agent(pool)
    enqueue(pool, client, "text")
    lease = claim_one(pool, agent)
    now = clock.advance(LAPSED)
    write = pool.database.writer.run

    def heartbeat_first(operation: Any) -> Any:
        pool.database.writer.run = write  # type: ignore[method-assign]
        assert dispatch.heartbeat(pool, agent, [lease.lease_id], None) == {lease.lease_id: "held"}
        return write(operation)

    pool.database.writer.run = heartbeat_first  # type: ignore[method-assign]
    assert sweeper.reclaim(pool, now) == 0
    assert status_of(pool, lease.task_id) == "leased"
    assert take_turn(pool, agent, delivery(lease), most=0).outcomes[0].outcome == "accepted"


def test_equal_requests_at_once_are_one_job(tmp_path: Any, clock: SetClock) -> None:
    """64 threads ask the same: one job with one task is queued, and all get its answer."""
    pool = factories.open_test_pool(factories.make_settings(tmp_path, max_client_waits=64), clock)
    try:
        client, agent = make_client(pool), make_agent(pool)
        collections = race(*[lambda: submit(pool, client, "the same", "text") for _ in range(64)])
        assert len({collection.waiter.job_id for collection in collections}) == 1
        assert sum(collection.tasks for collection in collections) == 1
        take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
        right = factories.vectors_of(["the same", "text"])
        for collection in collections:
            assert (factories.collect(pool, client, collection) == right).all()
        with pool.database.read() as connection:
            assert len(connection.execute(select(Job.id)).all()) == 1
    finally:
        pool.database.close()


def test_an_invite_for_one_lets_one_in(pool: Pool) -> None:
    """100 threads redeem an invite for one PC: one joins, and the others are told that it has been used."""
    code = factories.make_invite(pool, max_uses=1)

    def join() -> str:
        try:
            return enrolment.enrol(pool, code, description(), pool.clock.now()).agent_id
        except Forbidden as refused:
            assert "has been used" in refused.message
            return ""

    joined = [agent_id for agent_id in race(*[join] * 100) if agent_id]
    assert len(joined) == 1
    with pool.database.read() as connection:
        assert connection.execute(select(Invite.uses)).scalars().all() == [1]


@pytest.mark.parametrize("holding", ["named", "forgotten"])
def test_two_processes_with_one_key(pool: Pool, holding: str) -> None:
    """A copied PC asks and reports twice at once: every task has one attempt at a time and one result."""
    client, agent = make_client(pool), make_agent(pool)
    for number in range(PAIRS):
        enqueue(pool, client, f"text {number}")
    given: Counter[str] = Counter()

    def work() -> None:
        mine: list[Any] = []
        while True:
            names = [lease.lease_id for lease in mine] if holding == "named" else []
            reply = take_turn(pool, agent, *map(delivery, mine), most=3, holding=names)
            assert {outcome.outcome for outcome in reply.outcomes} <= {"accepted", "replayed"}
            given.update(outcome.lease_id for outcome in reply.outcomes if outcome.outcome == "accepted")
            mine = reply.leases
            if not mine:
                return

    race(work, work)
    with pool.database.read() as connection:
        statuses = connection.execute(select(Task.status)).scalars().all()
        attempts = connection.execute(select(Attempt.id)).scalars().all()
    assert statuses == ["completed"] * PAIRS
    assert sorted(attempts) == sorted(given)
    assert set(given.values()) == {1}
    assert violations(pool) == []
