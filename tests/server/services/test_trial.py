"""Trying the pool: two texts are embedded by a real agent, and compared; what goes wrong is said in words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import orjson
import pytest

from server.domain.chat_request import ChatRequest, parse_chat_request
from server.domain.errors import NotFound
from server.domain.model_class import ModelOffer
from server.services import answers
from server.services.operator import trial
from server.services.operator.trial import Comparison, Reply, Trouble
from server.services.operators_client import operators_client
from server.services.outcomes import Answered, Report
from server.services.pool import Pool
from server.services.roster import Present
from server.services.waiting import Gone
from server.storage.attempts import Lease
from tests.factories import (
    DIGEST,
    DIMENSIONS,
    MODEL,
    Never,
    delivery,
    description,
    enqueue,
    error_report,
    make_agent,
    make_client,
    submit,
    take_turn,
    vector_of,
)
from tests.server.web.conftest import wait_until

CHAT = ModelOffer("qwen2.5:7b", "chat", "d1", "Q4_K_M", None, 4096, "ollama", "0.14.2")


class HangsUp:
    """A connection that is gone by the second look."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> bool:
        self.looks += 1
        return self.looks > 1


def compare(
    pool: Pool, agent: Present, one: str, other: str, *, gone: Gone | None = None, **changes: Any
) -> Comparison | Trouble:
    """Try two texts while an agent takes one turn after the other; `changes` are made to its results."""
    with ThreadPoolExecutor(1) as threads:
        tried = threads.submit(trial.compare, pool, MODEL, (one, other), gone or Never())
        leases = take_turn(pool, agent, wait=5).leases
        take_turn(pool, agent, *(delivery(lease, **changes) for lease in leases), most=0)
        return tried.result(20)


def question(**changes: Any) -> ChatRequest:
    body = {"model": CHAT.model, "messages": [{"role": "user", "content": "Hello!"}], **changes}
    return parse_chat_request(body)


def answered(lease: Lease, content: str) -> Report:
    output = {"message": {"role": "assistant", "content": content}, "done": True, "done_reason": "stop"}
    return Answered(lease.lease_id, orjson.dumps(output), 11, 5, 2.5)


def statuses(pool: Pool) -> list[str]:
    with pool.database.read() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT status FROM tasks ORDER BY id")]


def test_two_texts_are_compared(pool: Pool) -> None:
    """The cosine is that of the agent's vectors; the agent, the class and the engine's time are told."""
    agent = make_agent(pool)
    found = compare(pool, agent, "a cat", "a dog", engine_ms=12.5)
    assert isinstance(found, Comparison)
    assert found.cosine == pytest.approx(float(vector_of("a cat") @ vector_of("a dog")), abs=1e-6)
    assert (found.model, found.digest, found.dimensions) == (MODEL, DIGEST, DIMENSIONS)
    (work,) = found.work
    assert (work.agent_id, work.agent, work.texts, work.tokens) == (agent.agent.id, "test PC", 2, 6)
    assert (work.engine, work.tries, work.waited, work.took, found.whole) == (12.5, 1, 0, 0, 0)


def test_equal_texts_have_the_cosine_one(pool: Pool) -> None:
    """However rounding goes."""
    for text in ("same", "0", "Ünïcödé 🐈"):
        found = compare(pool, make_agent(pool), text, text)
        assert isinstance(found, Comparison)
        assert found.cosine == pytest.approx(1, abs=1e-7)
        assert found.cosine <= 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [((1, 0), (0, 1), 0), ((1, 0), (-1, 0), -1), ((3, 4), (6, 8), 1), ((1, 0), (1, 1), 2**-0.5)],
)
def test_known_vectors_have_their_known_cosine(one: tuple[int, int], other: tuple[int, int], expected: float) -> None:
    """Of any length."""
    assert trial.cosine(np.array(one, "<f4"), np.array(other, "<f4")) == pytest.approx(expected, abs=1e-7)


def test_the_cache_is_neither_asked_nor_filled(pool: Pool) -> None:
    """The same try again is computed again, and leaves no vector."""
    agent = make_agent(pool)
    for _ in range(2):
        found = compare(pool, agent, "a", "b")
        assert isinstance(found, Comparison)
        assert [work.agent_id for work in found.work] == [agent.agent.id]
    with pool.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cached_vectors").scalar_one() == 0
    assert statuses(pool) == ["completed", "completed"]


def test_a_try_joins_no_equal_job_of_the_operator(pool: Pool) -> None:
    """One that was submitted another way and waits is left alone."""
    make_agent(pool)
    enqueue(pool, operators_client(pool, pool.clock.now()), "a", "b")
    trial.compare(pool, MODEL, ("a", "b"), HangsUp())
    assert statuses(pool) == ["queued", "canceled"]


def test_it_counts_as_the_operators_usage_and_of_no_client(pool: Pool) -> None:
    """Under the key that nobody has."""
    compare(pool, make_agent(pool), "a", "b")
    with pool.database.read() as connection:
        used = connection.exec_driver_sql("SELECT key_id, texts FROM usage").all()
    assert [tuple(row) for row in used] == [("operator", 2)]


@pytest.mark.parametrize(
    ("model", "texts", "said"),
    [
        (MODEL, ("a", "b"), "No agent that offers the model"),
        ("never-heard-of", ("a", "b"), "does not exist"),
        (MODEL, ("a", "x" * 300_000), "maximum context length"),
    ],
)
def test_what_cannot_be_tried(pool: Pool, model: str, texts: tuple[str, str], said: str) -> None:
    """Nobody online, an unknown model, a text that is too long: each is said at once, and nothing is queued."""
    agent = make_agent(pool)
    agent.last_seen = 0
    found = trial.compare(pool, model, texts, Never())
    assert isinstance(found, Trouble)
    assert said in found.message
    assert statuses(pool) == []


def test_a_full_queue(pool: Pool) -> None:
    """Is said, as any client hears it."""
    make_agent(pool)
    pool.backlog.recount(lambda: {"embed.x": pool.settings.max_queued_tasks}, pool.clock.now())
    found = trial.compare(pool, MODEL, ("a", "b"), Never())
    assert found == Trouble("The queue is full. Try again later.")


def test_agents_that_fail(pool: Pool) -> None:
    """What they say of it is told."""
    agent = make_agent(pool)
    with ThreadPoolExecutor(1) as threads:
        tried = threads.submit(trial.compare, pool, MODEL, ("a", "b"), Never())
        (lease,) = take_turn(pool, agent, wait=5).leases
        take_turn(pool, agent, error_report(lease, "input_invalid", 1), most=0)
        found = tried.result(20)
    assert isinstance(found, Trouble)
    assert "input[1] cannot be embedded" in found.message


@pytest.mark.parametrize(("turns", "said"), [(0, "No agent took it within 0"), (1, "An agent took it, but sent no")])
def test_a_try_that_takes_too_long_is_canceled(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, turns: int, said: str
) -> None:
    """It says how far it had come, and leaves nothing in the queue."""
    agent = make_agent(pool)
    monkeypatch.setattr(trial, "EMBED_SECONDS", 0)
    if turns:
        collect = answers.collect

        def collect_late(*arguments: Any) -> Any:
            assert len(take_turn(pool, agent).leases) == 1
            return collect(*arguments)

        monkeypatch.setattr(answers, "collect", collect_late)
    found = trial.compare(pool, MODEL, ("a", "b"), Never())
    assert isinstance(found, Trouble)
    assert said in found.message
    assert statuses(pool) == ["canceled"]


def test_an_operator_who_goes_away_cancels_it(pool: Pool) -> None:
    """The agent is not kept busy with what nobody reads."""
    make_agent(pool)
    trial.compare(pool, MODEL, ("a", "b"), HangsUp())
    assert statuses(pool) == ["canceled"]
    assert pool.jobs.gate.in_use == 0


def test_the_server_goes_down_meanwhile(pool: Pool) -> None:
    """It is said at once, and nothing of the try goes on afterwards."""
    make_agent(pool)
    with ThreadPoolExecutor(1) as threads:
        tried = threads.submit(trial.compare, pool, MODEL, ("a", "b"), Never())
        wait_until(lambda: statuses(pool) == ["queued"])
        pool.jobs.drain()
        found = tried.result(20)
    assert found == Trouble("The server is being restarted. Try again in a moment.")
    assert statuses(pool) == ["canceled"]


def test_a_chat_is_answered_whole(pool: Pool) -> None:
    """With who wrote it, and how many tokens it took."""
    agent = make_agent(pool, description([CHAT]))
    with ThreadPoolExecutor(1) as threads:
        tried = threads.submit(trial.chat, pool, question(), Never())
        (lease,) = take_turn(pool, agent, wait=5).leases
        take_turn(pool, agent, answered(lease, "Hello yourself!"), most=0)
        found = tried.result(20)
    assert isinstance(found, Reply)
    assert found.text == "Hello yourself!"
    assert [(work.agent_id, work.tokens, work.engine) for work in found.work] == [(agent.agent.id, 16, 2.5)]


def test_a_chat_that_nobody_answers(pool: Pool) -> None:
    """Nobody is online: it is said at once. Somebody is, but the operator goes away: it is canceled."""
    agent = make_agent(pool, description([CHAT]))
    assert isinstance(trial.chat(pool, question(), HangsUp()), Trouble)
    assert statuses(pool) == ["canceled"]
    agent.last_seen = 0
    found = trial.chat(pool, question(), Never())
    assert isinstance(found, Trouble)
    assert "online" in found.message
    assert statuses(pool) == ["canceled"]


def test_only_tries_are_told_of(pool: Pool) -> None:
    """A client's job is none."""
    agent, client = make_agent(pool), make_client(pool)
    waiting = submit(pool, client, "a")
    take_turn(pool, agent, *(delivery(lease) for lease in take_turn(pool, agent).leases), most=0)
    pool.jobs.leave(waiting.waiter)
    with pytest.raises(NotFound, match="no try"):
        trial.work_of(pool, waiting.waiter.job_id)
