"""LLMeQueue's workers at the queue: what they are handed, for how long, and what becomes of what they bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from server.domain import ids
from server.domain.capability import chat_capability, embedding_capability
from server.domain.errors import InvalidRequest, ModelNotFound, NoWorkersAvailable
from server.domain.model_class import ModelOffer
from server.services import answers, sweeper, workers
from server.services.answers import JobReport
from server.services.assembling import Embeddings, Output
from server.services.chats import Chat, submit_chat
from server.services.embeddings import submit_embeddings
from server.services.enrolment import Description
from server.services.known_keys import Client
from server.services.outcomes import Answered
from server.services.pool import Pool
from server.storage import agent_records
from server.storage.agents import OFFLOADMQ, Profile
from tests import factories
from tests.factories import DIMENSIONS, MODEL, SetClock, make_request, make_settings, vector_of

OTHER = "nobody-told-of-it"
CHAT_MODEL = "qwen2.5:7b"
HELLO = {"messages": [{"role": "user", "content": "Hello"}], "options": {"temperature": 0.5, "top_p": 1.0}}
TOOL = {"type": "function", "function": {"name": "f"}}
#: Long after any lease lapsed and the reclaim's grace was over.
LAPSED_SECONDS = 165


@pytest.fixture
def client(pool: Pool) -> Client:
    return factories.make_client(pool)


def arrive(pool: Pool) -> None:
    """A worker calls, and finds nothing to do."""
    assert workers.next_task(pool, pool.clock.now()) is None


def handed(pool: Pool) -> workers.Handed:
    task = workers.next_task(pool, pool.clock.now())
    assert task is not None
    return task


def bring(pool: Pool, task: workers.Handed, result: object) -> None:
    workers.complete(pool, task.id, result, pool.clock.now())


def report(pool: Pool, client: Client, job_id: str) -> JobReport:
    return answers.report(pool, client, job_id)


def ask_chat(pool: Pool, client: Client, payload: dict[str, Any], *, model: str = CHAT_MODEL, sdk: bool = False) -> str:
    chat = Chat(model, orjson.dumps(payload), streams=False, fingerprint=ids.new_fingerprint(), is_retry=False)
    submitted = submit_chat(pool, client, chat, on_the_line=True, only_if_online=sdk, now=pool.clock.now())
    pool.jobs.leave(submitted.waiter)
    return submitted.waiter.job_id


def embed_for_sdk(pool: Pool, client: Client, model: str = OTHER) -> None:
    request = make_request("a", model=model)
    submitted = submit_embeddings(pool, client, request, on_the_line=True, only_if_online=True, now=pool.clock.now())
    assert not isinstance(submitted, Embeddings)
    pool.jobs.leave(submitted.waiter)


def chat_offer() -> ModelOffer:
    return ModelOffer(CHAT_MODEL, "chat", "d1", "Q4", None, 4096, "ollama", "1")


class TestHandingOut:
    """A worker takes one text, or a chat that asks for nothing but a text."""

    def test_a_text_goes_there_and_back(self, pool: Pool, client: Client) -> None:
        """For a model that nobody told of: the worker is handed it in its own form, and the client gets the vector."""
        arrive(pool)
        collection = factories.submit(pool, client, "a", model=OTHER)
        task = handed(pool)
        assert (task.kind, task.payload) == ("embedding", {"text": "a", "model": OTHER})
        bring(pool, task, vector_of("a").tolist())
        assert factories.collect(pool, client, collection).tolist() == [vector_of("a").tolist()]
        learned = pool.catalogue.find(OTHER)
        assert learned is not None and (learned.unverified, learned.dimensions) == (True, DIMENSIONS)

    def test_many_texts_are_handed_out_one_by_one(self, pool: Pool, client: Client) -> None:
        """Never a list where a worker expects a string; the vectors come back in order."""
        arrive(pool)
        texts = [f"text {n}" for n in range(5)]
        collection = factories.submit(pool, client, *texts, model=OTHER)
        for _ in texts:
            task = handed(pool)
            bring(pool, task, vector_of(task.payload["text"]).tolist())
        arrive(pool)
        assert factories.collect(pool, client, collection).tolist() == [vector_of(text).tolist() for text in texts]

    def test_tasks_of_many_texts_are_not_for_it(self, pool: Pool, client: Client) -> None:
        """Where another agent online offers the model, tasks stay large, and a worker takes the single texts only."""
        arrive(pool)
        capability = embedding_capability(OTHER)
        profile = Profile("foreign", "1", "[]", 5, 64, "{}")
        agent = factories.make_agent(pool, Description(profile, (capability,), (), OFFLOADMQ))
        factories.enqueue(pool, client, "a", "b", model=OTHER)
        factories.enqueue(pool, client, "alone", model=OTHER)
        assert handed(pool).payload["text"] == "alone"
        arrive(pool)
        assert factories.texts_of(factories.claim_one(pool, agent)) == ["a", "b"]

    def test_a_model_that_others_told_of_is_not_for_it(self, pool: Pool, client: Client) -> None:
        """Its vectors could not be told apart from another model's of that name."""
        factories.make_agent(pool)
        factories.enqueue(pool, client, "a", model=MODEL)
        arrive(pool)

    @pytest.mark.parametrize("model", ["big:120b-cloud", "x:cloud", "x[vision]"])
    def test_no_worker_stands_for_a_model_that_cannot_be_on_its_pc(
        self, pool: Pool, client: Client, model: str
    ) -> None:
        arrive(pool)
        with pytest.raises(ModelNotFound):
            factories.submit(pool, client, "a", model=model)

    def test_a_plain_chat_goes_there_and_back(self, pool: Pool, client: Client) -> None:
        """Whoever else offers the model; its tokens are estimated, because a worker counts none."""
        factories.make_agent(pool, factories.description([chat_offer()]))
        arrive(pool)
        job_id = ask_chat(pool, client, HELLO)
        task = handed(pool)
        assert (task.kind, task.payload) == (
            "chat",
            {"messages": HELLO["messages"], "model": CHAT_MODEL, "temperature": 0.5, "max_tokens": None},
        )
        bring(pool, task, {"content": "Hi there, friend", "finish_reason": "length"})
        answer = report(pool, client, job_id).answer
        assert isinstance(answer, Output)
        output = orjson.loads(answer.body)
        assert (output["message"]["content"], output["done_reason"]) == ("Hi there, friend", "length")
        assert (answer.prompt_tokens, answer.completion_tokens) == (2, 5)

    def test_a_chat_with_tools_is_left_to_others(self, pool: Pool, client: Client) -> None:
        """A worker would leave the tools out; the plain chat behind it in the line is handed out."""
        factories.make_agent(pool, factories.description([chat_offer()]))
        ask_chat(pool, client, HELLO | {"tools": [TOOL]})
        arrive(pool)
        plain = ask_chat(pool, client, HELLO)
        handed(pool)
        assert report(pool, client, plain).status == "processing"
        arrive(pool)

    def test_a_paused_worker_gets_nothing(self, pool: Pool, client: Client) -> None:
        """The operator pauses all workers at once, as one agent."""
        arrive(pool)
        factories.enqueue(pool, client, "a", model=OTHER)
        agent_id = pool.roster.of_any_model()[0].agent.id
        pool.database.write(lambda connection: connection.exec_driver_sql("UPDATE agents SET paused_at = 1"))
        pool.roster.refresh(agent_id)
        arrive(pool)


class TestBeingThere:
    """All workers are one agent, which is online while one of them calls."""

    def test_they_are_one_agent_that_the_operator_sees(self, pool: Pool) -> None:
        arrive(pool)
        arrive(pool)
        with pool.database.read() as connection:
            (record,) = agent_records.records(connection)
        assert (record.protocol, record.display_name) == ("llmequeue", "LLMeQueue workers")
        assert orjson.loads(record.capabilities) == ["embed.*", "llm.*"]

    def test_it_is_the_same_agent_after_a_restart(self, tmp_path: Path, clock: SetClock) -> None:
        ids = []
        for _ in range(2):
            pool = factories.open_test_pool(make_settings(tmp_path), clock)
            arrive(pool)
            ids.append(pool.roster.of_any_model()[0].agent.id)
            pool.database.close()
            clock.advance(3600)
        assert ids[0] == ids[1]

    def test_a_model_that_nobody_offers_is_accepted_while_a_worker_is_there(
        self, pool: Pool, client: Client, clock: SetClock
    ) -> None:
        """Also of an SDK, for 90 s after a worker called; then nobody ever offered it."""
        with pytest.raises(ModelNotFound):
            embed_for_sdk(pool, client)
        arrive(pool)
        clock.advance(90)
        embed_for_sdk(pool, client)
        ask_chat(pool, client, HELLO, sdk=True)
        clock.advance(1)
        with pytest.raises(ModelNotFound):
            embed_for_sdk(pool, client, "another")
        with pytest.raises(ModelNotFound):
            ask_chat(pool, client, HELLO, sdk=True)

    def test_a_model_that_a_worker_has_computed_is_known(self, pool: Pool, client: Client, clock: SetClock) -> None:
        """With no worker there an SDK hears that nobody is online, and another client may wait."""
        arrive(pool)
        factories.enqueue(pool, client, "b", model=OTHER)
        bring(pool, handed(pool), vector_of("b").tolist())
        clock.advance(91)
        with pytest.raises(NoWorkersAvailable):
            embed_for_sdk(pool, client)
        factories.enqueue(pool, client, "c", model=OTHER)
        assert handed(pool).payload["text"] == "c"

    def test_it_does_not_count_for_what_it_cannot_do(self, pool: Pool, client: Client, clock: SetClock) -> None:
        """A chat with tools is refused at once: not known without another agent, nobody there once that is gone."""
        arrive(pool)
        with pytest.raises(ModelNotFound):
            ask_chat(pool, client, HELLO | {"tools": [TOOL]}, sdk=True)
        factories.make_agent(pool, factories.description([chat_offer()]))
        clock.advance(91)
        arrive(pool)
        with pytest.raises(NoWorkersAvailable):
            ask_chat(pool, client, HELLO | {"tools": [TOOL]}, sdk=True)

    def test_an_agent_does_not_wait_for_it_with_such_work(self, pool: Pool, client: Client, clock: SetClock) -> None:
        """The only agent that could answer a chat with tools failed once: it gets it again, worker or no worker."""
        agent = factories.make_agent(pool, factories.description([chat_offer()]))
        arrive(pool)
        ask_chat(pool, client, HELLO | {"tools": [TOOL]})
        lease = factories.claim_one(pool, agent)
        factories.take_turn(pool, agent, factories.error_report(lease), most=0)
        clock.advance(1)
        assert factories.claim_one(pool, agent).task_id == lease.task_id

    def test_its_word_is_not_waited_for_about_such_work(self, pool: Pool, client: Client) -> None:
        """The only agent that could answer says that the chat is wrong: that ends it, with a worker online or not."""
        agent = factories.make_agent(pool, factories.description([chat_offer()]))
        arrive(pool)
        job_id = ask_chat(pool, client, HELLO | {"tools": [TOOL]})
        lease = factories.claim_one(pool, agent)
        factories.take_turn(pool, agent, factories.error_report(lease, "input_invalid"), most=0)
        assert report(pool, client, job_id).status == "failed"


class TestTheLease:
    """A worker says nothing until it is done, so it has 150 s for it."""

    def test_it_lapses_after_150_seconds(self, pool: Pool, client: Client, clock: SetClock) -> None:
        """Not before; then the task waits again, and the late result is refused."""
        arrive(pool)
        job_id = factories.enqueue(pool, client, "a", model=OTHER)
        task = handed(pool)
        clock.advance(150)
        assert sweeper.reclaim(pool, clock.now()) == 0
        assert report(pool, client, job_id).status == "processing"
        clock.advance(LAPSED_SECONDS - 150)
        assert sweeper.reclaim(pool, clock.now()) == 1
        assert report(pool, client, job_id).status == "pending"
        with pytest.raises(InvalidRequest, match="not being processed"):
            bring(pool, task, vector_of("a").tolist())
        assert handed(pool) == task
        bring(pool, task, vector_of("a").tolist())
        assert report(pool, client, job_id).status == "completed"

    def test_a_result_that_is_late_is_taken_while_nobody_took_the_task(
        self, pool: Pool, client: Client, clock: SetClock
    ) -> None:
        arrive(pool)
        job_id = factories.enqueue(pool, client, "a", model=OTHER)
        task = handed(pool)
        clock.advance(LAPSED_SECONDS)
        bring(pool, task, vector_of("a").tolist())
        assert report(pool, client, job_id).status == "completed"


class TestBringing:
    """What a worker brings is checked like any other agent's result."""

    @pytest.mark.parametrize(
        "wrong",
        [
            None,
            "text",
            7,
            [],
            {},
            [[0.1] * DIMENSIONS],
            [0.0] * DIMENSIONS,
            [True] * DIMENSIONS,
            ["1"] * DIMENSIONS,
            [None] * DIMENSIONS,
            [1.0] * (DIMENSIONS - 1),
            [10**400, *[0.1] * (DIMENSIONS - 1)],
        ],
    )
    def test_a_wrong_vector_is_refused_and_computed_again(self, pool: Pool, client: Client, wrong: object) -> None:
        """The task waits again at once; the class is not touched."""
        arrive(pool)
        factories.enqueue(pool, client, "first", model=OTHER)
        bring(pool, handed(pool), vector_of("first").tolist())
        factories.enqueue(pool, client, "a", model=OTHER)
        task = handed(pool)
        with pytest.raises(InvalidRequest):
            bring(pool, task, wrong)
        assert handed(pool) == task
        learned = pool.catalogue.find(OTHER)
        assert learned is not None and learned.dimensions == DIMENSIONS

    def test_a_vector_of_another_length_is_brought_to_one(self, pool: Pool, client: Client) -> None:
        """Ollama's older route does not do it."""
        arrive(pool)
        collection = factories.submit(pool, client, "a", model=OTHER)
        bring(pool, handed(pool), [3, 0, 0, 4, 0, 0, 0, 0])
        assert factories.collect(pool, client, collection).tolist() == [
            pytest.approx([0.6, 0, 0, 0.8, 0, 0, 0, 0], abs=1e-7)
        ]

    @pytest.mark.parametrize("wrong", [None, "Hi", {}, {"content": None}, {"content": 3, "finish_reason": "stop"}])
    def test_a_wrong_answer_to_a_chat_goes_to_somebody_else(self, pool: Pool, client: Client, wrong: object) -> None:
        """Not to a worker again while an agent of ours could answer it."""
        agent = factories.make_agent(pool, factories.description([chat_offer()]))
        arrive(pool)
        job_id = ask_chat(pool, client, HELLO)
        with pytest.raises(InvalidRequest, match="output"):
            bring(pool, handed(pool), wrong)
        arrive(pool)
        lease = factories.claim_one(pool, agent)
        answer = Answered(lease.lease_id, b'{"message":{"role":"assistant","content":"Hi"},"done":true}', 1, 1, 1.0)
        factories.take_turn(pool, agent, answer, most=0)
        assert report(pool, client, job_id).status == "completed"

    def test_a_failure_is_tried_elsewhere_and_then_ends_the_task(
        self, pool: Pool, client: Client, clock: SetClock
    ) -> None:
        """With nobody but workers four times in all."""
        arrive(pool)
        job_id = factories.enqueue(pool, client, "a", model=OTHER)
        for _ in range(4):
            workers.fail(pool, handed(pool).id, "no such model", pool.clock.now())
            clock.advance(60)
        found = report(pool, client, job_id)
        assert (found.status, found.error is not None and "no such model" in found.error.message) == ("failed", True)

    def test_what_nobody_is_processing_cannot_be_brought(self, pool: Pool, client: Client) -> None:
        """A task that waits, one that another agent has, one that is done, one that never was."""
        arrive(pool)
        agent = factories.make_agent(pool)
        factories.enqueue(pool, client, "theirs", model=MODEL)
        theirs = factories.claim_one(pool, agent).task_id
        factories.enqueue(pool, client, "done", model=OTHER)
        done = handed(pool)
        bring(pool, done, vector_of("done").tolist())
        for task_id in (theirs, done.id, "01ARZ3NDEKTSV4RRFFQ69G5FAV"):
            with pytest.raises(InvalidRequest, match="not being processed"):
                workers.complete(pool, task_id, vector_of("done").tolist(), pool.clock.now())
            with pytest.raises(InvalidRequest, match="not being processed"):
                workers.fail(pool, task_id, "x", pool.clock.now())


def test_capabilities_of_chats_are_found_beside_those_of_embeddings(pool: Pool, client: Client) -> None:
    """Whatever waits first is handed out first, of either family."""
    arrive(pool)
    ask_chat(pool, client, HELLO, model="m1")
    factories.enqueue(pool, client, "a", model="m2", urgent=True)
    kinds = {handed(pool).kind for _ in range(2)}
    assert kinds == {"chat", "embedding"}
    arrive(pool)
    assert pool.roster.anyone(chat_capability("any"), pool.clock.now())
