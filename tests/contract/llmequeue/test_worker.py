"""`/worker` as LLMeQueue's workers use it: its bodies, its statuses, its errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.llmequeue.conftest import TOKEN, Queue
from tests.contract.llmequeue.programs import Client, Worker
from tests.factories import DIMENSIONS, MODEL, vector_of
from tests.live_pool import live_pool
from tests.scripted_agent import CHAT_MODEL, chat_offer

OTHER = "nobody-told-of-it"
ROUTES = ("next", "complete/01ARZ3NDEKTSV4RRFFQ69G5FAV", "fail/01ARZ3NDEKTSV4RRFFQ69G5FAV")


def ask(client: Client, text: str, model: str = OTHER) -> str:
    """Ask for a vector without waiting; returns the task's id."""
    answer = client.http.post("/v1/embeddings", params={"wait": 0}, json={"input": text, "model": model})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def ask_chat(client: Client, **fields: Any) -> str:
    body = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Hello"}], **fields}
    answer = client.http.post("/v1/chat/completions", params={"wait": 0}, json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def refused(answer: httpx.Response, status: int = 400) -> str:
    """Insist on an error in LLMeQueue's shape; returns its words."""
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["detail"]
    return str(answer.json()["detail"])


def test_with_nothing_to_do_it_is_told_at_once(queue: Queue) -> None:
    """200 and null, with a body or without one."""
    worker = queue.worker()
    for body in (None, {}, {"worker_id": "w1"}):
        answer = worker.post("next", body)
        assert (answer.status_code, answer.json()) == (200, {"task": None})


def test_an_embedding_in_llmequeues_words(queue: Queue) -> None:
    """Every body from the task to the result, as the page has them."""
    worker, client = queue.worker(), queue.client()
    worker.next()
    task_id = ask(client, "a")
    assert client.look(task_id)["status"] == "pending"
    task = worker.next()
    assert task is not None
    assert (list(task), task["task_type"]) == (["id", "task_type", "payload"], "embedding")
    assert task["payload"] == {"text": "a", "model": OTHER}
    assert client.look(task_id)["status"] == "processing"
    answer = worker.post(f"complete/{task['id']}", {"result": vector_of("a").tolist()})
    assert (answer.status_code, answer.json()) == (200, {"status": "completed"})
    found = client.look(task_id)
    assert (found["status"], found["task_type"], found["error"]) == ("completed", "embedding", None)
    assert found["result"] == pytest.approx(vector_of("a").tolist())


def test_a_chat_in_llmequeues_words(queue: Queue) -> None:
    """The client fetches content and finish_reason."""
    worker, client = queue.worker(), queue.client()
    worker.next()
    task_id = ask_chat(client, temperature=0.2, max_tokens=50)
    task = worker.next()
    assert task is not None
    assert task["task_type"] == "chat"
    assert task["payload"] == {
        "messages": [{"role": "user", "content": "Hello"}],
        "model": CHAT_MODEL,
        "temperature": 0.2,
        "max_tokens": 50,
    }
    worker.post(f"complete/{task['id']}", {"result": {"content": "Hi!", "finish_reason": "length"}})
    found = client.look(task_id)
    assert (found["task_type"], found["result"]) == ("chat", {"content": "Hi!", "finish_reason": "length"})


def test_a_failure_is_taken(queue: Queue) -> None:
    """The task is handed out again; a reason is not even needed."""
    worker, client = queue.worker(), queue.client()
    worker.next()
    task_id = ask(client, "a")
    task = worker.next()
    assert task is not None
    answer = worker.post(f"fail/{task['id']}", {"error": "Ollama is not running"})
    assert (answer.status_code, answer.json()) == (200, {"status": "failed"})
    assert client.look(task_id)["status"] == "pending"
    again = worker.next()
    assert again == task
    assert worker.post(f"fail/{task['id']}").json() == {"status": "failed"}


def test_what_it_is_not_processing_it_cannot_end(queue: Queue) -> None:
    """400, for a task that waits, for one that is done, and for one that never was."""
    worker, client = queue.worker(), queue.client()
    worker.next()
    ask(client, "a")
    task = worker.next()
    assert task is not None
    right = {"result": vector_of("a").tolist()}
    worker.post(f"complete/{task['id']}", right)
    for task_id in (task["id"], "01ARZ3NDEKTSV4RRFFQ69G5FAV", "x" * 3000, "%00"):
        assert refused(worker.post(f"complete/{task_id}", right)) == "Task is not being processed"
        assert refused(worker.post(f"fail/{task_id}", {"error": "x"})) == "Task is not being processed"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"nonsense",
        b'{"result": null}',
        b'{"result": "a text"}',
        b'{"result": {"embedding": [1]}}',
        b'{"result": [NaN, 1, 1, 1, 1, 1, 1, 1]}',
        b'{"result": [1e999, 1, 1, 1, 1, 1, 1, 1]}',
        b'{"result": ["1", 1, 1, 1, 1, 1, 1, 1]}',
        b'{"result": [0, 0, 0, 0, 0, 0, 0, 0]}',
        b'{"result": [1, 1, 1]}',
        b'{"result": [[1, 1, 1, 1, 1, 1, 1, 1]]}',
    ],
)
def test_a_wrong_result_is_refused_and_handed_out_again(queue: Queue, content: bytes) -> None:
    """400 that says what is wrong; nobody waits 150 s for another try."""
    worker, client = queue.worker(), queue.client()
    worker.next()
    ask(client, "first")
    first = worker.next()
    assert first is not None
    assert worker.work(first).status_code == 200
    task_id = ask(client, "a")
    task = worker.next()
    assert task is not None
    assert refused(worker.post(f"complete/{task['id']}", content=content))
    assert client.look(task_id)["status"] == "pending"
    again = worker.next()
    assert again == task
    assert worker.work(again).status_code == 200
    assert client.fetch(task_id) == pytest.approx(vector_of("a").tolist())


def test_a_wrong_answer_to_a_chat_is_given_to_our_agent(queue: Queue) -> None:
    """The worker does not get it again; the client gets our agent's answer."""
    worker, client, agent = queue.worker(), queue.client(), queue.live.agent(chat_offer())
    worker.next()
    task_id = ask_chat(client)
    task = worker.next()
    assert task is not None
    assert "content" in refused(worker.post(f"complete/{task['id']}", {"result": {"content": 3}}))
    assert worker.next() is None
    agent.answer(agent.claim(), "Hi!")
    assert client.fetch(task_id) == {"content": "Hi!", "finish_reason": "stop"}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"X-API-Key": TOKEN}])
def test_workers_show_the_token(queue: Queue, route: str, headers: dict[str, str]) -> None:
    """401 without it, as LLMeQueue has it; a client key is not one."""
    caller = queue.live.caller(headers)
    assert refused(caller.post(f"/worker/{route}"), 401)
    keyed = queue.live.client()
    assert refused(keyed.post(f"/worker/{route}"), 401)


@pytest.mark.parametrize("route", ROUTES)
def test_without_a_token_there_are_no_workers(tmp_path: Path, route: str) -> None:
    """403 for everybody, with whatever header, while the operator has not set AUTH_TOKEN."""
    with live_pool(tmp_path) as live:
        for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}):
            assert "AUTH_TOKEN" in refused(live.caller(headers).post(f"/worker/{route}"), 403)
        assert refused(live.client().post(f"/worker/{route}"), 403)


def test_other_paths_and_methods_are_refused_in_its_shape(queue: Queue) -> None:
    caller = queue.live.caller({"Authorization": f"Bearer {TOKEN}"})
    refused(caller.post("/worker/nonsense"), 404)
    refused(caller.get("/worker/next"), 405)
    refused(caller.get("/tasks/01ARZ3NDEKTSV4RRFFQ69G5FAV"), 404)


def test_it_may_ask_whether_the_server_lives(queue: Queue) -> None:
    """Without a token."""
    answer = queue.live.caller().get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_the_operator_sees_the_workers_as_one_agent(queue: Queue) -> None:
    """It takes part in the statistics like any other."""
    workers: list[Worker] = [queue.worker(), queue.worker()]
    client = queue.client()
    for worker in workers:
        worker.next()
    for text, worker in zip(("a", "b"), workers, strict=True):
        ask(client, text)
        task = worker.next()
        assert task is not None
        worker.work(task)
    (agent,) = queue.live.operator().get("/management/agents/list").json()
    assert (agent["displayName"], agent["connected"], agent["tasksCompleted"]) == ("LLMeQueue workers", True, 2)


def test_two_workers_never_get_the_same_task(queue: Queue) -> None:
    """Although they are one agent."""
    workers = [queue.worker(), queue.worker()]
    client = queue.client()
    workers[0].next()
    for text in ("a", "b"):
        ask(client, text)
    tasks = [worker.next() for worker in workers]
    assert {task["payload"]["text"] for task in tasks if task} == {"a", "b"}


def test_a_model_of_our_agents_is_not_handed_out(queue: Queue) -> None:
    """The worker does not tell which model it has under that name; a vector is DIMENSIONS long in both."""
    agent, worker, client = queue.live.agent(), queue.worker(), queue.client()
    worker.next()
    task_id = ask(client, "a", MODEL)
    assert worker.next() is None
    agent.report(agent.result(agent.claim()))
    assert len(client.fetch(task_id)) == DIMENSIONS
