"""`/tasks`: how a client that did not wait fetches its answer, as LLMeQueue's clients do."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.factories import MODEL, vector_of, vectors_of
from tests.live_pool import EMBEDDINGS
from tests.server.web.conftest import Start, Steady

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def submit(client: httpx.Client, value: Any = "a") -> str:
    """Ask for embeddings without waiting; returns where the answer will be."""
    answer = client.post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": value})
    assert answer.status_code == 202, answer.text
    return str(answer.headers["location"])


def test_a_task_goes_from_pending_over_processing_to_completed(start: Start) -> None:
    """Each look tells how it stands, in LLMeQueue's fields; the result comes with the last."""
    live = start()
    agent, client = live.agent(), live.client()
    place = submit(client)
    pending = client.get(place).json()
    assert list(pending) == ["id", "task_type", "status", "result", "error", "created_at", "updated_at"]
    assert pending["id"] == place.rpartition("/")[2]
    assert (pending["task_type"], pending["status"]) == ("embedding", "pending")
    assert (pending["result"], pending["error"]) == (None, None)
    assert all(re.fullmatch(TIME, pending[name]) for name in ("created_at", "updated_at"))

    task = agent.claim()
    assert client.get(place).json()["status"] == "processing"
    agent.report(agent.result(task))

    completed = client.get(place).json()
    assert completed["status"] == "completed"
    assert completed["result"] == pytest.approx(vector_of("a").tolist())
    assert completed["updated_at"] >= completed["created_at"]
    assert client.get(f"{place}/result").json() == {"id": completed["id"], "result": completed["result"]}
    assert client.get(place).json() == completed, "an answer may be fetched more than once"


def test_one_input_is_one_vector_and_several_are_a_list(start: Start) -> None:
    """LLMeQueue's result of one text is its vector; several texts' vectors come in order."""
    live = start()
    client = live.client()
    texts = [f"text {n}" for n in range(40)]
    with live.agent():
        one, several = submit(client, "alone"), submit(client, texts)
        answers = [client.post(EMBEDDINGS, json={"model": MODEL, "input": value}) for value in ("alone", texts)]
        assert {answer.status_code for answer in answers} == {200}
    assert client.get(f"{one}/result").json()["result"] == pytest.approx(vector_of("alone").tolist())
    found = client.get(f"{several}/result").json()["result"]
    assert found == [pytest.approx(row) for row in vectors_of(texts).tolist()]


def test_what_the_cache_had_is_in_the_result_too(start: Start) -> None:
    """A task that was answered in part from the cache gives the whole answer later."""
    live = start()
    client = live.client()
    agent = live.agent()
    agent_task = submit(client, ["known"])
    agent.report(agent.result(agent.claim()))
    assert client.get(agent_task).json()["status"] == "completed"
    place = submit(client, ["new", "known", "newer"])
    agent.report(agent.result(agent.claim()))
    assert agent.texts == ["known", "new", "newer"]
    assert client.get(place).json()["result"] == [
        pytest.approx(row) for row in vectors_of(["new", "known", "newer"]).tolist()
    ]


def test_the_result_of_unfinished_work_is_refused_in_llmequeues_words(start: Start) -> None:
    """400 with `detail`, naming the status."""
    live = start()
    agent, client = live.agent(), live.client()
    place = submit(client)
    for status in ("pending", "processing"):
        answer = client.get(f"{place}/result")
        assert answer.status_code == 400
        assert answer.json() == {"detail": f"Task is not completed (status: {status})"}
        agent.turn(max_tasks=1)


def test_failed_work_is_failed_with_its_reason(start: Start) -> None:
    """The status is `failed`, the error says why, and there is no result to fetch."""
    live = start()
    agents, client = [live.agent() for _ in range(3)], live.client()
    place = submit(client)
    for agent in agents:
        agent.fail(agent.claim(), "engine_error")
    body = client.get(place).json()
    assert (body["status"], body["result"]) == ("failed", None)
    assert "It broke: engine_error." in body["error"]
    refused = client.get(f"{place}/result")
    assert (refused.status_code, refused.json()["detail"]) == (400, "Task is not completed (status: failed)")


@pytest.mark.parametrize("suffix", ["", "/result"])
def test_another_keys_task_does_not_exist(steady: Steady, suffix: str) -> None:
    """404 for it, as for one that never was: an id tells nothing to anybody else."""
    mine = steady.client
    job = mine.post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": f"private {suffix}"}).json()["id"]
    assert mine.get(f"/tasks/{job}").status_code == 200
    foreign = steady.live.client().get(f"/tasks/{job}{suffix}")
    missing = steady.live.client().get(f"/tasks/01ARZ3NDEKTSV4RRFFQ69G5FAV{suffix}")
    assert foreign.status_code == missing.status_code == 404
    assert list(foreign.json()) == list(missing.json()) == ["detail"]
    assert foreign.json()["detail"].replace(job, "ID") == missing.json()["detail"].replace(
        "01ARZ3NDEKTSV4RRFFQ69G5FAV", "ID"
    )


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "wrong"}, {"Authorization": "Bearer wrong"}])
def test_a_task_is_not_shown_without_a_key(steady: Steady, headers: dict[str, str]) -> None:
    """401 in LLMeQueue's shape."""
    answer = steady.live.caller(headers).get("/tasks/01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert answer.status_code == 401
    assert list(answer.json()) == ["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("job_id", ["%00", "x" * 5000, "a%0d%0ab", "%F0%9F%92%A9", "' OR 1=1 --"])
def test_any_nonsense_for_an_id_is_not_found(steady: Steady, job_id: str) -> None:
    """404, whatever it is, and nothing of it becomes a header."""
    answer = steady.client.get(f"/tasks/{job_id}")
    assert answer.status_code == 404
    assert list(answer.json()) == ["detail"]
