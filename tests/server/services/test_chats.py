"""Chats in the queue: one at a time, progress, streams that break off, cancels."""

from __future__ import annotations

import orjson
import pytest

from server.domain import retry
from server.domain.errors import Conflict, Forbidden, ModelNotFound, NotFound, WorkerFailed
from server.domain.lifecycle import JobStatus
from server.domain.model_class import ModelOffer
from server.services import answers, dispatch, progress, sweeper
from server.services.answers import Collection
from server.services.assembling import Output
from server.services.cancelling import cancel_job
from server.services.chats import Chat, submit_chat
from server.services.known_keys import Client
from server.services.outcomes import Answered, Reported
from server.services.pool import Pool
from server.services.progress import Update
from server.services.roster import Present
from server.services.submission import Submitted
from server.storage.attempts import Lease
from tests.factories import (
    Never,
    SetClock,
    claim_one,
    description,
    make_agent,
    make_client,
    model_offer,
    submit,
    take_turn,
)

CHAT_MODEL = "qwen2.5:7b"
PAYLOAD = b'{"messages":[{"role":"user","content":"hi"}],"stream":true}'
FINAL = {"message": {"role": "assistant", "content": "Hello"}, "done": True, "done_reason": "stop", "eval_count": 2}
HELLO = orjson.dumps(FINAL)


@pytest.fixture
def client(pool: Pool) -> Client:
    return make_client(pool)


def chatty(pool: Pool) -> Present:
    """An agent that embeds and chats."""
    chat = ModelOffer(CHAT_MODEL, "chat", "c" * 64, "Q4", None, 8192, "ollama", "0.14.2")
    return make_agent(pool, description([model_offer(), chat]))


def ask(
    pool: Pool, client: Client, *, streams: bool = False, fingerprint: bytes = b"f", retry: bool = False
) -> Submitted:
    chat = Chat(CHAT_MODEL, PAYLOAD, streams, fingerprint, retry)
    return submit_chat(pool, client, chat, on_the_line=True, only_if_online=True, now=pool.clock.now())


def answered(lease: Lease) -> Answered:
    return Answered(lease.lease_id, HELLO, 3, 2, 40.0)


def update(lease: Lease, seq: int, content: str) -> Update:
    return Update(lease.lease_id, seq, content, "")


def test_a_chat_is_answered_with_what_the_agent_gave(pool: Pool, client: Client) -> None:
    """The agent gets the payload as it was stored; the client the output, and the counts of tokens."""
    agent = chatty(pool)
    submitted = ask(pool, client)
    lease = claim_one(pool, agent)
    assert (lease.kind, lease.capability, lease.body) == ("chat", f"llm.{CHAT_MODEL}", PAYLOAD)
    assert take_turn(pool, agent, answered(lease)).outcomes[0].outcome == "accepted"
    answer = answers.collect(pool, client, Collection(submitted.waiter, 1, {}, 1), 5, Never())
    assert answer == Output(HELLO, agent.agent.id, 3, 2)
    assert answers.fetch(pool, client, submitted.waiter.job_id) == answer, "stored as it was delivered"


def test_a_chat_may_take_longer_than_an_embedding(pool: Pool, client: Client, clock: SetClock) -> None:
    """Each kind has its own cap, beyond which heartbeats do not help."""
    agent = chatty(pool)
    ask(pool, client)
    submit(pool, client, "text")
    caps = {}
    holding: list[str] = []
    for _ in range(2):
        lease = claim_one(pool, agent, holding)
        holding.append(lease.lease_id)
        caps[lease.kind] = (lease.hard_until - clock.now()) // 1000
    assert caps == {"chat": retry.HARD_CAP_SECONDS["chat"], "embedding": retry.HARD_CAP_SECONDS["embedding"]}


def test_one_chat_at_a_time_is_handed_out(pool: Pool, client: Client) -> None:
    """However much an agent asks for: the second would wait here while another PC is idle."""
    agent, other = chatty(pool), chatty(pool)
    for _ in range(2):
        ask(pool, client)
    first = take_turn(pool, agent, most=32).leases
    assert len(first) == 1
    assert len(take_turn(pool, other, most=32).leases) == 1


def test_equal_questions_get_answers_of_their_own(pool: Pool, client: Client) -> None:
    """Only what says that it is a retry joins the first try."""
    chatty(pool)
    first, second = ask(pool, client), ask(pool, client)
    assert not second.joined
    again = ask(pool, client, retry=True)
    assert again.joined
    assert again.waiter.job_id in {first.waiter.job_id, second.waiter.job_id}
    assert not ask(pool, make_client(pool, "another"), retry=True).joined


def test_who_may_not_or_cannot_chat_is_told(pool: Pool, client: Client) -> None:
    """A model that nobody ever told of is unknown; a key may be limited to embeddings."""
    with pytest.raises(ModelNotFound):
        ask(pool, client)
    chatty(pool)
    with pytest.raises(Forbidden):
        ask(pool, make_client(pool, "embeds", ["embed.*"]))


def test_whoever_reads_along_gets_every_piece_once(pool: Pool, client: Client) -> None:
    """A repeated update (its reply was lost) changes nothing; a client that does not read along gets none."""
    agent = chatty(pool)
    reading, waiting = ask(pool, client, streams=True).waiter, ask(pool, client).waiter
    lease = claim_one(pool, agent)
    for number, words in ((1, "Hel"), (1, "Hel"), (2, "lo"), (3, "")):
        assert progress.advance(pool, agent, [update(lease, number, words)]) == {lease.lease_id: "held"}
    assert [chunk.content for chunk in reading.chunks] == ["Hel", "lo"]
    assert reading.event.is_set()
    assert not reading.over
    assert not waiting.chunks
    take_turn(pool, agent, answered(lease))
    assert reading.over


def test_progress_lets_the_lease_run_on(pool: Pool, client: Client, clock: SetClock) -> None:
    """Each update is a sign of life, also an empty one; another agent's is none."""
    agent, other = chatty(pool), chatty(pool)
    ask(pool, client)
    lease = claim_one(pool, agent)
    for number in range(1, 6):
        clock.advance(50)
        assert progress.advance(pool, other, [update(lease, number, "x")]) == {lease.lease_id: "lost"}
        assert progress.advance(pool, agent, [update(lease, number, "")]) == {lease.lease_id: "held"}
        assert sweeper.reclaim(pool, clock.now()) == 0


@pytest.mark.parametrize("way", ["fail", "release", "lose"])
@pytest.mark.parametrize("begun", [False, True])
def test_an_answer_is_never_spliced(pool: Pool, client: Client, clock: SetClock, way: str, *, begun: bool) -> None:
    """Before the first piece another agent begins anew; after it the client is told that its agent was lost."""
    agent, other = chatty(pool), chatty(pool)
    waiter = ask(pool, client, streams=True).waiter
    lease = claim_one(pool, agent)
    if begun:
        progress.advance(pool, agent, [update(lease, 1, "Hel")])
    if way == "fail":
        take_turn(pool, agent, Reported(lease.lease_id, "engine_error", "It broke.", None), most=0)
    elif way == "release":
        dispatch.release(pool, agent, [lease.lease_id])
    else:
        clock.advance(retry.LEASE_SECONDS + retry.RECLAIM_GRACE_SECONDS + 1)
        assert sweeper.reclaim(pool, clock.now()) == 1
        pool.roster.touch(other, clock.now())
    assert waiter.over == begun
    assert len(take_turn(pool, other).leases) == (0 if begun else 1)
    if begun:
        with pytest.raises(WorkerFailed) as refusal:
            answers.fetch(pool, client, waiter.job_id)
        assert refusal.value.code == "worker_lost" or way == "fail"


def test_a_canceled_chat_is_lost_to_its_agent(pool: Pool, client: Client) -> None:
    """The agent hears of it with its next word; what it still sends is stale; an equal request begins anew."""
    agent = chatty(pool)
    waiter = ask(pool, client).waiter
    lease = claim_one(pool, agent)
    assert cancel_job(pool, waiter.job_id, key_id=client.id, now=pool.clock.now()) is JobStatus.PROCESSING
    assert waiter.over
    assert progress.advance(pool, agent, [update(lease, 1, "Hel")]) == {lease.lease_id: "lost"}
    assert take_turn(pool, agent, answered(lease)).outcomes[0].outcome == "stale"
    assert not ask(pool, client, retry=True).joined
    with pytest.raises(Conflict):
        cancel_job(pool, waiter.job_id, key_id=client.id, now=pool.clock.now())


def test_only_its_owner_and_the_operator_cancel_a_job(pool: Pool, client: Client) -> None:
    """To anybody else it does not exist."""
    chatty(pool)
    job_id = ask(pool, client).waiter.job_id
    with pytest.raises(NotFound):
        cancel_job(pool, job_id, key_id=make_client(pool, "another").id, now=pool.clock.now())
    assert cancel_job(pool, job_id, key_id=None, now=pool.clock.now()) is JobStatus.PENDING


def test_vectors_are_no_answer_to_a_chat_and_the_other_way_round(pool: Pool, client: Client) -> None:
    """A result of the wrong kind is refused, and the task goes on to somebody else."""
    agent, other = chatty(pool), chatty(pool)
    submit(pool, client, "text")
    lease = claim_one(pool, agent)
    outcome = take_turn(pool, agent, Answered(lease.lease_id, HELLO, 1, 1, 1.0), most=0).outcomes[0]
    assert outcome.outcome == "refused"
    assert claim_one(pool, other).task_id == lease.task_id


def test_a_chat_in_time_outlives_its_time_in_the_queue(pool: Pool, client: Client, clock: SetClock) -> None:
    """What was claimed in the tenth minute may still be answered in the twelfth."""
    agent = chatty(pool)
    waiter = ask(pool, client).waiter
    clock.advance(590)
    pool.roster.touch(agent, clock.now())
    lease = claim_one(pool, agent)
    for number in range(1, 4):
        clock.advance(40)
        progress.advance(pool, agent, [update(lease, number, "")])
        assert sweeper.expire(pool, clock.now()) == 0
    take_turn(pool, agent, answered(lease))
    assert isinstance(answers.fetch(pool, client, waiter.job_id), Output)


def test_a_chat_nobody_took_expires(pool: Pool, client: Client, clock: SetClock) -> None:
    """Ten minutes in the queue are enough."""
    chatty(pool)
    waiter = ask(pool, client).waiter
    assert sweeper.expire(pool, clock.advance(601)) == 1
    assert waiter.over
