"""Trust among those who wait: exactly the agents are woken and counted that may have the work."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from server.domain.errors import NoWorkersAvailable
from server.domain.trust import Trust
from server.services import foreign_capabilities, offload_submission, overview, sweeper
from server.services.agent_board import AgentBoard
from server.services.embeddings import submit_embeddings
from server.services.known_keys import Client
from server.services.offload_submission import Submission
from server.services.pool import Pool
from server.storage.models import Attempt, Task
from tests.factories import (
    CAPABILITY,
    Never,
    SetClock,
    claim_one,
    current,
    delivery,
    description,
    enqueue,
    error_report,
    make_agent,
    make_client,
    make_request,
    model_offer,
    take_turn,
    texts_of,
)
from tests.server.services.queue_invariants import violations
from tests.server.services.test_races import race
from tests.server.services.test_waiting import Waiting, until
from tests.server.services.trusting import SHELL, ask_for, joined, joined_foreign, trust_agent


@pytest.fixture
def client(pool: Pool) -> Client:
    """Give a client whose texts any agent may have."""
    return make_client(pool)


@pytest.fixture
def vetted(pool: Pool) -> Client:
    """Give a client whose texts only vetted agents may have."""
    return make_client(pool, "vetted", trust=Trust.VETTED)


def test_as_many_trusted_agents_are_woken_as_there_are_tasks() -> None:
    """Strangers before them on the line are passed over, and so are agents of a higher tier that are trusted less."""
    board = AgentBoard(10)
    entered = [
        board.enter(name, tier, [CAPABILITY], trust)
        for name, tier, trust in (
            ("a", 9, Trust.PUBLIC),
            ("b", 9, Trust.VETTED),
            ("c", 5, Trust.OWN),
            ("d", 5, Trust.PUBLIC),
            ("e", 5, Trust.OWN),
            ("f", 1, Trust.VETTED),
        )
    ]
    waiters = [waiter for waiter in entered if waiter is not None]

    def woken() -> str:
        return "".join(waiter.agent_id for waiter in waiters if waiter.event.is_set())

    board.wake(CAPABILITY, trust=Trust.OWN)
    assert woken() == "c"
    board.wake(CAPABILITY, 2, trust=Trust.VETTED)
    assert woken() == "bce"
    board.wake(CAPABILITY)
    assert woken() == "abce"
    board.wake(CAPABILITY, 9, trust=Trust.VETTED)
    assert woken() == "abcef"


def test_a_waiting_stranger_sleeps_on_while_a_vetted_agent_works(pool: Pool, vetted: Client) -> None:
    """The stranger is of a higher tier and waits longer; the task ends only the vetted agent's wait."""
    stranger, friend = joined(pool, Trust.PUBLIC, tier=9), joined(pool, Trust.VETTED, tier=1)
    with ThreadPoolExecutor(2) as threads:
        sleeping, waiting = Waiting(threads, pool, stranger), Waiting(threads, pool, friend)
        enqueue(pool, vetted, "secret")
        assert waiting.texts() == ["secret"]
        assert not sleeping.ended()
        assert pool.agents.waiting(CAPABILITY) == 1
        pool.agents.drain()
        assert sleeping.texts() == []


def test_a_public_task_is_not_lost_when_its_agent_takes_one_for_few(pool: Pool, client: Client, vetted: Client) -> None:
    """Woken for a public task, the only vetted agent takes an urgent one that is for it alone: a stranger is woken."""
    friend, stranger = joined(pool, Trust.VETTED, tier=9), joined(pool, Trust.PUBLIC, tier=1)
    with ThreadPoolExecutor(5) as threads:
        turns = [Waiting(threads, pool, friend), Waiting(threads, pool, stranger)]
        busy, go = threading.Event(), threading.Event()

        def hold(_connection: object) -> None:
            busy.set()
            assert go.wait(20)

        holding = threads.submit(pool.database.write, hold)
        assert busy.wait(20)
        # Both are stored together: whoever is woken for the first finds the second before it.
        asked = [threads.submit(enqueue, pool, client, "public")]
        until(lambda: len(pool.database.writer._entries) == 1)
        asked.append(threads.submit(enqueue, pool, vetted, "secret", urgent=True))
        until(lambda: len(pool.database.writer._entries) == 2)
        go.set()
        holding.result(20)
        for submitting in asked:
            submitting.result(20)
        assert [turn.texts() for turn in turns] == [["secret"], ["public"]]


def test_what_waits_is_offered_anew_when_its_key_asks_for_more(
    pool: Pool, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger was woken for it and may not have it any more: the vetted agent that waits gets it."""
    friend = joined(pool, Trust.VETTED)
    with ThreadPoolExecutor(1) as threads:
        waiting = Waiting(threads, pool, friend)
        with monkeypatch.context() as patched:
            # As if a stranger had been chosen.
            patched.setattr(pool.agents, "wake", lambda *_, **__: None)
            enqueue(pool, client, "text")
        ask_for(pool, client, Trust.VETTED)
        assert waiting.texts() == ["text"]


def test_what_a_stranger_loses_wakes_a_trusted_agent(pool: Pool, client: Client) -> None:
    """The task that is taken back from it ends the wait of a vetted agent, not that of a stranger of a higher tier."""
    stranger, friend, other = joined(pool, Trust.PUBLIC), joined(pool, Trust.VETTED), joined(pool, Trust.PUBLIC, tier=9)
    enqueue(pool, client, "text")
    claim_one(pool, stranger)
    with ThreadPoolExecutor(2) as threads:
        sleeping, waiting = Waiting(threads, pool, other), Waiting(threads, pool, friend)
        ask_for(pool, client, Trust.VETTED)
        assert waiting.texts() == ["text"]
        assert not sleeping.ended()
        pool.agents.drain()


def test_an_agent_that_is_trusted_more_or_less_asks_anew(pool: Pool, vetted: Client) -> None:
    """Its wait ends; its next turn brings what it may see from now on, and no more."""
    agent = joined(pool, Trust.PUBLIC)
    enqueue(pool, vetted, "secret")
    with ThreadPoolExecutor(1) as threads:
        waiting = Waiting(threads, pool, agent)
        agent = trust_agent(pool, agent, Trust.VETTED)
        assert waiting.texts() == []
        lease = claim_one(pool, agent)
        take_turn(pool, agent, delivery(lease), most=0)
        waiting = Waiting(threads, pool, agent)
        agent = trust_agent(pool, agent, Trust.PUBLIC)
        assert waiting.texts() == []
    enqueue(pool, vetted, "another")
    assert take_turn(pool, agent).leases == []


def test_a_rest_that_is_over_wakes_an_agent_that_may_have_it(pool: Pool, vetted: Client, clock: SetClock) -> None:
    """Not the stranger of the higher tier."""
    friends = [joined(pool, Trust.VETTED) for _ in range(3)]
    stranger = joined(pool, Trust.PUBLIC, tier=9)
    enqueue(pool, vetted, "secret")
    for agent in friends[:2]:
        take_turn(pool, agent, error_report(claim_one(pool, agent)), most=0)
    sweeping = sweeper.Sweeper(pool)
    sweeping.run_once(clock.now())
    with ThreadPoolExecutor(2) as threads:
        sleeping, waiting = Waiting(threads, pool, stranger), Waiting(threads, pool, friends[2])
        sweeping.run_once(clock.advance(3))
        assert waiting.texts() == ["secret"]
        assert not sleeping.ended()
        pool.agents.drain()


def test_an_agent_is_not_stuck_behind_what_it_may_not_have(pool: Pool, client: Client, vetted: Client) -> None:
    """The line that it takes from is the one with the oldest task for it, not the one with another's oldest."""
    agent = make_agent(pool, description([model_offer(), model_offer("other")]))
    enqueue(pool, vetted, "secret")
    enqueue(pool, client, "first", model="other")
    enqueue(pool, client, "second")
    held: list[str] = []
    order = []
    for _ in range(2):
        lease = claim_one(pool, agent, held)
        held.append(lease.lease_id)
        order += texts_of(lease)
    assert order == ["first", "second"]


def test_an_agent_is_told_that_tasks_wait_for_others(pool: Pool, vetted: Client) -> None:
    """As a number; a trusted one that failed at them is told that instead."""
    stranger, friend, _ = joined(pool, Trust.PUBLIC), joined(pool, Trust.VETTED), joined(pool, Trust.OWN)
    enqueue(pool, vetted, "secret")
    take_turn(pool, friend, error_report(claim_one(pool, friend)), most=0)
    sweeper.Sweeper(pool).run_once(pool.clock.now())
    assert take_turn(pool, stranger).skipped == {"not_trusted": 1}
    assert take_turn(pool, friend).skipped == {"already_failed_here": 1}


def ask_as_sdk(pool: Pool, client: Client, text: str) -> None:
    """Ask as an official library does, which is not made to wait for agents that are not there."""
    request, now = make_request(text), pool.clock.now()
    asked = submit_embeddings(pool, client, request, on_the_line=True, only_if_online=True, now=now)
    pool.jobs.leave(asked.waiter)  # type: ignore[union-attr]


def test_only_agents_that_may_have_its_texts_are_there_for_a_client(pool: Pool, client: Client, vetted: Client) -> None:
    """A library is refused at once while none of them is online, and its list of models says so."""
    joined(pool, Trust.PUBLIC)
    ask_as_sdk(pool, client, "text")
    with pytest.raises(NoWorkersAvailable, match="this key's texts may go to"):
        ask_as_sdk(pool, vetted, "text")
    now = pool.clock.now()

    def online(asking: Client) -> list[int]:
        (listed,) = overview.list_models(pool, asking, now)
        return [listed.online_agents, overview.find_model(pool, asking, listed.stored.model, now).online_agents]

    assert (online(client), online(vetted)) == ([1, 1], [0, 0])
    joined(pool, Trust.OWN)
    ask_as_sdk(pool, vetted, "text")
    assert (online(client), online(vetted)) == ([2, 2], [1, 1])


def test_a_blocking_task_is_refused_without_an_agent_that_may_have_it(pool: Pool, vetted: Client) -> None:
    """OffloadMQ's clients hear the same, and are told only of capabilities that somebody trusted runs."""
    agent = joined_foreign(pool, Trust.PUBLIC)
    blocking = Submission(SHELL, None, True, None, None, {})
    with pytest.raises(NoWorkersAvailable):
        offload_submission.submit_and_wait(pool, vetted, blocking, Never())
    now = pool.clock.now()

    def listed(trust: Trust) -> list[list[str]]:
        ways = (foreign_capabilities.online, foreign_capabilities.online_with_attributes)
        return [way(pool, ["*"], now, trust) for way in ways]

    assert (listed(Trust.PUBLIC), listed(Trust.VETTED)) == ([[SHELL]] * 2, [[]] * 2)
    trust_agent(pool, agent, Trust.VETTED)
    assert listed(Trust.VETTED) == [[SHELL]] * 2


def test_a_key_that_asks_for_more_while_agents_claim(pool: Pool) -> None:
    """The operator changes a key and an agent meanwhile: none has what it may not have, and all is computed once."""
    client = make_client(pool)
    agents = [joined(pool, trust) for trust in Trust]
    jobs = 60
    for number in range(jobs):
        enqueue(pool, client, f"text {number}")
    wrong: list[str] = []

    def work(agent_id: str) -> None:
        while not done():
            leases = take_turn(pool, current(pool, agent_id), most=2).leases
            wrong.extend(violations(pool))
            take_turn(pool, current(pool, agent_id), *map(delivery, leases), most=0)

    def done() -> bool:
        with pool.database.read() as connection:
            return not connection.execute(select(Task.id).where(Task.finished_at.is_(None)).limit(1)).first()

    def operate() -> None:
        for level in (Trust.VETTED, Trust.PUBLIC, Trust.OWN, Trust.PUBLIC, Trust.VETTED) * 3:
            ask_for(pool, client, level)
            wrong.extend(violations(pool))
            trust_agent(pool, agents[1], level)
            wrong.extend(violations(pool))

    race(operate, *[lambda agent_id=agent.agent.id: work(agent_id) for agent in agents])
    assert wrong == []
    with pool.database.read() as connection:
        statuses = connection.execute(select(Task.status)).scalars().all()
        completed = connection.execute(select(Attempt.task_id).where(Attempt.status == "completed")).scalars().all()
    assert statuses == ["completed"] * jobs
    assert len(set(completed)) == len(completed) == jobs
