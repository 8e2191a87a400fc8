"""The situation of a real pool, and what is found out beside it."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from sqlalchemy import Connection, Select, insert, text

from server import __version__
from server.domain.trust import Trust
from server.services import access, cancelling
from server.services.known_keys import Client
from server.services.operator import operations_agents
from server.services.operator.agent_views import Doing
from server.services.operator.findings import EXPIRES_WITHIN_MS, Findings, findings
from server.services.operator.queues import Queue, Stuck
from server.services.operator.situation import Situation, situation
from server.services.pool import Pool
from server.services.refusals import MOST, REMEMBERED_MS, Refusals
from server.services.roster import Present
from server.services.sweeper import Sweeper
from server.storage import census, endings, throughput
from server.storage.endings import Ending
from server.storage.models import KeyCounter
from server.storage.throughput import Counts
from tests.factories import (
    CAPABILITY,
    MODEL,
    SetClock,
    claim_one,
    delivery,
    description,
    enqueue,
    error_report,
    make_agent,
    make_client,
    model_offer,
    take_turn,
)

DAY = 24 * 3600


@pytest.fixture
def client(pool: Pool) -> Client:
    return make_client(pool)


def look(pool: Pool) -> Situation:
    return situation(pool, pool.clock.now())


def find(pool: Pool) -> Findings:
    return findings(pool, look(pool))


def queue_of(pool: Pool, capability: str = CAPABILITY) -> Queue:
    return next(queue for queue in look(pool).queues if queue.capability == capability)


def says(pool: Pool, agent: Present, **state: object) -> None:
    """Let an agent say what it does."""
    pool.roster.touch(agent, pool.clock.now(), orjson.dumps(state).decode())


def test_a_new_pool_has_nothing(pool: Pool) -> None:
    """Nobody, nothing, and no work ever."""
    seen = look(pool)
    assert (seen.agents.total, seen.queues, seen.waiting, seen.oldest_at, seen.endings) == (0, (), 0, None, ())
    facts = find(pool)
    assert (facts.keys, facts.used, facts.unswept, facts.write_failures) == (0, False, False, 0)


def test_agents_are_counted_by_what_they_do(pool: Pool, client: Client, clock: SetClock) -> None:
    """In the operator's hands, their people's, by rules, in trouble, working, idle, away; and why, in their words."""
    away = make_agent(pool)
    clock.advance(200)
    here = [make_agent(pool) for _ in range(7)]
    operations_agents.pause(pool, here[0].agent.id, "", clock.now())
    says(pool, here[1], status="paused", reason="Until 18:00")
    for agent in here[2:4]:
        says(pool, agent, status="waiting", reason="On battery")
    says(pool, here[4], status="error", reason="No Ollama")
    enqueue(pool, client, "a text")
    claim_one(pool, here[5])
    seen = look(pool).agents
    assert seen.doing == {
        Doing.OFFLINE: 1,
        Doing.HELD: 1,
        Doing.PAUSED: 1,
        Doing.WAITING: 2,
        Doing.TROUBLE: 1,
        Doing.WORKING: 1,
        Doing.IDLE: 1,
    }
    assert (seen.total, seen.online, seen.paused) == (8, 7, 5)
    assert seen.willing == {here[5].agent.id, here[6].agent.id}
    assert seen.reasons[0] == (Doing.WAITING, "On battery", 2)
    assert {reason for _, reason, _ in seen.reasons} == {"On battery", "Until 18:00", "No Ollama"}
    assert away.agent.id not in seen.willing


def test_a_queue_tells_its_depth_its_age_and_when_it_is_done(pool: Pool, client: Client, clock: SetClock) -> None:
    """At the speed of the last minutes; what is under way does not wait."""
    agent = make_agent(pool)
    began = clock.now()
    for number in range(5):
        enqueue(pool, client, f"text {number}")
        clock.advance(10)
    claim_one(pool, agent)
    done = {CAPABILITY: Counts(tasks=20)}
    pool.database.write(lambda connection: throughput.add(connection, done, clock.now()))
    clock.advance(10)
    pool.roster.touch(agent, clock.now())
    found = queue_of(pool)
    assert (found.waiting, found.oldest_at, found.under_way, found.serving) == (4, began + 10_000, 1, 1)
    # Twenty tasks in the last two minutes; the third has just begun.
    assert found.speed == pytest.approx(10)
    assert found.seconds_left == pytest.approx(4 * 60 / found.speed)
    assert found.stuck is None
    assert look(pool).waiting == 4
    assert look(pool).under_way == 1


def test_a_queue_tells_why_nothing_is_done(pool: Pool, client: Client, clock: SetClock) -> None:
    """Paused by the operator or its person, away, gone to another class; or nobody can tell how fast it goes."""
    agent = make_agent(pool)
    enqueue(pool, client, "a text")
    assert queue_of(pool).stuck is Stuck.IDLE
    says(pool, agent, status="paused")
    assert (queue_of(pool).stuck, queue_of(pool).serving) == (Stuck.PAUSED, 0)
    says(pool, agent, status="ready")
    operations_agents.pause(pool, agent.agent.id, "", clock.now())
    assert queue_of(pool).stuck is Stuck.PAUSED
    clock.advance(200)
    assert queue_of(pool).stuck is Stuck.OFFLINE
    make_agent(pool, description([model_offer(digest="another")]))
    assert queue_of(pool).stuck is Stuck.DIFFERING


def test_a_queue_for_trusted_agents_is_told(pool: Pool, clock: SetClock) -> None:
    """Its client wants its texts on trusted PCs only, and none such is here; until one is."""
    agent = make_agent(pool)
    key = access.issue_key(pool, name="secretive", trust=Trust.VETTED, now=clock.now()).key
    enqueue(pool, pool.keys.recognise(key, clock.now()), "a text")
    assert (queue_of(pool).stuck, queue_of(pool).serving) == (Stuck.TRUST, 0)
    operations_agents.override(pool, agent.agent.id, {"trust": Trust.VETTED}, clock.now())
    clock.advance(10)
    assert (queue_of(pool).stuck, queue_of(pool).serving) == (Stuck.IDLE, 1)


def test_agents_that_stand_still_are_not_believed(pool: Pool, client: Client, clock: SetClock) -> None:
    """They were fast once; since then a task has waited for more than ten minutes, and three times as long as usual."""
    agent = make_agent(pool)
    for _ in range(2):
        pool.runtimes.add(CAPABILITY, 300_000)
    enqueue(pool, client, "a text")
    for seconds, stuck in ((0, None), (899, None), (2, Stuck.IDLE)):
        clock.advance(seconds)
        pool.roster.touch(agent, clock.now())
        found = queue_of(pool)
        assert (found.stuck, found.seconds_left) == (stuck, None if stuck else 300)


def test_a_queue_that_nobody_ever_offered_is_told(pool: Pool, client: Client, clock: SetClock) -> None:
    """Work may wait for what no agent has."""
    make_agent(pool)
    enqueue(pool, client, "a text")
    move = text("UPDATE tasks SET capability = 'embed.bge-m3'")
    pool.database.write(lambda connection: connection.execute(move))
    clock.advance(1)
    assert queue_of(pool, "embed.bge-m3").stuck is Stuck.UNKNOWN
    assert queue_of(pool).waiting == 0
    assert [queue.name for queue in look(pool).queues] == ["bge-m3", MODEL]


def test_what_went_wrong_is_counted_by_error(pool: Pool, client: Client, clock: SetClock) -> None:
    """In the last hour and the last day, what failed and what expired; what was canceled was not wanted."""
    agent = make_agent(pool)
    for number in range(2):
        enqueue(pool, client, f"text {number}")
        take_turn(pool, agent, error_report(claim_one(pool, agent), "input_invalid"), most=0)
        clock.advance(3000)
        pool.roster.touch(agent, clock.now())
    assert look(pool).endings == (Ending("failed", "input_invalid", 1, 2),)
    canceled = enqueue(pool, client, "not wanted")
    cancelling.cancel_job(pool, canceled, key_id=None, now=clock.now())
    enqueue(pool, client, "nobody takes it")
    Sweeper(pool).run_once(clock.advance(DAY + 1))
    assert look(pool).endings == (Ending("expired", "", 1, 1),)
    clock.advance(3600)
    assert look(pool).endings == (Ending("expired", "", 0, 1),)
    clock.advance(DAY)
    assert look(pool).endings == ()


def test_what_is_remembered_does_not_age(pool: Pool, client: Client, clock: SetClock) -> None:
    """The queue is looked at again after a second, what went wrong after ten."""
    make_agent(pool)
    assert look(pool).waiting == 0
    enqueue(pool, client, "a text")
    assert look(pool).waiting == 0
    clock.advance(1)
    assert look(pool).waiting == 1


def test_agents_of_another_class_and_old_ones_are_found(pool: Pool) -> None:
    """By their names, made safe to show; only our own program has a version that counts."""
    make_agent(pool)
    wanted = description([model_offer(digest="another")])
    profile = replace(wanted.profile, display_name="two\nlines", app_version="0.0.1")
    make_agent(pool, replace(wanted, profile=profile))
    make_agent(pool, replace(description(), profile=replace(profile, app_version=__version__)))
    make_agent(pool, replace(description(protocol="offloadmq"), profile=profile))
    facts = find(pool)
    (differing,) = facts.differing
    assert (differing.capability, [agent.name for agent in differing.agents]) == (CAPABILITY, ["two lines"])
    assert [agent.name for agent in facts.outdated] == ["two lines"]


def test_an_agent_whose_result_was_refused_is_found(pool: Pool, client: Client, clock: SetClock) -> None:
    """For a day, and while it belongs to the pool; right results and errors are no reason."""
    good, bad = make_agent(pool), make_agent(pool)
    enqueue(pool, client, "one")
    take_turn(pool, good, delivery(claim_one(pool, good)), most=0)
    enqueue(pool, client, "two")
    take_turn(pool, bad, delivery(claim_one(pool, bad), digest="wrong"), most=0)
    (found,) = find(pool).refused
    assert (found[0].id, found[1]) == (bad.agent.id, 1)
    clock.advance(DAY - 1)
    assert len(find(pool).refused) == 1
    clock.advance(1)
    assert find(pool).refused == ()


def test_refusals_are_bounded() -> None:
    """The agent that was quiet for longest is forgotten."""
    refusals = Refusals()
    for number in range(MOST):
        refusals.add(str(number), number)
    refusals.add("0", MOST)
    refusals.add("one more", MOST)
    lately = refusals.lately(MOST)
    assert (len(lately), lately["0"], "1" in lately, lately["one more"]) == (MOST, 2, False, 1)
    assert refusals.lately(MOST + REMEMBERED_MS) == {}


def test_keys_near_their_end_are_found(pool: Pool, clock: SetClock) -> None:
    """Those that expire within a week, the next first, and those whose tokens of the day are nearly used up."""
    now = clock.now()
    for name, expires_at in (
        ("later", now + EXPIRES_WITHIN_MS),
        ("soon", now + 1000),
        ("no", now + 2 * EXPIRES_WITHIN_MS),
    ):
        access.issue_key(pool, name=name, expires_at=expires_at, now=now)
    off = access.issue_key(pool, name="off", expires_at=now + 1000, disabled=True, now=now)
    limited = [access.issue_key(pool, name=name, tokens_per_day=100, now=now).stored.id for name in ("spent", "fine")]

    def use(connection: Connection) -> None:
        for key_id, tokens in zip(limited, (95, 94), strict=True):
            connection.execute(insert(KeyCounter).values(key_id=key_id, day=now // 86_400_000, tokens=tokens))

    pool.database.write(use)
    facts = find(pool)
    assert [key.name for key, _ in facts.expiring] == ["soon", "later"]
    assert [key.name for key in facts.spent] == ["spent"]
    assert (facts.keys, off.stored.disabled) == (6, True)
    clock.advance(DAY)
    assert find(pool).spent == ()


def test_a_sweeper_that_stands_still_is_found(pool: Pool, clock: SetClock) -> None:
    """It is told a quarter of a minute after its last round."""
    pool.vitals.note_round(clock.now(), 1.0)
    clock.advance(15)
    assert not find(pool).unswept
    clock.advance(1)
    assert find(pool).unswept


@pytest.mark.parametrize(
    ("statement", "steps"),
    [
        # SQLite takes what stands in a partial index as given, and reads no row of the table.
        (census.WAITING, ["SCAN tasks USING INDEX task_claim"]),
        (census.NEEDS_AT_MOST, ["SEARCH tasks USING INDEX task_claim (capability=?)"]),
        (census.UNDER_WAY, ["SCAN attempts USING INDEX attempt_of_agent", "SEARCH tasks USING INDEX"]),
        (census.COUNT_TASKS, ["SCAN tasks USING COVERING INDEX"]),
        (endings.LATELY, ["SEARCH tasks USING INDEX task_ended_badly (status=? AND id>?)"]),
        (throughput.STRETCHES, ["SEARCH throughput USING INDEX"]),
        (throughput.BY_CAPABILITY, ["SEARCH throughput USING INDEX"]),
    ],
)
def test_every_look_goes_by_an_index(pool: Pool, statement: Select[tuple[object]], steps: list[str]) -> None:
    """However many tasks are kept, only those are looked at that are counted."""
    with pool.database.read() as connection:
        compiled = str(statement.compile(connection.engine, compile_kwargs={"render_postcompile": True}))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", (1,) * compiled.count("?"))
        found = [row[3] for row in plan if not row[3].startswith("USE TEMP B-TREE")]
    assert len(found) == len(steps)
    assert all(line.startswith(step) for line, step in zip(found, steps, strict=True)), found


def test_counting_what_waits_reads_no_row(pool: Pool) -> None:
    """SQLite's program takes every value from the index, which its plan does not tell; rows are far longer."""
    with pool.database.read() as connection:
        program = connection.exec_driver_sql(f"EXPLAIN {census.WAITING.compile(connection.engine)}").all()
    # An index is opened with its order, a table with how many columns it has.
    tables = {step[2] for step in program if step[1] == "OpenRead" and not str(step[5]).startswith("k(")}
    assert len(tables) == 1
    assert not [step for step in program if step[1] == "Column" and step[2] in tables]
