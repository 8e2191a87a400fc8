"""What happens because time passes: lapses, amnesty, expiry, retention, and who is online."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from server.domain.errors import NotFound
from server.services import answers, dispatch
from server.services.assembling import Embeddings
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.sweeper import Sweeper
from server.settings import Settings
from server.storage import agent_records
from server.storage.models import Attempt, Job, Payload, Result, Task
from tests.factories import (
    SetClock,
    claim_one,
    collect,
    current,
    delivery,
    enqueue,
    make_agent,
    make_client,
    open_test_pool,
    submit,
    take_turn,
    vectors_of,
)

HOUR, DAY = 3600, 24 * 3600


@pytest.fixture
def client(pool: Pool) -> Client:
    return make_client(pool)


@pytest.fixture
def sweeping(pool: Pool) -> Sweeper:
    return Sweeper(pool)


def statuses(pool: Pool) -> list[str]:
    with pool.database.read() as connection:
        return list(connection.execute(select(Task.status).order_by(Task.id)).scalars())


def count(pool: Pool, table: type[Task | Job | Result | Attempt | Payload]) -> int:
    with pool.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_dead_agents_task_waits_again_within_75_seconds(
    pool: Pool, client: Client, clock: SetClock, sweeping: Sweeper
) -> None:
    """A sweep each second: not before the lease and its grace are over, and not after 75 s."""
    agent = make_agent(pool)
    sweeping.run_once(clock.now())
    enqueue(pool, client, "hello")
    clock.advance(0.4)
    claim_one(pool, agent)
    seconds = 0
    while statuses(pool) == ["leased"]:
        seconds += 1
        sweeping.run_once(clock.advance(1))
    assert 70 <= seconds <= 75


def test_heartbeats_keep_a_lease_but_not_beyond_its_cap(
    pool: Pool, client: Client, clock: SetClock, sweeping: Sweeper
) -> None:
    """An agent that computes for ever is given up 120 s after it began, for all its heartbeats."""
    agent = make_agent(pool)
    enqueue(pool, client, "hello")
    lease = claim_one(pool, agent)
    said = []
    while statuses(pool) == ["leased"]:
        clock.advance(15)
        said.append(dispatch.heartbeat(pool, agent, [lease.lease_id], None)[lease.lease_id])
        sweeping.run_once(clock.now())
    assert said == ["held"] * 7 + ["lost"] * 2
    assert dispatch.heartbeat(pool, agent, [lease.lease_id], None) == {lease.lease_id: "lost"}


def test_a_restart_is_not_the_agents_fault(pool: Pool, client: Client, clock: SetClock, settings: Settings) -> None:
    """The server was away for six minutes: leases run on, their results are accepted; then they lapse as usual."""
    agent = make_agent(pool)
    for text in ("one", "two"):
        enqueue(pool, client, text)
    first, _ = take_turn(pool, agent, most=2).leases
    pool.database.close()
    clock.advance(360)
    again = open_test_pool(settings, clock)
    try:
        starting = Sweeper(again)
        starting.start()
        starting.stop()
        Sweeper(again).run_once(clock.now())
        assert statuses(again) == ["leased", "leased"]
        returned = current(again, agent.agent.id)
        assert take_turn(again, returned, delivery(first), most=0).outcomes[0].outcome == "accepted"
        Sweeper(again).run_once(clock.advance(71))
        assert sorted(statuses(again)) == ["completed", "queued"]
    finally:
        again.database.close()


def test_a_task_that_nobody_took_expires(pool: Pool, client: Client, clock: SetClock, sweeping: Sweeper) -> None:
    """After ten minutes it ends, its texts are gone, and its client is woken."""
    make_agent(pool)
    collection = submit(pool, client, "hello")
    sweeping.run_once(clock.advance(599))
    assert statuses(pool) == ["queued"]
    sweeping.run_once(clock.advance(1))
    assert (statuses(pool), count(pool, Payload)) == (["expired"], 0)
    assert collection.waiter.event.is_set()


def test_many_tasks_expire_over_several_rounds(pool: Pool, client: Client, clock: SetClock, sweeping: Sweeper) -> None:
    """A round ends at most 200 tasks, so that nobody waits long behind it; the next ones end the others."""
    make_agent(pool)
    for number in range(250):
        enqueue(pool, client, f"text {number}")
    sweeping.run_once(clock.advance(600))
    assert statuses(pool).count("expired") == 200
    sweeping.run_once(clock.advance(1))
    assert statuses(pool).count("expired") == 250


def answered(pool: Pool, client: Client, text: str) -> str:
    """Let a job be computed and its answer be fetched; returns the job's id."""
    agent = make_agent(pool)
    collection = submit(pool, client, text)
    take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
    collect(pool, client, collection)
    return collection.waiter.job_id


def test_a_result_is_kept_an_hour_after_it_was_fetched(
    pool: Pool, client: Client, clock: SetClock, sweeping: Sweeper
) -> None:
    """Until then it can be fetched again; then the client is told that it was deleted."""
    job_id = answered(pool, client, "hello")
    sweeping.run_once(clock.now())
    sweeping.run_once(clock.advance(HOUR))
    again = answers.fetch(pool, client, job_id)
    assert isinstance(again, Embeddings)
    assert (again.vectors == vectors_of(["hello"])).all()
    sweeping.run_once(clock.advance(61))
    with pytest.raises(NotFound, match="was deleted"):
        answers.fetch(pool, client, job_id)


def test_a_result_nobody_fetches_is_kept_a_day(pool: Pool, client: Client, clock: SetClock, sweeping: Sweeper) -> None:
    """24 hours after it was computed it is deleted."""
    agent = make_agent(pool)
    enqueue(pool, client, "hello")
    take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
    sweeping.run_once(clock.advance(DAY))
    assert count(pool, Result) == 1
    sweeping.run_once(clock.advance(61))
    assert (count(pool, Result), statuses(pool)) == (0, ["completed"])


def test_a_jobs_row_is_kept_a_week(pool: Pool, client: Client, clock: SetClock, sweeping: Sweeper) -> None:
    """Then nothing of it is left; a younger one stays."""
    answered(pool, client, "old")
    clock.advance(DAY)
    enqueue(pool, client, "young")
    sweeping.run_once(clock.advance(6 * DAY - 1))
    assert count(pool, Job) == 2
    sweeping.run_once(clock.advance(62))
    assert [count(pool, table) for table in (Job, Task, Attempt, Result, Payload)] == [1, 1, 0, 0, 0]


def test_an_answer_that_was_fetched_is_not_joined(
    pool: Pool, client: Client, clock: SetClock, sweeping: Sweeper, settings: Settings
) -> None:
    """Once it is noted that the answer reached its client, an equal request (with nothing cached) is a new job."""
    first = answered(pool, client, "hello")
    with pool.database.writing_engine.connect() as connection:
        connection.exec_driver_sql("DELETE FROM cached_vectors")
    assert submit(pool, client, "hello").waiter.job_id == first
    sweeping.run_once(clock.advance(1))
    assert submit(pool, client, "hello").waiter.job_id != first


def test_the_backlog_is_counted(pool: Pool, client: Client, clock: SetClock, sweeping: Sweeper) -> None:
    """The sweeper counts what waits; what is submitted in between is added."""
    agent = make_agent(pool)
    enqueue(pool, client, "one")
    enqueue(pool, client, "two")
    assert pool.backlog.total == 2
    sweeping.run_once(clock.now())
    assert (pool.backlog.total, pool.backlog.submitted_since) == (2, 0)
    claim_one(pool, agent)
    sweeping.run_once(clock.advance(1))
    assert pool.backlog.total == 1


def test_who_was_seen_is_written_and_remembered(
    pool: Pool, clock: SetClock, sweeping: Sweeper, settings: Settings
) -> None:
    """After a restart the agents that were online just before still count; those that were not do not."""
    gone, here = make_agent(pool), make_agent(pool)
    clock.advance(80)
    pool.roster.touch(here, clock.now(), '{"status":"idle"}')
    sweeping.run_once(clock.now())
    with pool.database.read() as connection:
        seen = {one.id: one.last_seen_at for one in agent_records.records(connection)}
    assert seen == {gone.agent.id: clock.now() - 80_000, here.agent.id: clock.now()}
    pool.database.close()
    clock.advance(30)
    again = open_test_pool(settings, clock)
    try:
        assert again.roster.online_for("embed.nomic-embed-text", clock.now()) == {here.agent.id}
    finally:
        again.database.close()


def test_an_agent_is_offline_after_90_seconds(pool: Pool, clock: SetClock) -> None:
    """Of silence; a word brings it back."""
    agent = make_agent(pool)
    clock.advance(90)
    assert pool.roster.anyone("embed.nomic-embed-text", clock.now())
    clock.advance(1)
    assert not pool.roster.anyone("embed.nomic-embed-text", clock.now())
    take_turn(pool, agent)
    assert pool.roster.anyone("embed.nomic-embed-text", clock.now())
