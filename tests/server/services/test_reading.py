"""Reading along: pieces in their order, places that are given back, chats that nobody wants any more."""

from __future__ import annotations

import orjson
import pytest

from server.domain.chat_request import parse_chat_request
from server.domain.errors import ShuttingDown, WorkerFailed
from server.domain.lifecycle import JobStatus
from server.domain.model_class import ModelOffer
from server.domain.patience import Patience
from server.services import answers, chat_calls, dispatch, giving_up, progress
from server.services.assembling import Output
from server.services.known_keys import Client
from server.services.outcomes import Answered
from server.services.pool import Pool
from server.services.progress import Update
from server.services.reading import Reading, Sign
from server.services.roster import Present
from server.services.waiting import Chunk
from server.storage.attempts import Lease
from tests.factories import Never, SetClock, claim_one, description, make_agent, make_client, take_turn

CHAT_MODEL = "qwen2.5:7b"
QUESTION = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Hi"}], "stream": True}
OUTPUT = orjson.dumps({"message": {"role": "assistant", "content": "Hello"}, "done": True, "done_reason": "stop"})


@pytest.fixture
def agent(pool: Pool) -> Present:
    chat = ModelOffer(CHAT_MODEL, "chat", "c" * 64, "Q4", None, 8192, "ollama", "0.14.2")
    return make_agent(pool, description([chat]))


@pytest.fixture
def client(pool: Pool, agent: Present) -> Client:
    """A client of a pool that has an agent."""
    return make_client(pool)


def read(pool: Pool, client: Client) -> Reading:
    """Ask, to read along."""
    request = parse_chat_request(QUESTION)
    collection = chat_calls.begin(pool, client, request, Patience(60, sdk=True), is_retry=False)
    return Reading(pool, client, collection, Never(), 0.01)


def status(pool: Pool, client: Client, reading: Reading) -> JobStatus:
    return answers.report(pool, client, reading.collection.waiter.job_id).status


def tell(pool: Pool, agent: Present, lease: Lease, seq: int, content: str) -> None:
    assert progress.advance(pool, agent, [Update(lease.lease_id, seq, content, "")]) == {lease.lease_id: "held"}


def finish(pool: Pool, agent: Present, lease: Lease) -> None:
    take_turn(pool, agent, Answered(lease.lease_id, OUTPUT, 3, 2, 1.0), most=0)


def test_the_pieces_come_in_their_order(pool: Pool, client: Client, agent: Present) -> None:
    """A sign at once and while nothing comes, then what was told, then the whole answer; nothing is left to cancel."""
    reading = read(pool, client)
    pieces = iter(reading)
    assert [next(pieces), next(pieces)] == [Sign(1), Sign(1)]
    lease = claim_one(pool, agent)
    assert next(pieces) == Sign(None)
    tell(pool, agent, lease, 1, "Hel")
    tell(pool, agent, lease, 2, "l")
    finish(pool, agent, lease)
    assert list(pieces) == [Chunk("Hel", ""), Chunk("l", ""), Output(OUTPUT, agent.agent.id, 3, 2)]
    reading.close()
    assert status(pool, client, reading) is JobStatus.COMPLETED
    assert pool.jobs.gate.in_use == 0


def test_a_reading_that_nobody_began_gives_its_place_back(pool: Pool, client: Client) -> None:
    """The client was gone before the first piece: the web server only closes the body."""
    reading = read(pool, client)
    assert pool.jobs.gate.in_use == 1
    reading.close()
    reading.close()
    assert pool.jobs.gate.in_use == 0
    assert status(pool, client, reading) is JobStatus.CANCELED


def test_a_chat_that_ended_meanwhile_is_left_as_it_is(pool: Pool, client: Client, agent: Present) -> None:
    """It is over when its reader leaves, though the reader has not seen it."""
    reading = read(pool, client)
    finish(pool, agent, claim_one(pool, agent))
    reading.close()
    assert status(pool, client, reading) is JobStatus.COMPLETED


def test_a_chat_that_two_read_is_canceled_when_both_are_gone(pool: Pool, client: Client) -> None:
    """A second connection of the client waits for the same job."""
    reading = read(pool, client)
    other = pool.jobs.expect(reading.collection.waiter.job_id)
    assert other is not None
    reading.close()
    assert status(pool, client, reading) is JobStatus.PENDING
    pool.jobs.leave(other)
    giving_up.give_up(pool, client.id, other.job_id)
    assert status(pool, client, reading) is JobStatus.CANCELED
    giving_up.give_up(pool, client.id, other.job_id)


@pytest.mark.parametrize("back", [False, True])
def test_a_job_is_kept_for_a_client_that_comes_back(pool: Pool, client: Client, clock: SetClock, *, back: bool) -> None:
    """An SDK's retry has ten seconds; a job that nobody came back for is canceled then."""
    reading = read(pool, client)
    job_id = reading.collection.waiter.job_id
    pool.jobs.leave(reading.collection.waiter)
    giving_up.give_up_unless_retried(pool, client.id, job_id)
    giving_up.give_up_abandoned(pool, clock.advance(9))
    assert status(pool, client, reading) is JobStatus.PENDING
    waiter = pool.jobs.expect(job_id) if back else None
    giving_up.give_up_abandoned(pool, clock.advance(1))
    assert status(pool, client, reading) is (JobStatus.PENDING if back else JobStatus.CANCELED)
    if waiter is not None:
        pool.jobs.leave(waiter)


def test_a_piece_on_its_way_counts_as_read(pool: Pool, client: Client, agent: Present) -> None:
    """The volunteer comes back between the commit of the first piece and its showing: nobody else may answer now."""
    reading = read(pool, client)
    lease = claim_one(pool, agent)
    updates = [Update(lease.lease_id, 1, "Hel", "")]
    pool.database.write(lambda c: progress._note(pool, c, agent.agent.id, updates, pool.clock.now()))
    dispatch.release(pool, agent, [lease.lease_id])
    assert status(pool, client, reading) is JobStatus.FAILED
    with pytest.raises(WorkerFailed) as caught:
        list(reading)
    assert caught.value.code == "worker_lost"
    reading.close()


def test_an_agent_that_writes_without_end_fills_no_memory(pool: Pool, client: Client, agent: Present) -> None:
    """More than an answer may have is not kept for the client, who learns with the end that it is no answer."""
    reading = read(pool, client)
    waiter = reading.collection.waiter
    lease = claim_one(pool, agent)
    waiter.room = 5
    for seq, piece in enumerate(("Hel", "lo", " ", "and on"), start=1):
        tell(pool, agent, lease, seq, piece)
    assert [chunk.content for chunk in waiter.chunks] == ["Hel", "lo"]
    reading.close()


def test_a_server_that_goes_down_ends_every_reading(pool: Pool, client: Client, agent: Present) -> None:
    """What was told is still handed over; an answer that is there already is, too."""
    cut, whole = read(pool, client), read(pool, client)
    lease = claim_one(pool, agent)
    tell(pool, agent, lease, 1, "Hel")
    finish(pool, agent, other := claim_one(pool, agent, holding=[lease.lease_id]))
    assert lease.job_id != other.job_id
    pool.jobs.drain()
    assert isinstance(list(whole)[-1], Output)
    pieces = iter(cut)
    assert [next(pieces), next(pieces)] == [Sign(None), Chunk("Hel", "")]
    with pytest.raises(ShuttingDown):
        next(pieces)
    cut.close()
    assert status(pool, client, cut) is JobStatus.CANCELED
