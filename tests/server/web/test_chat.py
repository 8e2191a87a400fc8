"""`POST /v1/chat/completions`, answered whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import orjson
import pytest

from tests import raw_http
from tests.factories import DIGEST
from tests.scripted_agent import CHAT_MODEL, chat_offer, chat_output, offer
from tests.server.web.chats import CHAT, HELLO, ask, asking, raw_question
from tests.server.web.conftest import Start, wait_until

HURRIED_SDK = {"x-stainless-lang": "python", "x-stainless-read-timeout": "1"}
PATIENT_SDK = {"x-stainless-lang": "python", "x-stainless-read-timeout": "600"}
RETRY = {"x-stainless-retry-count": "1"}
PICTURE = "data:image/jpeg;base64,/9j/"


def test_an_answer(start: Start) -> None:
    """OpenAI's object, under the name that the client wrote; the agent got the question in Ollama's form."""
    live = start()
    agent = live.agent(chat_offer())
    with asking(live.client(), model=f"{CHAT_MODEL}", seed=7, top_k=3) as coming:
        task = agent.claim()
        agent.answer(task, "Hello to you.")
        answer = coming.result()
    assert answer.status_code == 200
    assert task["payload"] == {
        "messages": [HELLO],
        "options": {"temperature": 1.0, "top_p": 1.0, "seed": 7},
        "stream": False,
    }
    assert (task["capability"], task["kind"], task["model"]) == (f"llm.{CHAT_MODEL}", "chat", CHAT_MODEL)
    body = answer.json()
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "Hello to you.", "refusal": None},
        "logprobs": None,
        "finish_reason": "stop",
    }
    assert body["choices"] == [choice]
    assert body["usage"] == {"prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15}
    assert (body["model"], body["system_fingerprint"]) == (CHAT_MODEL, f"fp_{DIGEST}")
    assert abs(body["created"] - live.pool.clock.now() / 1000) < 600
    assert answer.headers["x-embedpool-agents"] == f"agent-{agent.id[-6:]}"
    assert answer.headers["x-embedpool-model-digest"] == f"{CHAT_MODEL}@{DIGEST}"
    assert answer.headers["x-embedpool-ignored"] == "top_k"


def test_the_default_tag_may_be_said(start: Start) -> None:
    """`name` and `name:latest` are one model, and the answer has the client's spelling."""
    live = start()
    with live.agent(chat_offer("llama3")):
        assert ask(live.client(), model="llama3:latest").json()["model"] == "llama3:latest"


def test_everything_that_an_engine_needs_reaches_it(start: Start) -> None:
    """Tools, results of calls, images, format, thinking and options."""
    live = start()
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": PICTURE}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "1"},
    ]
    agent = live.agent(chat_offer())
    wanted = {"tools": [tool], "response_format": {"type": "json_object"}, "reasoning_effort": "low", "stop": "x"}
    with asking(live.client(), messages=messages, max_tokens=5, **wanted) as coming:
        task = agent.claim()
        calls = [{"function": {"name": "f", "arguments": {"b": [1, None]}}}]
        agent.answer(task, tool_calls=calls, thinking="Hm.")
        message = coming.result().json()["choices"][0]
    assert task["payload"] == {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "See", "images": ["/9j/"]},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}, "id": "c1"}],
            },
            {"role": "tool", "content": "1", "tool_name": "f", "tool_call_id": "c1"},
        ],
        "options": {"temperature": 1.0, "top_p": 1.0, "num_predict": 5, "stop": ["x"]},
        "tools": [tool],
        "format": "json",
        "think": "low",
        "stream": False,
    }
    assert message["finish_reason"] == "tool_calls"
    assert message["message"]["reasoning_content"] == "Hm."
    assert orjson.loads(message["message"]["tool_calls"][0]["function"]["arguments"]) == {"b": [1, None]}


def test_an_answer_that_was_cut(start: Start) -> None:
    live = start()
    agent = live.agent(chat_offer())
    with asking(live.client(), max_tokens=2) as coming:
        agent.report({"lease_id": agent.claim()["lease_id"], "output": chat_output("Hello to", reason="length")})
        assert coming.result().json()["choices"][0]["finish_reason"] == "length"


def test_an_sdk_is_answered_before_its_deadline_and_its_retry_joins_the_work(start: Start) -> None:
    """504 with when to come back; the retry gets the answer of the same work, whose ids it would have got."""
    live = start()
    agent, client = live.agent(chat_offer()), live.client(**HURRIED_SDK)
    late = ask(client)
    assert (late.status_code, late.json()["error"]["code"]) == (504, "deadline_exceeded")
    assert late.headers["retry-after-ms"] == "500"
    assert "x-should-retry" not in late.headers
    task = agent.claim()
    assert agent.tell(task, 1) == "held", "the work goes on"
    assert agent.answer(task, "Here.")["outcome"] == "accepted"
    again = ask(client, headers=RETRY)
    assert again.status_code == 200
    assert again.json()["choices"][0]["message"]["content"] == "Here."
    assert live.rows()["jobs"] == 1


def test_only_a_retry_joins(start: Start) -> None:
    """Whoever asks the same twice may want two answers: models answer differently each time."""
    live = start()
    agent, client = live.agent(chat_offer()), live.client()
    with asking(client) as first, asking(client) as second:
        for content in ("One.", "Two."):
            agent.answer(agent.claim(), content)
        answers = {coming.result().json()["choices"][0]["message"]["content"] for coming in (first, second)}
    assert answers == {"One.", "Two."}


def test_any_other_client_is_told_where_the_answer_will_be(start: Start) -> None:
    """202 with the place; its work is not canceled when it goes, and somebody else's key finds nothing."""
    live = start()
    agent, client = live.agent(chat_offer()), live.client()
    answer = ask(client, f"{CHAT}?wait=0")
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    place = answer.headers["location"]
    assert place == f"/tasks/{answer.json()['id']}"
    agent.answer(agent.claim(), "Here.")
    found = client.get(place).json()
    assert (found["task_type"], found["status"]) == ("chat", "completed")
    assert live.client().get(place).status_code == 404


def test_who_hangs_up_takes_the_question_back(start: Start) -> None:
    """A chat that waits is canceled: no agent gets it."""
    live = start()
    agent = live.agent(chat_offer())
    with raw_http.connect(live.url) as connection:
        connection.sendall(raw_question(live.issue_key()))
        wait_until(lambda: live.pool.jobs.gate.in_use == 1)
    wait_until(lambda: live.statuses() == ["canceled"])
    assert agent.turn(max_tasks=1)["tasks"] == []
    assert live.pool.jobs.gate.in_use == 0


def test_who_hangs_up_frees_the_agent(start: Start) -> None:
    """A chat that is computed is canceled: the agent hears of it, and its answer is thrown away."""
    live = start()
    agent = live.agent(chat_offer())
    with raw_http.connect(live.url) as connection:
        connection.sendall(raw_question(live.issue_key()))
        task = agent.claim()
        assert agent.tell(task, 1) == "held"
    wait_until(lambda: agent.tell(task, 2) == "lost")
    assert agent.answer(task, "Too late.")["outcome"] == "stale"
    assert live.statuses() == ["canceled"]


def test_who_waits_on_another_connection_too_cancels_nothing(start: Start) -> None:
    """A retry joined the work before the server noticed that the first connection is gone."""
    live = start()
    agent, key = live.agent(chat_offer()), live.issue_key()
    client = live.caller({"Authorization": f"Bearer {key}", **PATIENT_SDK, **RETRY})
    with raw_http.connect(live.url) as connection:
        connection.sendall(raw_question(key, x_stainless_lang="python"))
        wait_until(lambda: live.pool.jobs.gate.in_use == 1)
        with ThreadPoolExecutor(1) as threads:
            again = threads.submit(ask, client)
            wait_until(lambda: live.pool.jobs.gate.in_use == 2)
            task = agent.claim()
            connection.close()
            wait_until(lambda: live.pool.jobs.gate.in_use == 1)
            assert agent.answer(task, "Here.")["outcome"] == "accepted"
            assert again.result().json()["choices"][0]["message"]["content"] == "Here."


def test_an_sdk_that_hangs_up_is_waited_for(start: Start) -> None:
    """JavaScript's does not tell how long it waits; its next try finds the work going on, and so does the agent."""
    live = start()
    agent, key = live.agent(chat_offer()), live.issue_key()
    with raw_http.connect(live.url) as connection:
        connection.sendall(raw_question(key, x_stainless_lang="js"))
        task = agent.claim()
    wait_until(lambda: live.pool.jobs.gate.in_use == 0)
    assert agent.tell(task, 1) == "held"
    client = live.caller({"Authorization": f"Bearer {key}", "x-stainless-lang": "js", **RETRY})
    with asking(client) as coming:
        wait_until(lambda: live.pool.jobs.gate.in_use == 1)
        assert agent.answer(task, "Here.")["outcome"] == "accepted"
        assert coming.result().json()["choices"][0]["message"]["content"] == "Here."
    assert live.statuses() == ["completed"]


def test_one_call_at_a_time_is_given_to_who_wants_it_so(start: Start) -> None:
    """Engines cannot be told: the others are dropped, in a whole answer and in a stream."""
    live = start()
    agent, client = live.agent(chat_offer()), live.client()
    calls: list[dict[str, Any]] = [{"function": {"name": name, "arguments": {}}} for name in ("first", "second")]
    tool = {"type": "function", "function": {"name": "first"}}
    for stream in (False, True):
        with asking(client, tools=[tool], parallel_tool_calls=False, stream=stream) as coming:
            agent.answer(agent.claim(), tool_calls=calls)
            assert coming.result().text.count('"name":"') == 1


@pytest.mark.parametrize(
    ("code", "agents", "status", "told"),
    [
        ("input_too_long", 2, 400, "context_length_exceeded"),
        ("input_invalid", 2, 400, "invalid_input"),
        ("engine_error", 3, 502, "worker_failed"),
    ],
)
def test_what_agents_fail_of(start: Start, code: str, agents: int, status: int, told: str) -> None:
    """Errors about the text need two agents that agree, and are the client's; others are tried on three PCs."""
    live = start()
    joined = [live.agent(chat_offer()) for _ in range(agents)]
    with asking(live.client()) as coming:
        for agent in joined:
            agent.fail(agent.claim(), code, 0)
        answer = coming.result()
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, told)
    if told == "context_length_exceeded":
        assert answer.json()["error"]["message"].startswith("This model's maximum context length is 512 tokens")
        assert answer.json()["error"]["param"] == "messages"


def test_a_wrong_answer_is_never_seen(start: Start) -> None:
    """It is refused, and another agent answers."""
    live = start()
    wrong, right = live.agent(chat_offer()), live.agent(chat_offer())
    with asking(live.client()) as coming:
        output = {"message": {"content": ["not text"]}, "done": True}
        assert wrong.report({"lease_id": wrong.claim()["lease_id"], "output": output})["outcome"] == "refused"
        right.answer(right.claim(), "Right.")
        assert coming.result().json()["choices"][0]["message"]["content"] == "Right."


def test_who_may_not_is_refused_before_anything_is_queued(start: Start) -> None:
    """No key, a key for other models, a model of another kind, one that nobody has, a question that breaks a rule."""
    live = start()
    live.agent(offer(), chat_offer())
    cases: list[tuple[httpx.Client, dict[str, Any], int, str]] = [
        (live.caller(), {}, 401, "invalid_api_key"),
        (live.client("llm.other", "embed.*"), {}, 403, "insufficient_permissions"),
        (live.client(), {"model": "nomic-embed-text"}, 404, "model_not_found"),
        (live.client(), {"model": "nobody"}, 404, "model_not_found"),
        (live.client(), {"n": 2}, 400, "unsupported_parameter"),
        (live.client(), {"messages": []}, 400, "empty_array"),
    ]
    for stream in (False, True):
        for client, body, status, code in cases:
            answer = ask(client, stream=stream, **body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert live.rows()["jobs"] == 0


def test_nobody_online_is_said_to_an_sdk_at_once(start: Start) -> None:
    live = start()
    live.agent(chat_offer()).post("leave")
    for stream in (False, True):
        refused = ask(live.client(**PATIENT_SDK), stream=stream)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "no_workers_available")
        assert 0 < float(refused.headers["retry-after"]) <= 60


def test_chat_models_are_listed(start: Start) -> None:
    """Beside those for embeddings, and only for keys that may use them."""
    live = start()
    live.agent(offer(), chat_offer())
    listed = {one["id"]: one["embedpool"] for one in live.client().get("/v1/models").json()["data"]}
    assert listed[CHAT_MODEL]["kind"] == "chat"
    assert listed[CHAT_MODEL]["dimensions"] is None
    assert listed["nomic-embed-text"]["kind"] == "embedding"
    assert [one["id"] for one in live.client("llm.*").get("/v1/models").json()["data"]] == [CHAT_MODEL]


def test_legacy_completions_are_not_here(start: Start) -> None:
    """A clear 404 in OpenAI's shape, with or without a key; other methods of the chat are 405."""
    live = start()
    for client in (live.client(), live.caller()):
        for path in ("completions", "responses"):
            answer = client.post(f"/v1/{path}", json={"model": CHAT_MODEL, "prompt": "Once"})
            assert answer.status_code == 404
            assert "/v1/chat/completions" in answer.json()["error"]["message"]
    assert live.client().get(CHAT).status_code == 405


def test_nothing_that_was_said_stays_in_the_log(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """Neither questions nor answers, whatever happens to them."""
    live = start(log_level="DEBUG")
    caplog.set_level("DEBUG")
    agent = live.agent(chat_offer())
    with asking(live.client(), messages=[{"role": "user", "content": "my-secret-question"}]) as coming:
        agent.answer(agent.claim(), "my-secret-answer")
        coming.result()
    ask(live.client(), messages=[{"role": "user", "content": ["my-secret-question"]}])
    assert "my-secret" not in caplog.text
