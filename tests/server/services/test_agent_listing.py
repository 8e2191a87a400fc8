"""Going through the agents: which are found, in what order, on which page, and what is seen of each."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from sqlalchemy import Connection, insert, update

from server.domain.errors import NotFound
from server.domain.limits import DAY_MS
from server.services.enrolment import Description
from server.services.operator import agent_listing, agent_offers, operations_agents
from server.services.operator.agent_listing import Listing, Wanted
from server.services.operator.agent_views import Doing
from server.services.pool import Pool
from server.services.roster import Present
from server.storage import agent_logs
from server.storage.agents import LLMEQUEUE, OFFLOADMQ
from server.storage.models import Agent, Usage
from tests import factories
from tests.factories import CAPABILITY, MODEL, SetClock, model_offer

OTHER = "bge-m3"


def join(pool: Pool, name: str, *models: str, state: str = "", digest: str = factories.DIGEST) -> Present:
    """Let a PC of that name join; it offers the tests' usual model unless told otherwise."""
    wanted = factories.description([model_offer(model, digest) for model in models or (MODEL,)])
    agent = factories.make_agent(pool, replace(wanted, profile=replace(wanted.profile, display_name=name)))
    if state:
        pool.roster.touch(agent, pool.clock.now(), orjson.dumps({"status": state}).decode())
    return agent


def listed(pool: Pool, **wanted: str | int) -> Listing:
    return agent_listing.page(pool, Wanted(**wanted), pool.clock.now())  # type: ignore[arg-type]


def names(listing: Listing) -> list[str | None]:
    return [one.report.record.display_name for one in listing.agents]


def change(pool: Pool, agent: Present, **values: object) -> None:
    pool.database.write(lambda c: c.execute(update(Agent).where(Agent.id == agent.agent.id).values(**values)))


@pytest.fixture
def crowd(pool: Pool, clock: SetClock) -> dict[str, Present]:
    """Give one agent in each state."""
    made = {"away": join(pool, "away")}
    clock.advance(1000)
    for name in ("working", "ready", "waiting", "held", "revoked"):
        made[name] = join(pool, name, state=name)
    operations_agents.pause(pool, made["held"].agent.id, "why", clock.now())
    operations_agents.revoke_key(pool, made["revoked"].agent.id, clock.now())
    return made


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("", ["away", "held", "ready", "revoked", "waiting", "working"]),
        ("nonsense", ["away", "held", "ready", "revoked", "waiting", "working"]),
        ("online", ["held", "ready", "waiting", "working"]),
        ("working", ["working"]),
        ("paused", ["held", "waiting"]),
        ("offline", ["away"]),
        ("revoked", ["revoked"]),
    ],
)
def test_agents_are_found_by_what_they_do(pool: Pool, crowd: dict[str, Present], state: str, found: list[str]) -> None:
    """Every state that can be asked for, and how many there are of each whatever is asked for."""
    listing = listed(pool, state=state)
    assert names(listing) == found
    assert listing.counts == {"online": 4, "working": 1, "paused": 2, "offline": 1, "revoked": 1}
    assert (listing.matching, listing.total) == (len(found), len(crowd))


def test_agents_are_found_by_name_id_and_model(pool: Pool) -> None:
    """Parts of the name in any case, parts of the id, what they offer; together all must hold."""
    one, two = join(pool, "Living Room"), join(pool, "Kitchen", OTHER)
    assert names(listed(pool, search=" LIVING")) == ["Living Room"]
    assert names(listed(pool, search=two.agent.id[-8:].lower())) == ["Kitchen"]
    assert names(listed(pool, capability=f"embed.{OTHER}")) == ["Kitchen"]
    assert names(listed(pool, capability=f"embed.{OTHER}", search="living")) == []
    assert names(listed(pool, search="%")) == []
    assert agent_listing.capabilities(pool) == [f"embed.{OTHER}", CAPABILITY]
    operations_agents.delete(pool, two.agent.id, pool.clock.now())
    assert agent_listing.capabilities(pool) == [CAPABILITY]
    assert one.agent.id


@pytest.mark.parametrize(
    ("sort", "order"),
    [("name", ["a", "B", "c"]), ("seen", ["c", "B", "a"]), ("tasks", ["B", "a", "c"]), ("texts", ["c", "a", "B"])],
)
def test_agents_are_sorted(pool: Pool, clock: SetClock, sort: str, order: list[str]) -> None:
    """By name without regard to case; by who was seen last, did most tasks, did most texts."""
    for name, tasks, texts in (("a", 5, 5), ("B", 9, 1), ("c", 1, 9)):
        change(pool, join(pool, name), tasks_completed=tasks, texts=texts)
        clock.advance(1)
    assert names(listed(pool, sort=sort)) == order


def test_agents_come_a_page_at_a_time(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is on two pages or on none; beyond the last page stands the last one."""
    monkeypatch.setattr(agent_listing, "PAGE", 2)
    for name in "abcde":
        join(pool, name)
    pages = [listed(pool, page=number) for number in (1, 2, 3)]
    assert [names(one) for one in pages] == [["a", "b"], ["c", "d"], ["e"]]
    assert [(one.page, one.pages) for one in pages] == [(1, 3), (2, 3), (3, 3)]
    assert [listed(pool, page=number).page for number in (-5, 0, 99)] == [1, 1, 3]
    assert (listed(pool, state="offline").pages, names(listed(pool, state="offline"))) == (1, [])


def test_time_at_the_engine_is_summed_over_a_month(pool: Pool, clock: SetClock) -> None:
    """All keys and models of the agent, nobody else's, nothing older."""
    agent, other = join(pool, "a"), join(pool, "b")
    today = clock.now() // DAY_MS

    def fill(connection: Connection) -> None:
        for day, key, who, engine_ms in (
            (today, "k1", agent, 1000.0),
            (today, "k2", agent, 500.0),
            (today - 29, "k1", agent, 70.0),
            (today - 30, "k1", agent, 9999.0),
            (today, "k1", other, 3.0),
        ):
            row = {"day": day, "key_id": key, "agent_id": who.agent.id, "capability": CAPABILITY}
            connection.execute(insert(Usage).values(**row, tasks=1, texts=2, failed=1, engine_ms=engine_ms))

    pool.database.write(fill)
    assert [one.engine_ms for one in listed(pool).agents] == [1570.0, 3.0]
    days = agent_listing.close_up(pool, agent.agent.id, clock.now()).days
    assert len(days) == 30
    assert [(day.day, day.tasks, day.texts, day.failed, day.engine_ms) for day in days if day.tasks] == [
        (today - 29, 1, 2, 1, 70.0),
        (today, 2, 4, 2, 1500.0),
    ]


def test_an_offer_says_whether_the_pool_takes_it_and_why_not(pool: Pool) -> None:
    """The first build of a model is the pool's; another one is told by what differs."""
    join(pool, "first")
    other = join(pool, "other", digest="ffffffffffffffff")
    (mine,) = agent_listing.close_up(pool, other.agent.id, pool.clock.now()).offers
    assert (mine.in_pool, mine.model, mine.digest) == (False, MODEL, "ffffffffffff")
    assert mine.why_not == "Another build than the pool's: digest ffffffffffff instead of 0a109f422b47."
    assert [(one.in_pool, one.why_not) for row in listed(pool).agents[:1] for one in row.offers] == [(True, "")]


def foreign(pool: Pool, *capabilities: str, protocol: str = OFFLOADMQ) -> Present:
    """Let an OffloadMQ agent join that offers these."""
    wanted = factories.description([], protocol=protocol)
    profile = replace(wanted.profile, capabilities=orjson.dumps(capabilities).decode())
    return factories.make_agent(pool, Description(profile, capabilities, (), protocol))


def test_who_tells_no_digest_is_taken_while_nobody_does(pool: Pool) -> None:
    """As soon as the pool has a build that is known, it says so."""
    agent = foreign(pool, CAPABILITY, "llm.llama3[vision]", "debug.echo")
    before = agent_listing.close_up(pool, agent.agent.id, pool.clock.now()).offers
    assert [(one.capability, one.in_pool) for one in before] == [
        ("debug.echo", True),
        (CAPABILITY, True),
        ("llm.llama3", True),
    ]
    join(pool, "first")
    after = {one.capability: one for one in agent_listing.close_up(pool, agent.agent.id, pool.clock.now()).offers}
    assert (after[CAPABILITY].in_pool, after["llm.llama3"].in_pool) == (False, True)
    assert "does not tell which build" in after[CAPABILITY].why_not


def test_what_an_invite_does_not_allow_is_told(pool: Pool) -> None:
    """Registered, and no work for it: the invite is for something else, or it runs in a cloud."""
    code = factories.make_invite(pool, capabilities=["llm.*"])
    wanted = factories.description([], protocol=OFFLOADMQ)
    capabilities = [CAPABILITY, "llm.llama3[vision]", "llm.big:cloud"]
    profile = replace(wanted.profile, capabilities=orjson.dumps(capabilities).decode())
    agent = factories.make_agent(pool, Description(profile, capabilities, (), OFFLOADMQ), code=code)
    seen = agent_listing.close_up(pool, agent.agent.id, pool.clock.now())
    assert ([one.capability for one in seen.offers], seen.kept_out) == (["llm.llama3"], [CAPABILITY, "llm.big:cloud"])
    assert agent_offers.kept_out(replace(seen.details.report.record, protocol=LLMEQUEUE), seen.offers) == []


def test_a_close_up_has_attempts_and_logs_newest_first(pool: Pool) -> None:
    """What it tried and how that ended; lines that it wrote; nobody else's."""
    agent, client = join(pool, "a"), factories.make_client(pool)
    factories.enqueue(pool, client, "one")
    done = factories.claim_one(pool, agent)
    factories.take_turn(pool, agent, factories.delivery(done), most=0)
    factories.enqueue(pool, client, "two")
    failed = factories.claim_one(pool, agent)
    factories.take_turn(pool, agent, factories.error_report(failed), most=0)

    def write(connection: Connection) -> None:
        for text in ("first", "second"):
            agent_logs.add(
                connection,
                agent_id=agent.agent.id,
                agent_name="",
                machine="",
                severity="INFO",
                text=text,
                now=pool.clock.now() + len(text),
            )

    pool.database.write(write)
    seen = agent_listing.close_up(pool, agent.agent.id, pool.clock.now())
    assert {(one.task_id, one.status, one.texts, one.error_code) for one in seen.attempts} == {
        (failed.task_id, "failed", 1, "engine_error"),
        (done.task_id, "completed", 1, None),
    }
    assert [line.text for line in seen.logs] == ["second", "first"]
    assert seen.look.doing is Doing.IDLE
    bystander = join(pool, "b")
    assert agent_listing.close_up(pool, bystander.agent.id, pool.clock.now()).attempts == []


def test_nobody_is_seen_who_is_not_there(pool: Pool) -> None:
    """Unknown, or gone."""
    agent = join(pool, "a")
    operations_agents.delete(pool, agent.agent.id, pool.clock.now())
    for agent_id in ("nobody", agent.agent.id):
        with pytest.raises(NotFound):
            agent_listing.close_up(pool, agent_id, pool.clock.now())
    assert names(listed(pool)) == []
