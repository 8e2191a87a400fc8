"""Clients and workers of different systems meet in one queue."""

from __future__ import annotations

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.contract.llmequeue.conftest import Queue
from tests.factories import DIMENSIONS, MODEL, vector_of, vectors_of
from tests.scripted_agent import CHAT_MODEL, chat_offer, offer

OTHER = "nobody-told-of-it"


def openai_client(queue: Queue) -> openai.OpenAI:
    """An official client with a key of its own; it asks once."""
    return openai.OpenAI(base_url=f"{queue.live.url}/v1", api_key=queue.live.issue_key(), max_retries=0, timeout=60)


def test_an_openai_client_is_served_by_a_worker(queue: Queue) -> None:
    """Also with many texts, which the worker gets one by one; the vectors have length 1 and come in order."""
    texts = [f"text {n}" for n in range(40)]
    worker = queue.worker()
    worker.next()
    with worker, openai_client(queue) as client:
        one = client.embeddings.create(model=OTHER, input="alone")
        many = client.embeddings.create(model=OTHER, input=texts)
    assert one.data[0].embedding == pytest.approx(vector_of("alone").tolist(), abs=1e-6)
    assert one.usage.prompt_tokens == 2
    assert [entry.embedding for entry in many.data] == [
        pytest.approx(row, abs=1e-6) for row in vectors_of(texts).tolist()
    ]
    assert worker.payloads == [{"text": text, "model": OTHER} for text in ("alone", *texts)]


def test_an_openai_client_chats_with_a_worker(queue: Queue) -> None:
    """Whole, and streamed: a worker writes nothing before it is done, then all comes at once."""
    worker = queue.worker()
    worker.next()
    with worker, openai_client(queue) as client:
        hello: ChatCompletionMessageParam = {"role": "user", "content": "Hello"}
        whole = client.chat.completions.create(model=CHAT_MODEL, messages=[hello])
        stream = client.chat.completions.create(model=CHAT_MODEL, messages=[hello], stream=True)
        streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert whole.choices[0].message.content == streamed == "You said: Hello"
    assert whole.choices[0].finish_reason == "stop"
    assert whole.usage is not None and whole.usage.completion_tokens > 0


def test_an_openai_client_is_told_when_no_worker_is_there(queue: Queue) -> None:
    """404 for a model that nobody ever offered."""
    with openai_client(queue) as client, pytest.raises(openai.NotFoundError):
        client.embeddings.create(model=OTHER, input="alone")


def test_later_requests_use_the_class(queue: Queue) -> None:
    """The model is listed with what was learned of it; what was computed once comes from the cache."""
    worker = queue.worker()
    worker.next()
    with openai_client(queue) as client:
        with worker:
            client.embeddings.create(model=OTHER, input="once")
        again = client.embeddings.with_raw_response.create(model=OTHER, input="once")
        listed = {model.id: model for model in client.models.list()}
        assert again.headers["x-embedpool-cached"] == "1"
        assert again.headers["x-embedpool-model-digest"] == f"{OTHER}@unverified"
        described = listed[OTHER].model_dump()["embedpool"]
        assert (described["digest"], described["dimensions"]) == (None, DIMENSIONS)
        with pytest.raises(openai.BadRequestError, match="dimensions"):
            client.embeddings.create(model=OTHER, input="other", dimensions=DIMENSIONS + 1)


def test_more_dimensions_than_there_turn_out_to_be(queue: Queue) -> None:
    """Nobody knew before the first result: its client gets a 400 that names the parameter, not a 500."""
    worker = queue.worker()
    worker.next()
    with worker, openai_client(queue) as client, pytest.raises(openai.BadRequestError, match="dimensions"):
        client.embeddings.create(model=OTHER, input="alone", dimensions=DIMENSIONS + 1)


def test_a_client_of_llmequeue_is_served_by_our_agent(queue: Queue) -> None:
    """Answered at once, or with an id that is fetched later."""
    client = queue.client()
    with queue.live.agent(offer(), chat_offer()):
        assert client.embed("now", MODEL) == pytest.approx(vector_of("now").tolist())
        assert client.embed("later", MODEL, wait=0) == pytest.approx(vector_of("later").tolist())
        assert client.chat("now", CHAT_MODEL) == "You said: now"
        assert client.chat("later", CHAT_MODEL, wait=0) == "You said: later"


def test_a_client_of_llmequeue_is_served_by_its_worker(queue: Queue) -> None:
    """As in the system that both come from."""
    client, worker = queue.client(), queue.worker()
    worker.next()
    with worker:
        assert client.embed("now", OTHER) == pytest.approx(vector_of("now").tolist(), abs=1e-6)
        assert client.embed("later", OTHER, wait=0) == pytest.approx(vector_of("later").tolist(), abs=1e-6)
        assert client.chat("now", CHAT_MODEL) == "You said: now"
        assert client.chat("later", CHAT_MODEL, wait=0) == "You said: later"
    assert set(worker.answers) == {200}


def test_our_agent_and_a_worker_share_the_chats(queue: Queue) -> None:
    """Each takes what it may; together they answer all."""
    client, worker = queue.client(), queue.worker()
    worker.next()
    with worker, queue.live.agent(offer(), chat_offer()):
        answers = [client.chat(f"question {n}", CHAT_MODEL) for n in range(10)]
    assert answers == [f"You said: question {n}" for n in range(10)]
