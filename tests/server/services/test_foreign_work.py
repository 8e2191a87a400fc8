"""Work for OffloadMQ's agents, without HTTP, under a clock that a test sets: order over time, what is kept how long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.errors import NotFound
from server.services import foreign_reports, foreign_work, offload_standing, offload_submission, sweeper
from server.services.foreign_reports import Resolution, Word
from server.services.known_keys import Client
from server.services.offload_submission import Submission
from server.services.pool import Pool
from server.services.roster import Present
from server.services.submission import URGENT, enqueue
from server.storage import foreign_tasks
from server.storage.agents import OFFLOADMQ
from tests.factories import SetClock, description, make_agent, make_client

CAPABILITY = "shell.bash"


def submission(*, payload: object = None, urgent: bool = False) -> Submission:
    """A task for the usual capability."""
    return Submission(CAPABILITY, payload, urgent, None, None, {})


def foreign(pool: Pool, **changes: int) -> Present:
    """Return an OffloadMQ agent that is online."""
    return make_agent(pool, replace(description((), protocol=OFFLOADMQ, **changes), capabilities=[CAPABILITY]))


def polled(pool: Pool, agent: Present) -> str | None:
    """Return the id of the task that an agent is shown."""
    view = foreign_work.next_task(pool, agent)
    return view.id if view else None


@pytest.fixture
def client(pool: Pool) -> Client:
    """Give a client that may use everything."""
    return make_client(pool)


def test_a_higher_tier_has_a_head_start_of_seconds(pool: Pool, clock: SetClock, client: Client) -> None:
    """A lower tier sees a regular task after 15 s, even while the better agent goes on polling without taking it."""
    better, lesser = foreign(pool, tier=9), foreign(pool, tier=1)
    task = offload_submission.submit_regular(pool, client, submission())
    for _ in range(2):
        clock.advance(7)
        assert (polled(pool, better), polled(pool, lesser)) == (task, None)
    clock.advance(2)
    assert (polled(pool, better), polled(pool, lesser)) == (task, task)


def test_one_poll_in_eight_looks_first_at_what_waited_long(pool: Pool, clock: SetClock, client: Client) -> None:
    """Urgent tasks that never end do not starve a regular one that is older than a minute; younger ones wait."""
    agent = foreign(pool)
    old = offload_submission.submit_regular(pool, client, submission())
    clock.advance(61)
    order = offload_submission.new_order(pool, client, submission(urgent=True), URGENT, clock.now())
    enqueue(pool, client, order, clock.now())
    shown = [polled(pool, agent) for _ in range(2 * foreign_work.AGED_EVERY)]
    assert shown.count(old) == 2
    assert shown.count(order.job.id) == len(shown) - 2


def test_what_was_told_goes_with_the_result(pool: Pool, clock: SetClock, client: Client) -> None:
    """An hour after it was polled neither result nor log are kept: the task is 404."""
    agent = foreign(pool)
    task = offload_submission.submit_regular(pool, client, submission())
    foreign_work.take(pool, agent, CAPABILITY, task)
    foreign_reports.advance(pool, agent, CAPABILITY, task, Word("a secret", None, None))
    foreign_reports.resolve(pool, agent, CAPABILITY, task, Resolution(None, "a secret"))
    found = offload_standing.standing(pool, CAPABILITY, task, key_id=client.id)
    assert (found.view.log, found.view.output) == ("a secret", b'"a secret"')
    rounds = sweeper.Sweeper(pool)
    rounds.run_once(clock.advance(1))
    rounds.run_once(clock.advance(3500))
    assert offload_standing.standing(pool, CAPABILITY, task, key_id=client.id).view.log == "a secret"
    rounds.run_once(clock.advance(200))
    with pytest.raises(NotFound, match="was deleted"):
        offload_standing.standing(pool, CAPABILITY, task, key_id=client.id)
    with pool.database.read() as connection:
        assert foreign_tasks.views(connection, [task])[0].log is None


def test_an_agent_that_says_it_has_no_room_is_shown_nothing(pool: Pool, client: Client) -> None:
    """OffloadMQ's type for capacity has a zero."""
    agent = foreign(pool, capacity=0)
    offload_submission.submit_regular(pool, client, submission())
    assert polled(pool, agent) is None
