"""Events, agents' logs and what hangs on old jobs: kept for their time, then deleted a little at a time."""

from __future__ import annotations

from server.services import sweeper
from server.services.pool import Pool
from server.storage import agent_logs, events, progress
from tests.factories import SetClock, claim_one, delivery, enqueue, make_agent, make_client, make_request, take_turn

DAY = 24 * 3600


def record(pool: Pool, verb: str) -> None:
    pool.database.write(
        lambda connection: events.record(
            connection, actor=events.SERVER, verb=verb, subject="x", now=pool.clock.now(), detail={"n": 1}
        )
    )


def verbs(pool: Pool) -> list[str]:
    with pool.database.read() as connection:
        return [one.verb for one in events.page(connection, before=events.LAST, limit=100)]


def test_events_are_paged_newest_first(pool: Pool, clock: SetClock) -> None:
    """Each page begins where the one before ended."""
    for number in range(5):
        record(pool, f"verb.{number}")
        clock.advance(1)
    with pool.database.read() as connection:
        first = events.page(connection, before=events.LAST, limit=2)
        second = events.page(connection, before=first[-1].id, limit=100)
    assert [one.verb for one in (*first, *second)] == [f"verb.{number}" for number in (4, 3, 2, 1, 0)]
    assert (first[0].actor, first[0].subject, first[0].detail) == ("server", "x", '{"n":1}')


def test_events_go_after_ninety_days_and_lines_after_fourteen(pool: Pool, clock: SetClock) -> None:
    """Not a second before."""
    agent = make_agent(pool)
    record(pool, "old")
    pool.database.write(
        lambda connection: agent_logs.add(
            connection,
            agent_id=agent.agent.id,
            agent_name="",
            machine="",
            severity="INFO",
            text="old",
            now=clock.now(),
        )
    )

    def lines() -> int:
        with pool.database.read() as connection:
            return len(agent_logs.latest(connection, limit=10))

    sweeper.drop_old(pool, clock.advance(14 * DAY))
    assert (lines(), "old" in verbs(pool)) == (1, True)
    sweeper.drop_old(pool, clock.advance(0.001))
    assert (lines(), "old" in verbs(pool)) == (0, True)
    sweeper.drop_old(pool, clock.advance(76 * DAY - 0.001))
    assert "old" in verbs(pool)
    sweeper.drop_old(pool, clock.advance(0.001))
    assert verbs(pool) == []


def test_deleting_stops_at_its_limit(pool: Pool, clock: SetClock) -> None:
    """The oldest go first, no more than were asked for."""
    for number in range(4):
        record(pool, f"verb.{number}")
        clock.advance(1)
    dropped = pool.database.write(lambda connection: events.drop(connection, before=clock.now(), limit=3))
    assert (dropped, verbs(pool)) == (3, ["verb.3"])


def test_a_task_whose_progress_was_kept_is_deleted_with_its_job(pool: Pool, clock: SetClock) -> None:
    """What an agent told of a task goes with it, and does not keep the whole round of deleting from working."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "a")
    lease = claim_one(pool, agent)
    pool.database.write(lambda connection: progress.begin(connection, lease.task_id, clock.now()))
    take_turn(pool, agent, delivery(lease))
    sweeper.drop_old(pool, clock.advance(8 * DAY))
    with pool.database.read() as connection:
        left = [connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in ("tasks", "progress")]
    assert left == [0, 0]


def test_part_answers_of_the_cache_are_counted_too(pool: Pool, clock: SetClock) -> None:
    """Of a request that the cache answers in part, that part is noted once; a request that joins another adds none."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "known")
    take_turn(pool, agent, delivery(claim_one(pool, agent)))
    first = enqueue(pool, client, *make_request("known", "new").inputs)
    assert enqueue(pool, client, "known", "new") == first
    assert [texts for texts, _ in pool.cached.take().values()] == [1]
    sweeper.Sweeper(pool).run_once(clock.advance(1))
    with pool.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT agent_id, texts FROM usage ORDER BY agent_id").fetchall()
    assert [tuple(row) for row in rows] == [(agent.agent.id, 1)]
