"""One task closely: where its time went, why it waits, what came of it, and what it asks where that may be shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.errors import Forbidden, NotFound
from server.domain.retry import AGENT_OFFLINE_SECONDS
from server.domain.trust import Trust
from server.services.operator import operations_agents, operations_tasks, task_contents
from server.services.operator.operations_tasks import TaskDetails
from server.services.operator.task_timings import Stage
from server.services.operator.task_waits import Why
from server.services.pool import Pool
from server.storage import events, task_details, task_records
from server.storage.task_records import Wanted
from tests.factories import (
    DIMENSIONS,
    SetClock,
    claim_one,
    delivery,
    enqueue,
    error_report,
    make_agent,
    make_client,
    take_turn,
)


def newest(pool: Pool) -> str:
    with pool.database.read() as connection:
        return task_records.page(connection, Wanted(), limit=1).records[0].id


def look(pool: Pool, task_id: str | None = None) -> TaskDetails:
    return operations_tasks.details(pool, task_id or newest(pool), pool.clock.now())


def showing(pool: Pool) -> Pool:
    """The same pool with SHOW_PROMPTS on."""
    return replace(pool, settings=pool.settings.model_copy(update={"show_prompts": True}))


def test_where_the_time_went(pool: Pool, clock: SetClock) -> None:
    """Each try with the wait before it; what the engine took is the agent's own word."""
    first, second = make_agent(pool), make_agent(pool)
    enqueue(pool, make_client(pool), "a", "b")
    clock.advance(2)
    lease = claim_one(pool, first)
    clock.advance(3)
    take_turn(pool, first, error_report(lease))
    clock.advance(1)
    under_way = look(pool)
    assert under_way.timings.stages == (Stage(2000, 3000, None),)
    assert (under_way.timings.waited, under_way.timings.total) == (3000, 6000)
    lease = claim_one(pool, second)
    clock.advance(4)
    assert look(pool).timings.stages[1] == Stage(1000, 4000, None)
    take_turn(pool, second, delivery(lease, engine_ms=2500.4))
    clock.advance(60)
    timings = look(pool).timings
    assert timings.stages == (Stage(2000, 3000, None), Stage(1000, 4000, 2500))
    assert timings.stages[1].overhead == 1500
    assert (timings.waited, timings.held, timings.engine, timings.overhead, timings.total) == (
        3000,
        7000,
        2500,
        1500,
        10_000,
    )


@pytest.mark.parametrize(("said", "taken"), [(1e300, 4000), (-5.0, 0), (0.0, 0)])
def test_no_engine_took_longer_than_its_agent(pool: Pool, clock: SetClock, said: float, taken: int) -> None:
    """An agent may say anything; what is drawn stays within what was measured here."""
    agent = make_agent(pool)
    enqueue(pool, make_client(pool), "a")
    lease = claim_one(pool, agent)
    clock.advance(4)
    take_turn(pool, agent, delivery(lease, engine_ms=said))
    assert look(pool).timings.engine == taken


def test_what_came_of_it_is_told_without_its_content(pool: Pool) -> None:
    """Size, dimensions, tokens and who did it; the request's other tasks are named."""
    agent = make_agent(pool)
    enqueue(pool, make_client(pool), *(f"text {number}" for number in range(40)))
    lease = claim_one(pool, agent)
    take_turn(pool, agent, delivery(lease))
    details = look(pool, lease.task_id)
    result = details.result
    assert result is not None
    assert (result.agent_id, result.agent, result.dimensions) == (agent.agent.id, "test PC", DIMENSIONS)
    assert result.size == details.record.texts * DIMENSIONS * 4
    assert details.attempts[0].agent == "test PC"
    assert len(details.siblings) == details.record.job_tasks - 1 > 0
    assert details.record.id not in {sibling.id for sibling in details.siblings}
    assert (details.wait, look(pool, details.siblings[0].id).result) == (None, None)


def test_why_a_task_waits(pool: Pool, clock: SetClock) -> None:
    """Nobody, then a paused agent, then one that is busy, then a rest after a failure; and what is before it."""
    client, agent = make_client(pool), make_agent(pool)
    enqueue(pool, client, "a")
    clock.advance(AGENT_OFFLINE_SECONDS + 1)
    wait = look(pool).wait
    assert wait is not None
    assert (wait.why, wait.ahead, wait.agents) == (Why.NOBODY, 0, 0)
    pool.roster.touch(agent, clock.now())
    operations_agents.pause(pool, agent.agent.id, "", clock.now())
    assert look(pool).wait == replace(wait, why=Why.PAUSED)
    operations_agents.resume(pool, agent.agent.id, clock.now())
    assert look(pool).wait == replace(wait, why=Why.BUSY, agents=1)
    clock.advance(1)
    enqueue(pool, client, "b")
    later = look(pool).wait
    assert later is not None
    assert (later.why, later.ahead) == (Why.BUSY, 1)
    for _ in range(2):
        present = pool.roster.get(agent.agent.id)
        assert present is not None
        take_turn(pool, present, error_report(lease := claim_one(pool, present)))
    resting = look(pool, lease.task_id).wait
    assert resting is not None
    assert resting.why is Why.RESTING
    assert resting.until is not None
    assert resting.until > clock.now()


def test_a_task_that_asks_for_more_trust_says_so(pool: Pool) -> None:
    """An agent online is not enough where its client wants a trusted one."""
    make_agent(pool)
    enqueue(pool, make_client(pool), "a")
    record = look(pool).record
    pool.database.write(
        lambda connection: connection.exec_driver_sql("UPDATE tasks SET trust = ?", (Trust.VETTED.value,)).rowcount
    )
    wait = look(pool, record.id).wait
    assert wait is not None
    assert (wait.why, wait.agents) == (Why.TRUST, 0)


def test_what_is_before_a_task_is_counted_up_to_a_number(
    pool: Pool, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the line is, no more than a number is counted."""
    client, _ = make_client(pool), make_agent(pool)
    for number in range(5):
        enqueue(pool, client, f"text {number}")
        clock.advance(0.001)
    wait = look(pool).wait
    assert wait is not None
    assert wait.ahead == 4
    monkeypatch.setattr(task_details, "COUNTED", 3)
    wait = look(pool).wait
    assert wait is not None
    assert wait.ahead == 3


def test_what_is_asked_is_shown_only_where_that_is_wanted(pool: Pool) -> None:
    """As it comes nobody sees it; with the setting, looking is written down, and what was deleted is gone."""
    agent = make_agent(pool)
    enqueue(pool, make_client(pool), "first\nline", "second")
    task_id = newest(pool)
    with pytest.raises(Forbidden, match="SHOW_PROMPTS"):
        task_contents.contents(pool, task_id, pool.clock.now())
    shown = task_contents.contents(showing(pool), task_id, pool.clock.now())
    assert (shown.texts, shown.of, shown.cut, shown.log) == (["first\nline", "second"], 2, False, "")
    with pool.database.read() as connection:
        found = events.page(connection, before=events.LAST, limit=50)
    looked = [(one.actor, one.subject, one.detail) for one in found if one.verb == "task.prompt_shown"]
    assert looked == [("operator", task_id, "{}")]
    take_turn(pool, agent, delivery(claim_one(pool, agent)))
    with pytest.raises(NotFound, match="deleted"):
        task_contents.contents(showing(pool), task_id, pool.clock.now())
    with pytest.raises(NotFound, match="no task"):
        task_contents.contents(showing(pool), "nothing", pool.clock.now())


def test_what_is_shown_is_bounded(pool: Pool) -> None:
    """No more than so many characters altogether, and it says that it was cut."""
    most = task_contents.SHOWN
    make_agent(pool)
    enqueue(pool, make_client(pool), "a" * (most - 10), "b" * 20, "c")
    shown = task_contents.contents(showing(pool), newest(pool), pool.clock.now())
    assert [text[0] for text in shown.texts] == ["a", "b"]
    assert sum(map(len, shown.texts)) == most
    assert (shown.of, shown.cut) == (3, True)
