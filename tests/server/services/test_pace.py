"""What was done in each minute: counted when it happens, written by the sweeper, summed up for the charts."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from server.services.embeddings import submit_embeddings
from server.services.known_keys import Client
from server.services.operator import pace
from server.services.pool import Pool
from server.services.sweeper import THROUGHPUT_MS, Sweeper, drop_old
from server.storage import throughput
from server.storage.models import Throughput
from server.storage.throughput import Counts
from tests.factories import (
    CAPABILITY,
    START,
    SetClock,
    claim_one,
    delivery,
    error_report,
    make_agent,
    make_client,
    make_request,
    submit,
    take_turn,
)

MINUTE, DAY = 60, 24 * 3600


@pytest.fixture
def client(pool: Pool) -> Client:
    return make_client(pool)


def write(pool: Pool, capability: str, counts: Counts, now: int) -> None:
    """Write what was done in a minute."""
    pool.database.write(lambda connection: throughput.add(connection, {capability: counts}, now))


def test_what_agents_and_the_cache_did_is_counted_once(pool: Pool, client: Client, clock: SetClock) -> None:
    """A completed task of two texts, a failed one, and a text from the cache; a second round adds nothing."""
    agent = make_agent(pool)
    submit(pool, client, "one", "two")
    take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
    submit(pool, client, "three")
    take_turn(pool, agent, error_report(claim_one(pool, agent), "input_invalid"), most=0)
    again = make_request("one")
    submit_embeddings(pool, client, again, on_the_line=False, only_if_online=False, now=clock.now())
    for _ in range(2):
        Sweeper(pool).run_once(clock.advance(1))
        assert pace.last_hour(pool, clock.now()).total == Counts(tasks=1, texts=2, failed=1, cached=1)


def test_a_minute_is_added_to(pool: Pool, clock: SetClock) -> None:
    """Each round of the sweeper adds to the minute's row; the next minute has its own."""
    for tasks in (3, 4):
        write(pool, CAPABILITY, Counts(tasks=tasks, texts=10 * tasks), clock.now())
    write(pool, "llm.x", Counts(tasks=1, texts=1, failed=2, cached=5), clock.advance(MINUTE))
    with pool.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(Throughput)).scalar_one() == 2
    hour = pace.last_hour(pool, clock.now())
    assert hour.counts[-2:] == (Counts(tasks=7, texts=70), Counts(tasks=1, texts=1, failed=2, cached=5))
    assert set(hour.counts[:-2]) == {Counts()}


def test_the_hour_ends_with_the_minute_that_is_not_over(pool: Pool, clock: SetClock) -> None:
    """There are 60 minutes; what is older than the first of them is not shown."""
    write(pool, CAPABILITY, Counts(tasks=1), clock.now())
    now = clock.advance(59 * MINUTE + 30)
    hour = pace.last_hour(pool, now)
    assert (hour.since, hour.step_ms, len(hour.counts)) == (START, 60_000, 60)
    assert hour.counts[0] == Counts(tasks=1)
    assert pace.last_hour(pool, clock.advance(MINUTE)).total == Counts()


def test_the_day_is_told_by_quarters_of_an_hour(pool: Pool, clock: SetClock) -> None:
    """Minutes of one quarter are summed up, over all capabilities; a quarter begins at a whole quarter."""
    for capability in (CAPABILITY, "llm.x"):
        write(pool, capability, Counts(tasks=2), clock.now())
    write(pool, CAPABILITY, Counts(tasks=1), clock.advance(14 * MINUTE))
    write(pool, CAPABILITY, Counts(failed=1), clock.advance(MINUTE))
    day = pace.last_day(pool, clock.advance(DAY - 16 * MINUTE))
    assert (day.since, day.step_ms, len(day.counts)) == (START, 15 * 60_000, 96)
    assert day.counts[:2] == (Counts(tasks=5), Counts(failed=1))


def test_what_was_read_is_good_for_a_while(pool: Pool, clock: SetClock) -> None:
    """The day is read again after ten seconds, however often it is asked for."""
    assert pace.last_day(pool, clock.now()).total == Counts()
    write(pool, CAPABILITY, Counts(tasks=1), clock.now())
    assert pace.last_day(pool, clock.advance(9)).total == Counts()
    assert pace.last_day(pool, clock.advance(1)).total == Counts(tasks=1)


def test_it_is_kept_for_eight_days(pool: Pool, clock: SetClock) -> None:
    """Older minutes go, the others stay."""
    write(pool, CAPABILITY, Counts(tasks=1), clock.now())
    write(pool, CAPABILITY, Counts(tasks=2), clock.advance(MINUTE))
    clock.advance(THROUGHPUT_MS / 1000)
    drop_old(pool, clock.now())
    with pool.database.read() as connection:
        assert connection.execute(select(Throughput.tasks)).scalars().all() == [2]


def test_speed_is_the_faster_of_what_is_known(pool: Pool, clock: SetClock) -> None:
    """A burst counts more than the steady pace, and agents with little to do are faster than what they did."""
    write(pool, CAPABILITY, Counts(tasks=10), clock.now())
    now = clock.advance(9 * MINUTE)
    write(pool, CAPABILITY, Counts(tasks=50, failed=10), now)
    speeds = pace.tasks_per_minute(pool, clock.advance(MINUTE))
    # 70 tasks in the last ten minutes, 60 of them in the last two.
    assert speeds == {CAPABILITY: pytest.approx(30)}
    assert pace.speed_of(30, None, 5) == 30
    assert pace.speed_of(30, 2.0, 5) == 150
    assert pace.speed_of(0, 0.0, 1) > 1000


def test_time_until_done_follows_from_the_speed() -> None:
    """Nothing is promised where nothing is done."""
    assert pace.seconds_until_done(120, 60) == 120
    assert pace.seconds_until_done(120, 0) is None
