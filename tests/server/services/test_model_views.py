"""Models as the operator sees them: who serves each, who does not and why, and which builds there are."""

from __future__ import annotations

import orjson

from server.domain.model_class import ModelOffer
from server.services.enrolment import Description
from server.services.operator import operations_agents
from server.services.operator.model_views import NAMED_AGENTS, ModelState, ModelView, list_models
from server.services.pool import Pool
from server.services.submission import count_waiting
from server.storage.agents import LLMEQUEUE, OFFLOADMQ, Profile
from tests.factories import (
    CAPABILITY,
    DIGEST,
    DIMENSIONS,
    MODEL,
    SetClock,
    delivery,
    description,
    enqueue,
    make_agent,
    make_client,
    model_offer,
    take_turn,
)

OTHER_DIGEST = "ffff00001111"
CHAT = ModelOffer("qwen2.5:7b", "chat", "d1", "Q4_K_M", None, 4096, "ollama", "0.14.2")


def only(pool: Pool) -> ModelView:
    """The one model that there is."""
    (found,) = list_models(pool, pool.clock.now())
    return found


def foreign(protocol: str, *capabilities: str) -> Description:
    """What an agent says of itself that tells no class."""
    told = orjson.dumps(capabilities).decode()
    return Description(Profile("foreign", "1", told, 5, 64, "{}"), capabilities, (), protocol)


def test_a_pool_without_models_has_none(pool: Pool) -> None:
    """Nobody joined; what was asked for in vain is not listed either."""
    assert list_models(pool, pool.clock.now()) == []


def test_a_model_that_is_served(pool: Pool) -> None:
    """Its class as the agents told it, who offers it, what waits and what was done today."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "one", "two")
    take_turn(pool, agent, *(delivery(lease) for lease in take_turn(pool, agent).leases), most=0)
    enqueue(pool, client, "three")
    pool.backlog.recount(lambda: count_waiting(pool), pool.clock.now())
    found = only(pool)
    assert (found.kind, found.model, found.capability) == ("embedding", MODEL, CAPABILITY)
    assert (found.state, found.serving, found.offered_by) == (ModelState.SERVED, 1, 1)
    assert (found.waiting_tasks, found.texts_today, found.last_offered) == (1, 2, pool.clock.now())
    assert found.pools is not None
    assert (found.pools.digest, found.pools.dimensions, found.pools.quantisation) == (DIGEST, DIMENSIONS, "F16")
    (build,) = found.classes
    assert [(one.id, one.name, one.online) for one in build.offerers.named] == [(agent.agent.id, "test PC", True)]


def test_two_builds_stand_side_by_side(pool: Pool) -> None:
    """The pool's comes first; the agents of the other one are counted as differing, and get no work."""
    make_agent(pool)
    for _ in range(2):
        make_agent(pool, description([model_offer(digest=OTHER_DIGEST)]))
    found = only(pool)
    assert [(one.stored.digest, one.stored.is_pool, one.offerers.online) for one in found.classes] == [
        (DIGEST, True, 1),
        (OTHER_DIGEST, False, 2),
    ]
    assert (found.state, found.serving, found.differing, found.offered_by) == (ModelState.SERVED, 1, 2, 3)


def test_why_a_model_is_not_served(pool: Pool, clock: SetClock) -> None:
    """Its agents are paused; then only another build is here; then nobody is online; then nobody has it."""
    mine = make_agent(pool)
    operations_agents.pause(pool, mine.agent.id, "Wait.", clock.now())
    clock.advance(2)
    assert (only(pool).state, only(pool).paused) == (ModelState.PAUSED, 1)
    other = make_agent(pool, description([model_offer(digest=OTHER_DIGEST)]))
    operations_agents.delete(pool, mine.agent.id, clock.now())
    assert (only(pool).state, only(pool).differing) == (ModelState.DIFFERING, 1)
    clock.advance(600)
    assert (only(pool).state, only(pool).offered_by) == (ModelState.OFFLINE, 1)
    operations_agents.delete(pool, other.agent.id, clock.now())
    assert (only(pool).state, only(pool).offered_by) == (ModelState.GONE, 0)


def test_not_all_agents_are_named(pool: Pool, clock: SetClock) -> None:
    """Twenty are, those online first; the others are counted."""
    agents = [make_agent(pool) for _ in range(NAMED_AGENTS + 2)]
    clock.advance(600)
    pool.roster.touch(agents[-1], clock.now())
    (build,) = only(pool).classes
    named = build.offerers.named
    assert (len(named), build.offerers.unnamed) == (NAMED_AGENTS, 2)
    assert (named[0].id, named[0].online, named[1].online) == (agents[-1].agent.id, True, False)
    assert (build.offerers.online, build.offerers.offline) == (1, NAMED_AGENTS + 1)


def test_a_chat_model_has_builds_but_none_that_keeps_anybody_out(pool: Pool) -> None:
    """Any agent's chat will do, so nobody differs; embedding models are listed first."""
    make_agent(pool, description([CHAT, model_offer("zzz")]))
    make_agent(pool, description([ModelOffer("qwen2.5:7b", "chat", "d2", "Q8_0", None, 4096, "ollama", "1")]))
    first, second = list_models(pool, pool.clock.now())
    assert [(first.kind, first.model), (second.kind, second.model)] == [("embedding", "zzz"), ("chat", "qwen2.5:7b")]
    assert [one.stored.digest for one in second.classes] == ["d1", "d2"]
    assert (second.serving, second.differing, second.untold.online) == (2, 0, 2)


def test_agents_that_tell_no_build(pool: Pool) -> None:
    """An agent of OffloadMQ is listed although nobody knows the class; one that takes any model serves it, too."""
    make_agent(pool, foreign(OFFLOADMQ, CAPABILITY))
    make_agent(pool, foreign(LLMEQUEUE))
    found = only(pool)
    assert (found.classes, found.untold.online, found.pools) == ((), 1, None)
    assert (found.state, found.serving) == (ModelState.SERVED, 2)


def test_other_work_is_no_model(pool: Pool) -> None:
    """A free capability of a foreign agent is not listed."""
    make_agent(pool, foreign(OFFLOADMQ, "debug.echo"))
    assert list_models(pool, pool.clock.now()) == []
