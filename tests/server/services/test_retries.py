"""What becomes of a task that fails: tried again elsewhere, rested, or given up, and what its client is told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.domain import retry
from server.domain.errors import (
    ContextLengthExceeded,
    DeadlineExceeded,
    InvalidRequest,
    NotFound,
    PoolError,
    WorkerFailed,
)
from server.services import answers, dispatch, settling, sweeper
from server.services.known_keys import Client
from server.services.outcomes import Aftermath
from server.services.pool import Pool
from server.services.roster import Present
from server.storage import agent_records
from server.storage.agent_records import AgentRecord
from server.storage.models import Task
from tests.factories import (
    DIMENSIONS,
    SetClock,
    claim_one,
    delivery,
    enqueue,
    error_report,
    make_agent,
    make_client,
    submit,
    take_turn,
    vectors_of,
)

LONG = "x" * 20_000


@pytest.fixture
def client(pool: Pool) -> Client:
    return make_client(pool)


def fail(pool: Pool, agent: Present, code: str = "engine_error", text: int | None = None) -> None:
    """Let an agent claim the one task and fail at it."""
    reply = take_turn(pool, agent, error_report(claim_one(pool, agent), code, text), most=0)
    assert reply.outcomes[0].outcome == "accepted"


def task(pool: Pool) -> Task:
    """Return the one task, as a row."""
    with pool.database.read() as connection:
        row: Task = connection.execute(select(Task.__table__)).one()  # type: ignore[assignment]
        return row


def error_of(pool: Pool, client: Client, job_id: str) -> PoolError:
    error = answers.report(pool, client, job_id).error
    assert error is not None
    return error


def record(pool: Pool, agent: Present) -> AgentRecord:
    with pool.database.read() as connection:
        return next(one for one in agent_records.records(connection) if one.id == agent.agent.id)


def test_three_agents_that_fail_make_it_poison(pool: Pool, client: Client, clock: SetClock) -> None:
    """The fourth agent is spared, the client is told, and each failure stands in its agent's record."""
    tried = [make_agent(pool) for _ in range(4)]
    job_id = enqueue(pool, client, "poison")
    for agent in tried[:3]:
        clock.advance(10)
        fail(pool, agent)
    assert task(pool).status == "failed"
    assert take_turn(pool, tried[3]).leases == []
    assert isinstance(error_of(pool, client, job_id), WorkerFailed)
    assert [record(pool, agent).tasks_failed for agent in tried] == [1, 1, 1, 0]


def test_four_charged_attempts_are_enough(pool: Pool, client: Client, clock: SetClock) -> None:
    """Two agents that fail twice each exhaust a task."""
    pair = [make_agent(pool) for _ in range(2)]
    job_id = enqueue(pool, client, "hopeless")
    for attempt in range(4):
        assert task(pool).status == "queued"
        clock.advance(60)
        for agent in pair:
            pool.roster.touch(agent, clock.now())
        fail(pool, pair[attempt % 2])
    assert (task(pool).status, task(pool).attempts_charged) == ("failed", 4)
    assert isinstance(error_of(pool, client, job_id), WorkerFailed)


@pytest.mark.parametrize(
    ("code", "error"), [("input_too_long", ContextLengthExceeded), ("input_invalid", InvalidRequest)]
)
def test_two_agents_agree_that_a_text_is_at_fault(
    pool: Pool, client: Client, code: str, error: type[PoolError]
) -> None:
    """One agent's word is not enough while another could try; the second one's is, and the text is named."""
    first, second, _ = (make_agent(pool) for _ in range(3))
    job_id = enqueue(pool, client, LONG, LONG + "y", "at fault")
    # The second task has the last two texts: the one at fault is its second, and the request's third.
    _, lease = take_turn(pool, first, most=2).leases
    take_turn(pool, first, error_report(lease, code, 1), most=0)
    assert answers.report(pool, client, job_id).error is None
    again = claim_one(pool, second)
    assert again.task_id == lease.task_id
    take_turn(pool, second, error_report(again, code, 1), most=0)
    told = error_of(pool, client, job_id)
    assert isinstance(told, error)
    assert "input[2]" in told.message


def test_agents_that_say_different_things_of_a_text_do_not_agree(pool: Pool, client: Client, clock: SetClock) -> None:
    """One says too long, another says invalid: a third one may still try."""
    tried = [make_agent(pool) for _ in range(3)]
    enqueue(pool, client, "disputed")
    fail(pool, tried[0], "input_too_long")
    fail(pool, tried[1], "input_invalid")
    clock.advance(10)
    lease = claim_one(pool, tried[2])
    assert take_turn(pool, tried[2], delivery(lease), most=0).outcomes[0].outcome == "accepted"


def test_the_only_agents_word_on_a_text_counts(pool: Pool, client: Client) -> None:
    """With nobody else to ask, a client is told at once."""
    agent = make_agent(pool)
    job_id = enqueue(pool, client, "too long")
    fail(pool, agent, "input_too_long", 0)
    assert isinstance(error_of(pool, client, job_id), ContextLengthExceeded)


def test_a_failed_task_ends_its_siblings(pool: Pool, client: Client) -> None:
    """The rest of a job that cannot be answered is canceled, also where an agent works on it; its client is woken."""
    agent = make_agent(pool)
    collection = submit(pool, client, LONG, LONG + "y", LONG + "z")
    first, second = take_turn(pool, agent, most=2).leases
    take_turn(pool, agent, error_report(first, "input_invalid"), most=0)
    with pool.database.read() as connection:
        statuses = dict(connection.execute(select(Task.id, Task.status)).all())
    assert sorted(statuses.values()) == ["canceled", "canceled", "failed"]
    assert statuses[first.task_id] == "failed"
    assert collection.waiter.event.is_set()
    assert take_turn(pool, agent, delivery(second), most=0).outcomes[0].outcome == "stale"
    assert dispatch.heartbeat(pool, agent, [second.lease_id], None) == {second.lease_id: "lost"}


def test_rests_grow(pool: Pool, client: Client, clock: SetClock) -> None:
    """After the first failure the next agent may try at once; after the second one the task rests."""
    tried = [make_agent(pool) for _ in range(3)]
    enqueue(pool, client, "hard")
    fail(pool, tried[0])
    fail(pool, tried[1])
    assert 1000 <= task(pool).not_before - clock.now() <= 3000
    assert take_turn(pool, tried[2]).leases == []
    clock.advance(3)
    assert len(take_turn(pool, tried[2]).leases) == 1


def test_a_release_is_free(pool: Pool, client: Client) -> None:
    """A volunteer who comes back is charged nothing: the task waits again at once, also for the same agent."""
    agent = make_agent(pool)
    enqueue(pool, client, "hello")
    for _ in range(3):
        lease = claim_one(pool, agent)
        assert dispatch.release(pool, agent, [lease.lease_id]) == {lease.lease_id: "released"}
    row = task(pool)
    assert (row.status, row.attempts_charged, row.attempts_made, row.releases) == ("queued", 0, 3, 3)
    assert record(pool, agent).tasks_released == 3


def test_releases_are_bounded(pool: Pool, client: Client, clock: SetClock) -> None:
    """A task that was given back twenty times goes in circles: from then on giving it back counts as a failure."""
    agent = make_agent(pool)
    job_id = enqueue(pool, client, "hot potato")

    def give_back() -> None:
        clock.advance(61 if task(pool).attempts_charged else 0)
        pool.roster.touch(agent, clock.now())
        lease = claim_one(pool, agent)
        assert dispatch.release(pool, agent, [lease.lease_id]) == {lease.lease_id: "released"}

    for _ in range(retry.MAX_RELEASES):
        give_back()
    assert task(pool).attempts_charged == 0
    for charged in range(1, retry.MAX_CHARGED_ATTEMPTS + 1):
        give_back()
        assert task(pool).attempts_charged == charged
    assert task(pool).status == "failed"
    assert isinstance(error_of(pool, client, job_id), WorkerFailed)


def test_a_wrong_result_is_refused_and_counts(pool: Pool, client: Client) -> None:
    """Vectors that do not fit the task, or come of another model, are a failure; nobody ever sees them."""
    agents_ = [make_agent(pool) for _ in range(3)]
    job_id = enqueue(pool, client, "hello")
    two = vectors_of(["hello", "more"]).tobytes()
    wide = vectors_of(["hello"], DIMENSIONS * 2).tobytes()
    for agent, changes, word in (
        (agents_[0], {"vectors": two}, "1 texts, but 2 vectors"),
        (agents_[1], {"vectors": wide, "dimensions": DIMENSIONS * 2}, "dimensions"),
    ):
        outcome = take_turn(pool, agent, delivery(claim_one(pool, agent), **changes), most=0).outcomes[0]
        assert outcome.outcome == "refused"
        assert word in (outcome.message or "")
        assert record(pool, agent).results_refused == 1
    assert answers.report(pool, client, job_id).answer is None


def test_a_completion_sent_again_counts_once(pool: Pool, client: Client) -> None:
    """The same result twice is replayed; another result for the same lease is thrown away."""
    agent = make_agent(pool)
    enqueue(pool, client, "hello")
    lease = claim_one(pool, agent)
    right, other = delivery(lease), delivery(lease, vectors=vectors_of(["else"]).tobytes())
    outcomes = [take_turn(pool, agent, report, most=0).outcomes[0].outcome for report in (right, right, other, right)]
    assert outcomes == ["accepted", "replayed", "stale", "replayed"]
    assert (record(pool, agent).tasks_completed, record(pool, agent).texts) == (1, 1)


def test_expiry_and_cancellation_are_told(pool: Pool, client: Client, clock: SetClock) -> None:
    """A job nobody computed in time, and one that was canceled, each say so."""
    make_agent(pool)
    late, unwanted = enqueue(pool, client, "late"), enqueue(pool, client, "unwanted")
    after = Aftermath()
    pool.database.write(lambda connection: settling.end_job(connection, unwanted, after, clock.now()))
    assert sweeper.expire(pool, clock.advance(601)) == 1
    assert isinstance(error_of(pool, client, late), DeadlineExceeded)
    canceled = error_of(pool, client, unwanted)
    assert isinstance(canceled, NotFound)
    assert canceled.code == "canceled"
