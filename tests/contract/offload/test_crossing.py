"""Crossing: OffloadMQ's tasks on our own agent, OpenAI's requests on OffloadMQ's agents, embeddings either way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.contract.offload.actors import OffloadAgent, in_background
from tests.contract.offload.conftest import NAMES, Broker
from tests.factories import vectors_of
from tests.scripted_agent import chat_offer, chat_output, offer

CHAT, EMBEDDINGS = "/v1/chat/completions?wait=30", "/v1/embeddings?wait=30"
DIGEST = "c0ffee" * 10 + "abcd"
DIMENSIONS = 8


def model_name() -> str:
    """Return a model that no other test has."""
    return f"model-{next(NAMES)}:7b"


def asked(broker: Broker, path: str, **body: Any) -> Callable[[], Any]:
    """Ask as OpenAI's clients do, in the background."""
    client = broker.live.client()
    return in_background(lambda: client.post(path, json=body))


def vectors(texts: list[str]) -> list[list[float]]:
    """Return right vectors as Ollama writes them."""
    rows: list[list[float]] = vectors_of(texts, DIMENSIONS).tolist()
    return rows


@pytest.mark.parametrize(
    "payload",
    ["Why is the sky blue?", {"messages": [{"role": "user", "content": "Hi"}], "options": {"seed": 1}, "stream": True}],
    ids=["text", "object"],
)
def test_a_chat_of_offloadmq_runs_on_our_own_agent(broker: Broker, payload: Any) -> None:
    """It gets the payload as it was sent; what it writes stands in the log, its final answer is the output."""
    model, client = model_name(), broker.client()
    agent = broker.live.agent(chat_offer(model))
    task = client.submit(f"llm.{model}", payload)
    lease = agent.claim()
    assert (lease["kind"], lease["model"], lease["payload"]) == ("chat", model, payload)
    assert client.standing(task)["status"] == "assigned"
    assert agent.tell(lease, 1, "Because ") == "held"
    assert agent.tell(lease, 2, "it is.") == "held"
    assert (client.standing(task)["status"], client.standing(task)["log"]) == ("running", "Because it is.")
    agent.answer(lease, "Because it is.")
    after = client.standing(task)
    assert (after["status"], after["log"]) == ("completed", "Because it is.")
    assert after["output"]["message"] == {"role": "assistant", "content": "Because it is."}
    assert after["output"]["done"] is True


def test_canceling_stops_our_own_agent(broker: Broker) -> None:
    """Its next sign of life is answered with lost, and its result is stale."""
    model, client = model_name(), broker.client()
    agent = broker.live.agent(chat_offer(model))
    task = client.submit(f"llm.{model}", "x")
    lease = agent.claim()
    assert client.cancel(task).json()["status"] == "cancelRequested"
    assert agent.tell(lease, 1, "x") == "lost"
    assert agent.answer(lease, "x")["outcome"] == "stale"
    assert client.standing(task)["status"] == "canceled"


def test_the_operators_log_of_a_second_try_begins_anew(broker: Broker) -> None:
    """An error of our own agent sends the chat to another; what the first one wrote is gone from the log."""
    model, client = model_name(), broker.client()
    first, second = broker.live.agent(chat_offer(model)), broker.live.agent(chat_offer(model))
    task = client.submit(f"llm.{model}", "x")
    lease = first.claim()
    first.tell(lease, 1, "Half an ans")
    first.fail(lease, "out_of_memory")
    assert (client.standing(task)["status"], client.standing(task)["log"]) == ("queued", None)
    again = second.claim()
    second.tell(again, 1, "All")
    second.answer(again, "All")
    assert (client.standing(task)["status"], client.standing(task)["log"]) == ("completed", "All")


def test_our_own_agent_runs_nothing_but_models(broker: Broker) -> None:
    """Whatever it registers: work for `shell.bash` and the like is never handed to it."""
    capability, client = broker.capability(), broker.client()
    agent = broker.live.agent(offer(), capabilities=["embed.nomic-embed-text", capability])
    task = client.submit(capability, {"command": "rm -rf /"})
    assert agent.turn(max_tasks=8)["tasks"] == []
    assert client.blocking(capability, {}).status_code == 503
    assert client.standing(task)["status"] == "queued"


def test_a_chat_of_openai_runs_on_offloadmqs_agent(broker: Broker) -> None:
    """The agent gets the messages as Ollama wants them, and its final answer is the client's."""
    model = model_name()
    agent = broker.agent(f"llm.{model}[tools;size:4Gb]")
    finish = asked(broker, CHAT, model=model, messages=[{"role": "user", "content": "Hi"}], temperature=0.5)
    taken = agent.work()
    assert taken["id"]["cap"] == f"llm.{model}"
    payload = taken["data"]["payload"]
    assert payload["messages"] == [{"role": "user", "content": "Hi"}]
    assert payload["options"]["temperature"] == 0.5
    assert taken["data"]["apiKey"] == ""
    output = {**chat_output("Hello!"), "prompt_eval_count": 5, "eval_count": 2}
    assert agent.resolve(taken["id"], output).status_code == 200
    answer = finish().json()
    assert answer["choices"][0]["message"]["content"] == "Hello!"
    assert answer["usage"]["total_tokens"] == 7


@pytest.mark.parametrize(
    "output", ["text", {}, {"message": {"content": 5}}, {"message": {"content": "x"}, "done": False}]
)
def test_an_answer_that_is_none_is_refused_and_tried_elsewhere(broker: Broker, output: Any) -> None:
    """400 for the agent; another one answers, and the client never hears of it."""
    model = model_name()
    bad, good = (broker.agent(f"llm.{model}") for _ in range(2))
    finish = asked(broker, CHAT, model=model, messages=[{"role": "user", "content": "Hi"}])
    task = bad.work()["id"]
    assert bad.resolve(task, output).status_code == 400
    assert good.work()["id"] == task
    good.resolve(task, chat_output("Right."))
    assert finish().json()["choices"][0]["message"]["content"] == "Right."


def test_a_failure_at_an_openai_chat_is_tried_elsewhere(broker: Broker) -> None:
    """Here the client expects an answer, not an agent's failure."""
    model = model_name()
    bad, good = (broker.agent(f"llm.{model}") for _ in range(2))
    finish = asked(broker, CHAT, model=model, messages=[{"role": "user", "content": "Hi"}])
    task = bad.work()["id"]
    assert bad.resolve(task, failure=["CUDA error", 1]).status_code == 200
    assert good.work()["id"] == task
    good.resolve(task, chat_output("Right."))
    assert finish().json()["choices"][0]["message"]["content"] == "Right."


@pytest.mark.parametrize(
    ("payload", "texts"),
    [
        ("one text", ["one text"]),
        (["a", "b"], ["a", "b"]),
        ({"input": ["a", "b"]}, ["a", "b"]),
        ({"texts": ["a"]}, ["a"]),
        ({"text": "a", "model": "ignored"}, ["a"]),
        ({"prompt": "a"}, ["a"]),
        ([f"text {number}" for number in range(70)], [f"text {number}" for number in range(70)]),
    ],
    ids=["text", "list", "input", "texts", "text field", "prompt", "many"],
)
def test_embeddings_of_offloadmq_run_on_our_own_agent(broker: Broker, payload: Any, texts: list[str]) -> None:
    """One id for the client, however many tasks it takes; the output has a vector for each text, in order."""
    model, client = model_name(), broker.client()
    agent = broker.live.agent(offer(model))
    task = client.submit(f"embed.{model}", payload)
    assert task["cap"] == f"embed.{model}"
    while leases := agent.turn(max_tasks=1)["tasks"]:
        assert client.standing(task)["status"] == "assigned"
        agent.report(agent.result(leases[0]))
    after = client.standing(task)
    assert (after["status"], after["output"]["model"]) == ("completed", model)
    assert after["output"]["prompt_eval_count"] > 0
    assert np.array_equal(np.array(after["output"]["embeddings"], dtype="<f4"), vectors_of(texts, DIMENSIONS))


@pytest.mark.parametrize("payload", [None, 5, [], {}, {"input": []}, ["a", 5], {"input": "a", "truncate": 5}])
def test_a_payload_that_is_no_text_is_refused(broker: Broker, payload: Any) -> None:
    """400, at once."""
    model = model_name()
    broker.live.agent(offer(model))
    body = {"capability": f"embed.{model}", "payload": payload}
    assert broker.client().post("/api/task/submit", body).status_code == 400


def test_an_urgent_embedding_answers_with_its_vectors(broker: Broker) -> None:
    """Blocking works for embeddings too."""
    model, client = model_name(), broker.client()
    agent = broker.live.agent(offer(model))
    finish = in_background(lambda: client.blocking(f"embed.{model}", "x"))
    agent.report(agent.result(agent.claim()))
    answer = finish().json()
    assert (answer["status"], answer["agentId"], answer["data"]["payload"]) == ("completed", agent.id, "x")
    assert len(answer["result"]["embeddings"][0]) == DIMENSIONS


def embedding_agent(broker: Broker, model: str) -> OffloadAgent:
    """Return an agent that tells which class its vectors are of."""
    return broker.agent(f"embed.{model}[digest:{DIGEST};dimensions:{DIMENSIONS}]")


def test_embeddings_of_openai_run_on_offloadmqs_agent(broker: Broker) -> None:
    """It gets the body of Ollama's `/api/embed`, and its vectors are the client's."""
    model = model_name()
    agent = embedding_agent(broker, model)
    finish = asked(broker, EMBEDDINGS, model=model, input=["a", "b"])
    taken = agent.work()
    assert taken["data"]["payload"] == {"model": model, "input": ["a", "b"], "truncate": False}
    assert agent.resolve(taken["id"], {"embeddings": vectors(["a", "b"]), "prompt_eval_count": 4}).status_code == 200
    answer = finish()
    assert answer.status_code == 200, answer.text
    rows = np.array([one["embedding"] for one in answer.json()["data"]], dtype="<f4")
    assert np.array_equal(rows, vectors_of(["a", "b"], DIMENSIONS))
    assert answer.json()["usage"]["prompt_tokens"] == 4
    assert answer.headers["x-embedpool-model-digest"] == f"{model}@{DIGEST}"


@pytest.mark.parametrize(
    "output",
    [
        None,
        {},
        {"embeddings": []},
        {"embeddings": [[1.0] + [0.0] * 7]},
        {"embeddings": [[1.0] * 8] * 2},
        {"embeddings": [[0.0] * 8] * 2},
        {"embeddings": [[1e300] + [0.0] * 7] * 2},
        {"embeddings": [["1.0"] + [0.0] * 7] * 2},
        {"embeddings": [[1.0, 0.0], [1.0]]},
        {"embeddings": [[1.0, 0.0]] * 2},
        {"embeddings": [[1.0] + [0.0] * 7] * 2, "prompt_eval_count": -1},
        {"embeddings": [[1.0] + [0.0] * 7] * 2},
    ],
    ids=[
        "none",
        "empty",
        "no rows",
        "too few",
        "too long",
        "zero",
        "huge",
        "words",
        "ragged",
        "short",
        "count",
        "same",
    ],
)
def test_wrong_vectors_are_refused_and_computed_elsewhere(broker: Broker, output: Any) -> None:
    """400 for the agent; the text goes to another one."""
    model = model_name()
    bad, good = embedding_agent(broker, model), embedding_agent(broker, model)
    finish = asked(broker, EMBEDDINGS, model=model, input=["the cat", "a dog"])
    task = bad.work()["id"]
    assert bad.resolve(task, output).status_code == 400
    assert good.work()["id"] == task
    good.resolve(task, {"embeddings": vectors(["the cat", "a dog"])})
    assert finish().status_code == 200


def test_a_model_of_another_digest_gets_no_work(broker: Broker) -> None:
    """The pool's class is the first one told; an OffloadMQ agent with another digest is not shown its tasks."""
    model, client = model_name(), broker.client()
    embedding_agent(broker, model)
    other = broker.agent(f"embed.{model}[digest:{'0' * 64};dimensions:{DIMENSIONS}]")
    client.submit(f"embed.{model}", "x")
    assert other.poll() is None
