"""Trust: whichever way a task reaches an agent, it is one that may see it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import orjson
import pytest

from server.domain import ids
from server.domain.capability import chat_capability
from server.domain.errors import Conflict, ModelNotFound
from server.domain.model_class import ModelOffer
from server.domain.trust import Trust
from server.services import enrolment, foreign_work, offload_submission, rerunning, switching, workers
from server.services.chats import Chat, submit_chat
from server.services.known_keys import Client
from server.services.offload_submission import Submission
from server.services.pool import Pool
from server.storage import agent_control, attempts, model_classes
from server.storage.agents import OFFLOADMQ
from tests.factories import (
    SetClock,
    claim_one,
    current,
    delivery,
    description,
    enqueue,
    error_report,
    make_agent,
    make_client,
    make_invite,
    model_offer,
    take_turn,
    texts_of,
)
from tests.server.services.queue_invariants import violations
from tests.server.services.trusting import SHELL, ask_for, joined, joined_foreign, trust_agent

OFFLOADED = Submission(SHELL, "ls", False, None, None, {})


@pytest.fixture
def vetted(pool: Pool) -> Client:
    """Give a client whose texts only vetted agents may have."""
    return make_client(pool, "vetted", trust=Trust.VETTED)


@pytest.mark.parametrize(("asked", "has"), list(product(Trust, Trust)))
def test_a_turn_brings_only_what_the_agent_may_see(pool: Pool, asked: Trust, has: Trust) -> None:
    """Each class of key with each level of agent."""
    agent = joined(pool, has)
    enqueue(pool, make_client(pool, trust=asked), "text")
    assert len(take_turn(pool, agent).leases) == (1 if has >= asked else 0)
    assert violations(pool) == []


def test_chats_are_held_to_it_too(pool: Pool, vetted: Client) -> None:
    """The only agent that has the model is a stranger's, until the operator vets it."""
    offer = ModelOffer("qwen2.5:7b", "chat", "d1", "Q4", None, 4096, "ollama", "1")
    agent = make_agent(pool, description([offer]))
    payload = orjson.dumps({"messages": [{"role": "user", "content": "Hello"}]})
    chat = Chat("qwen2.5:7b", payload, streams=False, fingerprint=ids.new_fingerprint(), is_retry=False)
    submit_chat(pool, vetted, chat, on_the_line=True, only_if_online=False, now=pool.clock.now())
    assert take_turn(pool, agent).leases == []
    (lease,) = take_turn(pool, trust_agent(pool, agent, Trust.VETTED)).leases
    assert lease.capability == chat_capability("qwen2.5:7b")


def test_an_offloadmq_agent_is_neither_shown_nor_given_it(pool: Pool) -> None:
    """Not by polling, not by its name; vetted, it is shown it and may take it."""
    client = make_client(pool, trust=Trust.VETTED)
    agent = joined_foreign(pool, Trust.PUBLIC)
    task = offload_submission.submit_regular(pool, client, OFFLOADED)
    assert foreign_work.next_task(pool, agent) is None
    with pytest.raises(Conflict):
        foreign_work.take(pool, agent, SHELL, task)
    agent = trust_agent(pool, agent, Trust.VETTED)
    shown = foreign_work.next_task(pool, agent)
    assert shown is not None and shown.id == task
    assert foreign_work.take(pool, agent, SHELL, task).body == b'"ls"'


def test_an_offloadmq_agent_is_shown_what_it_may_see_behind_what_it_may_not(pool: Pool) -> None:
    """A poll is not stopped by a task that waits for others; neither does that task wait behind it."""
    stranger, friend = joined_foreign(pool, Trust.PUBLIC), joined_foreign(pool, Trust.VETTED)
    secret = offload_submission.submit_regular(pool, make_client(pool, trust=Trust.VETTED), OFFLOADED)
    public = offload_submission.submit_regular(pool, make_client(pool), OFFLOADED)
    shown = [foreign_work.next_task(pool, agent) for agent in (stranger, friend)]
    assert [view.id for view in shown if view] == [public, secret]


def test_nothing_is_left_to_better_agents_that_may_not_have_it(pool: Pool) -> None:
    """A higher tier has its head start for what it may have; the rest is a trusted agent's at once."""
    joined_foreign(pool, Trust.PUBLIC, tier=9)
    friend = joined_foreign(pool, Trust.VETTED, tier=1)
    public = offload_submission.submit_regular(pool, make_client(pool), OFFLOADED)
    assert foreign_work.next_task(pool, friend) is None
    secret = offload_submission.submit_regular(pool, make_client(pool, trust=Trust.VETTED), OFFLOADED)
    shown = foreign_work.next_task(pool, friend)
    assert shown is not None and shown.id == secret != public


def test_llmequeues_workers_stay_public(pool: Pool, vetted: Client) -> None:
    """They are handed nothing else, and the operator cannot say that they may be: clients have their token too."""
    assert workers.next_task(pool, pool.clock.now()) is None
    with pytest.raises(ModelNotFound):
        # Nobody is there who would try a model that nobody told of, and may.
        enqueue(pool, vetted, "secret", model="any")
    agent = make_agent(pool, replace(description((), protocol=OFFLOADMQ), capabilities=["embed.any"]))
    enqueue(pool, vetted, "secret", model="any")
    enrolment.leave(pool, agent.agent.id, pool.clock.now())
    assert workers.next_task(pool, pool.clock.now()) is None
    (agent,) = pool.roster.of_any_model()
    for more in (Trust.VETTED, Trust.OWN):
        with pytest.raises(Conflict, match="AUTH_TOKEN"):
            trust_agent(pool, agent, more)
    trust_agent(pool, agent, Trust.PUBLIC)
    assert workers.next_task(pool, pool.clock.now()) is None
    enqueue(pool, make_client(pool), "public", model="any")
    handed = workers.next_task(pool, pool.clock.now())
    assert handed is not None and handed.payload["text"] == "public"


def test_an_agent_has_the_trust_of_its_invite_until_the_operator_says_another(pool: Pool) -> None:
    """Null gives the word back to the invite."""
    agent = joined(pool, Trust.VETTED)
    assert agent.agent.trust == Trust.VETTED
    assert trust_agent(pool, agent, Trust.OWN).agent.trust == Trust.OWN
    assert trust_agent(pool, agent, None).agent.trust == Trust.VETTED
    assert make_agent(pool, code=make_invite(pool)).agent.trust == Trust.PUBLIC


def test_more_trust_holds_for_what_waits(pool: Pool, client: Client) -> None:
    """What was asked before is kept from strangers too; less trust holds for what is asked from then on."""
    stranger, friend = joined(pool, Trust.PUBLIC), joined(pool, Trust.VETTED)
    enqueue(pool, client, "before")
    ask_for(pool, client, Trust.VETTED)
    assert take_turn(pool, stranger).leases == []
    ask_for(pool, client, Trust.PUBLIC)
    enqueue(pool, client, "after")
    assert [texts_of(lease) for lease in take_turn(pool, stranger).leases] == [["after"]]
    assert [texts_of(lease) for lease in take_turn(pool, friend).leases] == [["before"]]


def test_more_trust_takes_back_what_strangers_compute(pool: Pool, client: Client) -> None:
    """Without a charge; what a stranger brings afterwards is not taken. What trusted agents compute goes on."""
    stranger, friend = joined(pool, Trust.PUBLIC, capacity=1), joined(pool, Trust.VETTED, capacity=1)
    enqueue(pool, client, "one")
    first = claim_one(pool, stranger)
    enqueue(pool, client, "two")
    second = claim_one(pool, friend)
    ask_for(pool, client, Trust.VETTED)
    assert violations(pool) == []
    assert take_turn(pool, stranger, delivery(first), most=0).outcomes[0].outcome == "stale"
    reply = take_turn(pool, friend, delivery(second), most=1)
    assert reply.outcomes[0].outcome == "accepted"
    assert reply.leases[0].task_id == first.task_id
    with pool.database.read() as connection:
        assert connection.exec_driver_sql("SELECT max(attempts_charged), max(releases) FROM tasks").one() == (1, 1)


def test_an_agent_that_is_trusted_less_gives_back_what_it_may_not_have(pool: Pool, vetted: Client) -> None:
    """The public task stays with it, and is all that it is handed again when its replies were lost."""
    agent, public = joined(pool, Trust.OWN), make_client(pool)
    enqueue(pool, vetted, "secret")
    enqueue(pool, public, "public")
    assert len(take_turn(pool, agent).leases) == 2
    agent = trust_agent(pool, agent, Trust.PUBLIC)
    assert violations(pool) == []
    assert [texts_of(lease) for lease in take_turn(pool, agent).leases] == [["public"]]
    with pool.database.read() as connection:
        assert len(attempts.live_ids(connection, agent.agent.id)) == 1


def test_an_agent_the_roster_has_not_heard_of_yet_gets_nothing_more(pool: Pool, vetted: Client) -> None:
    """The claim goes by what the operator has said, also in the moment before the roster knows."""
    agent = joined(pool, Trust.VETTED)
    enqueue(pool, vetted, "secret")
    pool.database.write(lambda connection: agent_control.override(connection, agent.agent.id, {"trust": Trust.PUBLIC}))
    assert current(pool, agent.agent.id).agent.trust == Trust.VETTED
    assert take_turn(pool, agent).leases == []


def test_a_request_that_was_recognised_before_the_change_is_held_to_it(pool: Pool, client: Client) -> None:
    """What counts is what the operator says when the work is put on disk; so does an equal one that joins it."""
    stranger = joined(pool, Trust.PUBLIC)
    ask_for(pool, client, Trust.VETTED)
    assert client.trust == Trust.PUBLIC
    job = enqueue(pool, client, "text")
    assert enqueue(pool, client, "text") == job
    assert take_turn(pool, stranger).leases == []


@pytest.mark.parametrize(("before", "after"), [(Trust.PUBLIC, Trust.VETTED), (Trust.VETTED, Trust.PUBLIC)])
def test_a_task_that_is_run_again_may_go_to_no_stranger(pool: Pool, before: Trust, after: Trust) -> None:
    """Whether its client asks for trust now, or did so when it asked."""
    client, friend = make_client(pool, trust=before), joined(pool, Trust.VETTED)
    enqueue(pool, client, "text")
    lease = claim_one(pool, friend)
    take_turn(pool, friend, error_report(lease, "input_invalid"), most=0)
    ask_for(pool, client, after)
    again = rerunning.run_again(pool, lease.task_id, pool.clock.now())
    assert take_turn(pool, joined(pool, Trust.PUBLIC)).leases == []
    assert claim_one(pool, friend).task_id == again


def test_a_class_switch_keeps_it(pool: Pool, vetted: Client) -> None:
    """What waited for vetted agents of the old class waits for vetted ones of the new."""
    make_agent(pool)
    other = description([model_offer(digest="another")])
    stranger, friend = make_agent(pool, other), make_agent(pool, other, code=make_invite(pool, trust=Trust.VETTED))
    enqueue(pool, vetted, "text")
    with pool.database.read() as connection:
        (switched,) = (one.id for one in model_classes.every(connection) if not one.is_pool)
    assert switching.switch(pool, switched, pool.clock.now()).moved == 1
    assert take_turn(pool, current(pool, stranger.agent.id)).leases == []
    assert len(take_turn(pool, current(pool, friend.agent.id)).leases) == 1


def test_the_only_agent_that_may_have_a_task_tries_it_again(pool: Pool, vetted: Client, clock: SetClock) -> None:
    """It failed at it; that strangers could compute it is no reason to keep it from the one that may."""
    friend, _ = joined(pool, Trust.VETTED), joined(pool, Trust.PUBLIC)
    enqueue(pool, vetted, "text")
    lease = claim_one(pool, friend)
    take_turn(pool, friend, error_report(lease), most=0)
    clock.advance(2)
    assert claim_one(pool, friend).task_id == lease.task_id
    second = joined(pool, Trust.OWN)
    take_turn(pool, friend, error_report(claim_one(pool, friend)), most=0)
    clock.advance(10)
    pool.roster.touch(second, clock.now())
    assert take_turn(pool, friend).leases == []
    assert claim_one(pool, second).task_id == lease.task_id


def test_no_strangers_word_is_waited_for(pool: Pool, vetted: Client) -> None:
    """The only agent that may have it says that the text is wrong: that ends it."""
    friend, _ = joined(pool, Trust.VETTED), joined(pool, Trust.PUBLIC)
    enqueue(pool, vetted, "text")
    take_turn(pool, friend, error_report(claim_one(pool, friend), "input_invalid"), most=0)
    with pool.database.read() as connection:
        assert connection.exec_driver_sql("SELECT status FROM tasks").scalar_one() == "failed"


def test_the_operators_changes_are_noted_in_words(pool: Pool, client: Client) -> None:
    """Of keys, invites and agents."""
    agent = joined(pool, Trust.VETTED)
    trust_agent(pool, agent, Trust.OWN)
    trust_agent(pool, agent, None)
    ask_for(pool, client, Trust.OWN)
    with pool.database.read() as connection:
        found = connection.exec_driver_sql("SELECT verb, detail FROM events ORDER BY id").all()
    said = [(verb, orjson.loads(detail).get("trust", "")) for verb, detail in found if '"trust"' in detail]
    assert sorted(said, key=str) == sorted(
        [
            ("key.create", "public"),
            ("invite.create", "vetted"),
            ("agent.override", "own"),
            ("agent.override", None),
            ("key.change", "own"),
        ],
        key=str,
    )


@pytest.fixture
def client(pool: Pool) -> Client:
    return make_client(pool)
