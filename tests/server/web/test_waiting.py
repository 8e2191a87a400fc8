"""How long a client is kept, what it gets when that is over, and that the work goes on meanwhile."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import orjson
import pytest

from tests import raw_http
from tests.factories import MODEL, vector_of
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import ScriptedAgent
from tests.server.web.conftest import Start, wait_until

#: What an official SDK sends that gives up after a second.
HURRIED_SDK = {"x-stainless-lang": "python", "x-stainless-read-timeout": "1"}
#: One that waits as long as the server likes.
PATIENT_SDK = {"x-stainless-lang": "python", "x-stainless-read-timeout": "600"}


def embed(client: httpx.Client, value: Any = "a", path: str = EMBEDDINGS, **headers: str) -> httpx.Response:
    """Ask for embeddings."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return client.post(path, json={"model": MODEL, "input": value}, headers=named)


def waiting(live: LivePool) -> int:
    """How many clients wait now."""
    return live.pool.jobs.gate.in_use


def test_an_sdk_is_answered_before_its_deadline_and_its_retry_joins_the_job(start: Start) -> None:
    """504 with when to come back, in both headers; the same request then gets the answer of the same work."""
    live = start()
    agent, client = live.agent(), live.client(**HURRIED_SDK)
    late = embed(client)
    assert late.status_code == 504
    assert late.headers["retry-after-ms"] == "500"
    assert late.headers["retry-after"] == "1"
    assert "x-should-retry" not in late.headers
    assert (late.json()["error"]["type"], late.json()["error"]["code"]) == ("server_error", "deadline_exceeded")
    assert agent.report(agent.result(agent.claim()))["outcome"] == "accepted"
    again = embed(client, **{"x_stainless_retry_count": "1"})
    assert again.status_code == 200
    assert again.json()["data"][0]["embedding"] == pytest.approx(vector_of("a").tolist())
    assert (agent.texts, live.rows()["jobs"]) == (["a"], 1)


def test_a_retry_joins_the_job_that_is_still_being_computed(start: Start) -> None:
    """The second of two requests waits for the same task as the first, which gave up."""
    live = start()
    agent, client = live.agent(), live.client(**HURRIED_SDK)
    assert embed(client).status_code == 504
    task = agent.claim()
    with ThreadPoolExecutor(1) as threads:
        again = threads.submit(embed, client, x_stainless_read_timeout="600")
        wait_until(lambda: waiting(live) == 1)
        agent.report(agent.result(task))
        assert again.result().status_code == 200
    assert live.rows()["tasks"] == 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"{EMBEDDINGS}?wait=0", {}),
        (f"{EMBEDDINGS}?wait=0.2", {}),
        (EMBEDDINGS, {"Prefer": "wait=0"}),
        (EMBEDDINGS, {"Prefer": "respond-async, wait=0"}),
        (f"{EMBEDDINGS}?wait=0", {"Prefer": "wait=30"}),
    ],
)
def test_any_other_client_is_told_where_the_answer_will_be(start: Start, path: str, headers: dict[str, str]) -> None:
    """202 with the id and the place, as LLMeQueue does, after as long as the client wanted to wait."""
    live = start()
    live.agent()
    answer = embed(live.client(), path=path, **headers)
    assert answer.status_code == 202
    body = answer.json()
    assert body == {"id": body["id"], "status": "pending"}
    assert answer.headers["location"] == f"/tasks/{body['id']}"
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("path", [EMBEDDINGS, f"{EMBEDDINGS}?wait=nonsense", f"{EMBEDDINGS}?wait=-1"])
def test_who_says_nothing_waits_the_default_time(start: Start, path: str) -> None:
    """DEFAULT_WAIT rules where the client says nothing, or nothing that makes sense."""
    live = start(default_wait=0)
    live.agent()
    assert embed(live.client(), path=path).status_code == 202


@pytest.mark.parametrize(("path", "prefer"), [(f"{EMBEDDINGS}?wait=30", ""), (EMBEDDINGS, "wait=30")])
def test_who_waits_is_answered_as_soon_as_the_work_is_done(start: Start, path: str, prefer: str) -> None:
    """The wait ends with the answer, not with the time."""
    live = start(default_wait=0)
    with live.agent():
        answer = embed(live.client(), path=path, Prefer=prefer)
    assert answer.status_code == 200


def test_two_equal_requests_in_flight_are_one_job(start: Start) -> None:
    """Both get the answer, in the form that each wants; it was computed once."""
    live = start()
    agent, client = live.agent(), live.client()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(embed, client, ["a", "b"])
        task = agent.claim()
        body = {"model": MODEL, "input": ["a", "b"], "encoding_format": "base64", "dimensions": 4}
        second = threads.submit(client.post, EMBEDDINGS, json=body)
        wait_until(lambda: waiting(live) == 2)
        agent.report(agent.result(task))
        assert len(first.result().json()["data"][0]["embedding"]) == 8
        assert len(second.result().json()["data"][0]["embedding"]) == 24
    assert live.rows()["jobs"] == 1


def test_equal_requests_of_two_keys_are_two_jobs(start: Start) -> None:
    """Nobody learns from the time of an answer what somebody else asked."""
    live = start()
    live.agent()
    ids = {embed(live.client(), path=f"{EMBEDDINGS}?wait=0").json()["id"] for _ in range(2)}
    assert len(ids) == 2
    assert live.rows()["jobs"] == 2


def test_what_was_computed_before_comes_from_the_cache(start: Start) -> None:
    """A text that the same key sent before is not computed again; a header says how many were; usage stays right."""
    live = start()
    client = live.client()
    with live.agent() as agent:
        first = embed(client, ["two words", "b"])
        second = embed(client, ["b", "two words"])
        third = embed(client, ["b", "new", "two words"])
    assert agent.texts == ["two words", "b", "new"]
    assert [one.headers["x-embedpool-cached"] for one in (first, second, third)] == ["0", "2", "2"]
    assert "x-embedpool-agents" not in second.headers
    assert second.json()["usage"] == first.json()["usage"] == {"prompt_tokens": 5, "total_tokens": 5}
    assert third.json()["usage"]["prompt_tokens"] == 7
    assert third.json()["data"][2]["embedding"] == first.json()["data"][0]["embedding"]


@pytest.mark.parametrize(("shared", "computed"), [(False, 2), (True, 1)])
def test_the_cache_is_private_to_a_key_unless_shared(start: Start, shared: bool, computed: int) -> None:
    """Another key's request is computed anew, unless CACHE_SHARED says otherwise."""
    live = start(cache_shared=shared)
    with live.agent() as agent:
        for _ in range(2):
            assert embed(live.client()).status_code == 200
    assert len(agent.texts) == computed


def test_the_cache_answers_without_any_agent(start: Start) -> None:
    """What is cached is answered although nobody could compute it now."""
    live = start()
    client = live.client(**PATIENT_SDK)
    with live.agent() as agent:
        embed(client)
    live.operator().post(f"/management/agents/delete/{agent.id}")
    assert embed(client).status_code == 200


def test_without_a_cache_nothing_is_remembered(start: Start) -> None:
    """CACHE_MIB=0 turns it off."""
    live = start(cache_mib=0)
    client = live.client()
    with live.agent():
        assert embed(client, ["a", "b"]).headers["x-embedpool-cached"] == "0"
        assert embed(client, ["b"]).headers["x-embedpool-cached"] == "0"
    assert live.rows()["cached_vectors"] == 0


def test_nobody_online_is_said_to_an_sdk_at_once(start: Start) -> None:
    """503 with when to come back, for a model that is known; nothing is queued. Other clients may wait for an agent."""
    live = start()
    agent = live.agent()
    agent.post("leave")
    refused = embed(live.client(**PATIENT_SDK))
    assert refused.status_code == 503
    assert 0 < float(refused.headers["retry-after"]) <= 60
    error = refused.json()["error"]
    assert (error["type"], error["code"]) == ("server_error", "no_workers_available")
    assert "rate limit" not in error["message"].lower()
    assert live.rows()["jobs"] == 0
    assert embed(live.client(), path=f"{EMBEDDINGS}?wait=0").status_code == 202


def test_a_model_that_nobody_ever_offered_is_not_found(start: Start) -> None:
    """404 model_not_found, for every kind of client, and nothing is queued."""
    live = start()
    for client in (live.client(), live.client(**PATIENT_SDK)):
        answer = embed(client)
        assert answer.status_code == 404
        error = answer.json()["error"]
        assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", "model_not_found", "model")
        assert f"The model `{MODEL}` does not exist or you do not have access to it." in error["message"]
    assert live.rows()["jobs"] == 0


def test_one_waiter_too_many_is_sent_away_at_once(start: Start) -> None:
    """503 with when to come back; those who wait already are not disturbed, and their places are free afterwards."""
    live = start(max_client_waits=2)
    agent, client = live.agent(), live.client()
    with ThreadPoolExecutor(2) as threads:
        kept = [threads.submit(embed, client, text, f"{EMBEDDINGS}?wait=30") for text in "ab"]
        wait_until(lambda: waiting(live) == 2)
        refused = embed(client, "c")
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "queue_full"
        assert float(refused.headers["retry-after"]) > 0
        for _ in kept:
            agent.report(agent.result(agent.claim()))
        assert [one.result().status_code for one in kept] == [200, 200]
    with agent:
        assert embed(client, "c").status_code == 200


def test_who_hangs_up_frees_the_place(start: Start) -> None:
    """A client that closes its connection does not keep its place until the end of its time; its job goes on."""
    live = start(max_client_waits=1)
    live.agent()
    body = orjson.dumps({"model": MODEL, "input": "a"})
    lines = ("Host: localhost", f"Authorization: Bearer {live.issue_key()}", f"Content-Length: {len(body)}")
    with raw_http.connect(live.url) as connection:
        connection.sendall(raw_http.request(f"POST {EMBEDDINGS}?wait=30", *lines, body=body))
        wait_until(lambda: waiting(live) == 1)
    wait_until(lambda: waiting(live) == 0)
    assert live.rows()["jobs"] == 1


def test_a_full_queue_takes_nothing_more(start: Start) -> None:
    """MAX_QUEUED_TASKS bounds what waits: the next request is a 503 with when to come back."""
    live = start(max_queued_tasks=1)
    live.agent()
    client = live.client()
    assert embed(client, "a", f"{EMBEDDINGS}?wait=0").status_code == 202
    refused = embed(client, "b", f"{EMBEDDINGS}?wait=0")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "queue_full")
    assert float(refused.headers["retry-after"]) > 0


def fail_everywhere(agents: list[ScriptedAgent], code: str, position: int | None) -> None:
    """Let each agent in turn claim the task and report an error of it."""
    for agent in agents:
        agent.fail(agent.claim(), code, position)


def test_work_at_which_several_agents_fail_is_a_502_that_is_not_retried(start: Start) -> None:
    """The pool has tried on three PCs already: the SDK is told not to, and the message says what broke."""
    live = start()
    agents, client = [live.agent() for _ in range(3)], live.client(**PATIENT_SDK)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(embed, client)
        fail_everywhere(agents, "engine_error", None)
        failed = answer.result()
    assert failed.status_code == 502
    assert failed.headers["x-should-retry"] == "false"
    assert (failed.json()["error"]["type"], failed.json()["error"]["code"]) == ("server_error", "worker_failed")
    assert "It broke: engine_error." in failed.json()["error"]["message"]


@pytest.mark.parametrize(
    ("code", "status", "answer_code", "words"),
    [
        ("input_too_long", 400, "context_length_exceeded", ["This model's maximum context length is 512", "input[40]"]),
        ("input_invalid", 400, "invalid_input", ["input[40]", MODEL]),
    ],
)
def test_a_text_that_agents_refuse_is_named_by_its_place_in_the_request(
    start: Start, code: str, status: int, answer_code: str, words: list[str]
) -> None:
    """Two agents agree that the ninth text of the second task is at fault: it is input[40] of the request."""
    live = start()
    agents, client = [live.agent() for _ in range(2)], live.client()
    with ThreadPoolExecutor(1) as threads:
        asked: Future[httpx.Response] = threads.submit(embed, client, [f"text {n}" for n in range(64)])
        agents[0].report(agents[0].result(agents[0].claim()))
        fail_everywhere(agents, code, 8)
        answer = asked.result()
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == (answer_code, "input")
    assert [word for word in words if word not in error["message"]] == []


def test_many_clients_at_once_each_get_their_own(start: Start) -> None:
    """Requests of many threads over two agents are never mixed up."""
    live = start()
    client = live.client()
    texts = [[f"{thread}-{n}" for n in range(thread + 1)] for thread in range(16)]
    with ExitStack() as running:
        for _ in range(2):
            running.enter_context(live.agent())
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda wanted: embed(client, wanted).json()["data"], texts))
    for wanted, data in zip(texts, answers, strict=True):
        assert [one["embedding"] for one in data] == [pytest.approx(vector_of(text).tolist()) for text in wanted]
