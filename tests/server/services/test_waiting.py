"""The boards: exactly one is woken for each task, in the right order, and no wake-up is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from server.domain.trust import Trust
from server.services import enrolment, sweeper
from server.services.agent_board import AgentBoard, AgentWaiter, Call
from server.services.dispatch import Reply
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.roster import Present
from server.services.waiting import Gone, JobBoard, Woken
from server.storage.results import Part
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
    model_offer,
    submit,
    take_turn,
    texts_of,
)

#: Seconds that a test waits for what must happen at once.
SOON = 20
PART = Part(task_id="task", agent_id="agent", positions=b"", dimensions=1, prompt_tokens=1)


def enter(board: AgentBoard, *agents: str | tuple[str, int]) -> list[AgentWaiter]:
    """Put agents on the line, by name or by (name, tier)."""
    waiters = []
    for agent in agents:
        name, tier = agent if isinstance(agent, tuple) else (agent, 0)
        waiter = board.enter(name, tier, [CAPABILITY], Trust.PUBLIC)
        assert waiter is not None
        waiters.append(waiter)
    return waiters


def woken(waiters: list[AgentWaiter]) -> list[str]:
    return [waiter.agent_id for waiter in waiters if waiter.event.is_set()]


def until(condition: Callable[[], bool]) -> None:
    """Wait for another thread to get somewhere."""
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class TestAgentBoard:
    def test_one_task_wakes_one_agent(self) -> None:
        """Of many that wait exactly one is woken, the one that waits longest; the next task wakes the next."""
        board = AgentBoard(10)
        waiters = enter(board, "a", "b", "c")
        board.wake(CAPABILITY)
        assert woken(waiters) == ["a"]
        board.wake(CAPABILITY)
        assert woken(waiters) == ["a", "b"]

    def test_as_many_tasks_wake_as_many_agents(self) -> None:
        """Two tasks wake two; more tasks than agents wake all there are."""
        board = AgentBoard(10)
        waiters = enter(board, "a", "b", "c")
        board.wake(CAPABILITY, 2)
        assert woken(waiters) == ["a", "b"]
        board.wake(CAPABILITY, 9)
        assert woken(waiters) == ["a", "b", "c"]

    def test_the_highest_tier_is_woken_first(self) -> None:
        """A higher tier comes before who waits longer; within it, first come first served."""
        board = AgentBoard(10)
        waiters = enter(board, ("old", 1), ("high", 9), ("high too", 9), ("low", 0))
        order = []
        for _ in waiters:
            board.wake(CAPABILITY)
            order.append(next(name for name in woken(waiters) if name not in order))
        assert order == ["high", "high too", "old", "low"]

    def test_only_who_can_run_it_is_woken(self) -> None:
        """A task of another model wakes nobody here."""
        board = AgentBoard(10)
        waiters = enter(board, "a")
        board.wake("embed.another")
        assert woken(waiters) == []

    def test_who_passed_it_by_is_passed_over(self) -> None:
        """Agents for whom the task was not are not woken for it again."""
        board = AgentBoard(10)
        waiters = enter(board, "a", "b", "c")
        board.wake(CAPABILITY, passed_by=frozenset({"a", "b"}))
        assert woken(waiters) == ["c"]
        assert waiters[2].call == Call(CAPABILITY, Trust.PUBLIC, frozenset({"a", "b"}))
        board.wake(CAPABILITY, passed_by=frozenset({"a", "b", "c"}))
        assert woken(waiters) == ["c"]

    def test_who_was_woken_is_off_the_line_until_it_rejoins(self) -> None:
        """It is not woken twice; back on the line it waits behind the others."""
        board = AgentBoard(10)
        waiters = enter(board, "a", "b")
        board.wake(CAPABILITY)
        assert board.waiting(CAPABILITY) == 1
        board.rejoin(waiters[0])
        assert woken(waiters) == []
        board.wake(CAPABILITY)
        assert woken(waiters) == ["b"]

    def test_the_places_are_limited(self) -> None:
        """One too many is turned away at once, and may come when somebody has left."""
        board = AgentBoard(2)
        waiters = enter(board, "a", "b")
        assert board.enter("c", 0, [CAPABILITY], Trust.PUBLIC) is None
        board.leave(waiters[0])
        assert board.enter("c", 0, [CAPABILITY], Trust.PUBLIC) is not None

    def test_an_agent_waits_once(self) -> None:
        """When it comes back on another connection, its earlier wait ends."""
        board = AgentBoard(3)
        first, second = enter(board, "a", "a")
        assert (first.replaced, first.event.is_set()) == (True, True)
        assert (second.replaced, second.event.is_set()) == (False, False)

    def test_drain_wakes_everybody_and_lets_nobody_in(self) -> None:
        """Going down, all are told so, also those that were just woken or just come."""
        board = AgentBoard(10)
        waiters = enter(board, "a", "b", "c")
        board.wake(CAPABILITY)
        board.rejoin(waiters[0])
        board.drain()
        assert [board.wait(waiter, SOON, SOON, Never()) for waiter in waiters] == [Woken.DRAINING] * 3
        board.rejoin(waiters[0])
        assert board.wait(waiters[0], SOON, 0.01, Never()) is Woken.DRAINING
        assert board.enter("d", 0, [CAPABILITY], Trust.PUBLIC) is None

    def test_a_wait_ends_when_its_time_is_over_or_the_agent_hung_up(self) -> None:
        """The reason is told."""
        board = AgentBoard(10)
        (waiter,) = enter(board, "a")
        assert board.wait(waiter, 0.01, 0.005, Never()) is Woken.TIMEOUT
        assert board.wait(waiter, SOON, 0.005, lambda: True) is Woken.GONE
        board.wake(CAPABILITY)
        assert board.wait(waiter, SOON, SOON, Never()) is Woken.WORK

    def test_no_wake_up_is_lost_among_many_threads(self) -> None:
        """50 threads wait for 500 tasks that others bring: each task is taken, with nobody looking unless woken."""
        board, tasks, lock = AgentBoard(50), [0], threading.Lock()
        taken, all_taken = [0], threading.Event()

        def take() -> bool:
            with lock:
                if not tasks[0]:
                    return False
                tasks[0] -= 1
                taken[0] += 1
                if taken[0] == 500:
                    all_taken.set()
                return True

        def agent(name: str) -> None:
            while not all_taken.is_set():
                waiter = board.enter(name, 0, [CAPABILITY], Trust.PUBLIC)
                assert waiter is not None
                while not take() and board.wait(waiter, 0.5, 0.5, Never()) is Woken.WORK:
                    board.rejoin(waiter)
                board.leave(waiter)
                if waiter.event.is_set():
                    board.wake(CAPABILITY)

        def client() -> None:
            for _ in range(50):
                with lock:
                    tasks[0] += 1
                board.wake(CAPABILITY)

        with ThreadPoolExecutor(60) as threads:
            for number in range(50):
                threads.submit(agent, f"agent {number}")
            for _ in range(10):
                threads.submit(client)
            assert all_taken.wait(SOON)
        assert (tasks[0], board.gate.in_use) == (0, 0)


class TestJobBoard:
    def test_results_and_the_end_reach_who_waits_for_that_job(self) -> None:
        """All that wait for a job get its parts and are woken; who waits for another is not."""
        board = JobBoard(10)
        first, second, other = board.expect("job"), board.expect("job"), board.expect("other")
        assert first and second and other
        board.deliver("job", PART)
        assert not first.event.is_set()
        board.finish("job")
        for waiter in (first, second):
            assert waiter.parts == {"task": PART}
            assert board.wait(waiter, SOON, SOON, Never()) is Woken.WORK
        assert (other.parts, other.event.is_set()) == ({}, False)

    def test_the_places_are_limited(self) -> None:
        """One too many is turned away, and may come when somebody has left."""
        board = JobBoard(1)
        waiter = board.expect("job")
        assert waiter is not None
        assert board.expect("job") is None
        board.leave(waiter)
        assert board.expect("job") is not None

    def test_drain_wakes_everybody(self) -> None:
        """Going down, all are told so, and nobody is let in."""
        board = JobBoard(2)
        waiter = board.expect("job")
        assert waiter is not None
        board.drain()
        assert board.wait(waiter, SOON, SOON, Never()) is Woken.DRAINING
        assert board.expect("job") is None


@pytest.fixture
def client(pool: Pool) -> Client:
    return make_client(pool)


class Waiting:
    """An agent's turn that waits in a thread of its own: it has looked and found nothing."""

    def __init__(self, threads: ThreadPoolExecutor, pool: Pool, agent: Present, holding: Iterable[str] = ()) -> None:
        waits, wait = threading.Event(), pool.agents.wait

        def wait_and_tell(waiter: AgentWaiter, seconds: float, look_every: float, gone: Gone) -> Woken:
            waits.set()
            return wait(waiter, seconds, look_every, gone)

        pool.agents.wait = wait_and_tell  # type: ignore[method-assign]
        self._reply: Future[Reply] = threads.submit(take_turn, pool, agent, most=1, wait=SOON, holding=holding)
        assert waits.wait(SOON)
        pool.agents.wait = wait  # type: ignore[method-assign]

    def texts(self) -> list[str]:
        """Return the texts that it was given."""
        return [text for lease in self._reply.result(SOON).leases for text in texts_of(lease)]

    def ended(self) -> bool:
        return self._reply.done()

    def reply(self) -> Reply:
        return self._reply.result(SOON)


def test_a_waiting_agent_gets_a_task_at_once(pool: Pool, client: Client) -> None:
    """A submitted task ends the wait of one agent; the other goes on waiting until the server drains."""
    with ThreadPoolExecutor(2) as threads:
        turns = [Waiting(threads, pool, make_agent(pool)) for _ in range(2)]
        enqueue(pool, client, "hello")
        until(lambda: any(turn.ended() for turn in turns))
        pool.agents.drain()
        assert sorted(len(turn.texts()) for turn in turns) == [0, 1]
        assert sorted(turn.reply().poll_after for turn in turns) == [0, 3]


def test_a_waiting_client_gets_its_answer_at_once(pool: Pool, client: Client) -> None:
    """A completed job ends its client's wait."""
    agent, collection = make_agent(pool), submit(pool, client, "hello")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pool.jobs.wait, collection.waiter, SOON, SOON, Never())
        take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
        assert waiting.result(SOON) is Woken.WORK


def test_a_task_that_is_not_for_the_one_woken_goes_to_another(pool: Pool, client: Client) -> None:
    """A failed task wakes the agent that failed at it, which may not have it again, and passes it on."""
    failing = make_agent(pool, description(tier=9))
    other = make_agent(pool, description(tier=1))
    enqueue(pool, client, "hello")
    lease = claim_one(pool, failing)
    with ThreadPoolExecutor(2) as threads:
        first, second = Waiting(threads, pool, failing, [lease.lease_id]), Waiting(threads, pool, other)
        # A turn that only reports runs beside the one that waits.
        take_turn(pool, failing, error_report(lease), most=0, holding=[lease.lease_id])
        assert second.texts() == ["hello"]
        pool.agents.drain()
        assert first.texts() == []


def test_no_wake_up_is_lost_to_an_agent_that_takes_something_else(pool: Pool, client: Client) -> None:
    """Woken for one model's task, an agent takes another's urgent one: the first task wakes the next agent."""
    both = make_agent(pool, description([model_offer(), model_offer("other")], tier=9))
    single = make_agent(pool, description(tier=1))
    with ThreadPoolExecutor(5) as threads:
        turns = [Waiting(threads, pool, both), Waiting(threads, pool, single)]
        busy, go = threading.Event(), threading.Event()

        def hold(_connection: object) -> None:
            busy.set()
            assert go.wait(SOON)

        holding = threads.submit(pool.database.write, hold)
        assert busy.wait(SOON)
        # Both tasks are stored together; who is woken for the regular one finds the urgent one first.
        asked = threads.submit(enqueue, pool, client, "regular")
        until(lambda: len(pool.database.writer._entries) == 1)
        pool.agents.wake = _only(pool.agents.wake, CAPABILITY)  # type: ignore[method-assign]
        urgent = threads.submit(enqueue, pool, client, "urgent", urgent=True, model="other")
        until(lambda: len(pool.database.writer._entries) == 2)
        go.set()
        for running in (holding, asked, urgent):
            running.result(SOON)
        until(lambda: all(turn.ended() for turn in turns))
        assert sorted(text for turn in turns for text in turn.texts()) == ["regular", "urgent"]


def _only(wake: Callable[..., None], capability: str) -> Callable[..., None]:
    """Wake for one capability only: as if nobody had been on the line for the others at that moment."""

    def woken_for(wanted: str, *arguments: int, **named: frozenset[str]) -> None:
        if wanted == capability:
            wake(wanted, *arguments, **named)

    return woken_for


def test_a_wake_up_of_an_agent_whose_time_is_over_is_passed_on(
    pool: Pool, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent is woken in the moment in which it gives up waiting: the next one is woken instead."""
    leaving, staying = make_agent(pool, description(tier=9)), make_agent(pool, description(tier=1))

    def give_up(waiter: AgentWaiter, *_: object) -> Woken:
        enqueue(pool, client, "hello")
        assert waiter.event.is_set()
        return Woken.TIMEOUT

    with ThreadPoolExecutor(1) as threads:
        turn = Waiting(threads, pool, staying)
        monkeypatch.setattr(pool.agents, "wait", give_up)
        assert take_turn(pool, leaving, most=1, wait=SOON).leases == []
        assert turn.texts() == ["hello"]


def test_rest_over_wakes_an_agent(pool: Pool, client: Client, clock: SetClock) -> None:
    """A task that failed twice rests; when its rest is over the sweeper wakes an agent for it."""
    agents = [make_agent(pool) for _ in range(3)]
    enqueue(pool, client, "hello")
    for agent in agents[:2]:
        take_turn(pool, agent, error_report(claim_one(pool, agent)), most=0)
    sweeping = sweeper.Sweeper(pool)
    sweeping.run_once(clock.now())
    with ThreadPoolExecutor(1) as threads:
        turn = Waiting(threads, pool, agents[2])
        assert not turn.ended()
        sweeping.run_once(clock.advance(3))
        assert turn.texts() == ["hello"]


def test_an_agent_that_leaves_is_given_nothing_more(pool: Pool, client: Client) -> None:
    """Its wait ends, and a task that comes meanwhile is not leased to it."""
    agent = make_agent(pool)
    with ThreadPoolExecutor(1) as threads:
        turn = Waiting(threads, pool, agent)
        enrolment.leave(pool, agent.agent.id, pool.clock.now())
        assert turn.texts() == []
    enqueue(pool, client, "hello")
    assert take_turn(pool, agent, most=1).leases == []


def test_an_agent_whose_models_changed_asks_anew(pool: Pool) -> None:
    """Its wait ends, so that it is not given tasks for the models it had."""
    agent = make_agent(pool)
    with ThreadPoolExecutor(1) as threads:
        turn = Waiting(threads, pool, agent)
        enrolment.update_description(pool, agent, description([model_offer("another")]), pool.clock.now())
        assert turn.texts() == []
    assert set(current(pool, agent.agent.id).eligible) == {"embed.another"}
