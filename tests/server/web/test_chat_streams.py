"""`POST /v1/chat/completions` as a stream: what comes when, and how it ends when it is cut at any stage."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from server.app import create_app, pool_of
from server.services import sweeper
from server.serving import Serving
from server.storage.models import Attempt
from tests.factories import DIGEST, make_settings
from tests.live_pool import LivePool
from tests.scripted_agent import CHAT_MODEL, ScriptedAgent, chat_offer, chat_output
from tests.server.web.chats import CHAT, ask, asking, question, reading
from tests.server.web.conftest import Start, wait_until
from tests.sse import DONE, Event, deltas

ROLE = {"role": "assistant", "content": ""}


def text_of(received: list[Event]) -> str:
    """What a client puts together."""
    return "".join(delta.get("content", "") for delta in deltas(received))


def error_of(event: Event) -> tuple[str, str]:
    """Type and code of an error event."""
    assert isinstance(event, dict)
    assert event["error"].keys() == {"message", "type", "param", "code"}
    return event["error"]["type"], event["error"]["code"]


def nobody_waits(live: LivePool) -> bool:
    """Whether every stream has given its place back."""
    return live.pool.jobs.gate.in_use == 0


def test_an_answer_comes_as_it_is_written(start: Start) -> None:
    """Its place in the queue, the role, each piece when it was told, the end, `[DONE]`."""
    live = start()
    agent = live.agent(chat_offer())
    with reading(live.client()) as events:
        assert next(events) == "queued position=1"
        task = agent.claim()
        assert task["payload"]["stream"] is True
        assert agent.tell(task, 1, "Hé") == "held"
        first = [next(events), next(events)]
        agent.tell(task, 2, "llo\n\n")
        second = next(events)
        agent.answer(task, "Héllo\n\nyou.")
        rest = list(events)
    assert deltas(first) == [ROLE, {"content": "Hé"}]
    assert deltas([second]) == [{"content": "llo\n\n"}]
    assert deltas(rest) == [{"content": "you."}, {}]
    assert rest[-1] == DONE
    chunks = [one for one in (*first, second, *rest) if isinstance(one, dict)]
    assert [one["choices"][0]["finish_reason"] for one in chunks] == [None] * 4 + ["stop"]
    assert len({(one["id"], one["created"], one["model"], one["system_fingerprint"]) for one in chunks}) == 1
    assert chunks[0]["system_fingerprint"] == f"fp_{DIGEST}"
    assert not any("usage" in one for one in chunks)
    assert nobody_waits(live)
    assert live.statuses() == ["completed"]


def test_the_headers_of_a_stream(start: Start) -> None:
    """Nothing on the way may keep what was written; the usual headers are there too."""
    live = start()
    with (
        live.agent(chat_offer()),
        live.client().stream("POST", CHAT, json=question(stream=True, top_k=1)) as response,
    ):
        response.read()
    headers = response.headers
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"] == "no-cache"
    assert headers["x-accel-buffering"] == "no"
    assert headers["x-request-id"].startswith("req_")
    assert headers["x-embedpool-ignored"] == "top_k"
    assert headers["x-embedpool-model-digest"] == f"{CHAT_MODEL}@{DIGEST}"
    assert "content-length" not in headers


def test_usage_thoughts_and_calls(start: Start) -> None:
    """Thoughts come before the text, calls after it in one chunk, the usage last in a chunk without a choice."""
    live = start()
    agent = live.agent(chat_offer())
    calls = [{"function": {"name": name, "arguments": {"n": 1}}} for name in ("f", "g")]
    with reading(live.client(), stream_options={"include_usage": True}) as events:
        task = agent.claim()
        agent.tell(task, 1, thinking="Hm")
        agent.tell(task, 2, "Let", thinking="!")
        agent.answer(task, "Let me see.", thinking="Hm!", tool_calls=calls)
        received = list(events)
    thought = [{"reasoning_content": text, "reasoning": text} for text in ("Hm", "!")]
    told = deltas(received)
    assert told[:5] == [ROLE, *thought, {"content": "Let"}, {"content": " me see."}]
    sent = told[5]["tool_calls"]
    assert [(one["index"], one["type"], one["function"]["name"]) for one in sent] == [
        (0, "function", "f"),
        (1, "function", "g"),
    ]
    assert orjson.loads(sent[0]["function"]["arguments"]) == {"n": 1}
    finish, usage, done = received[-3:]
    assert isinstance(finish, dict)
    assert finish["choices"][0]["finish_reason"] == "tool_calls"
    assert isinstance(usage, dict)
    assert (usage["choices"], usage["usage"]["total_tokens"]) == ([], 15)
    assert done == DONE
    assert all(one["usage"] is None for one in received[1:-2] if isinstance(one, dict))


def test_an_answer_that_comes_at_once(start: Start) -> None:
    """An agent that tells nothing while it writes: the whole text is one piece."""
    live = start()
    with live.agent(chat_offer()), reading(live.client()) as events:
        received = list(events)
    assert deltas(received) == [ROLE, {"content": "You said: Hello!"}, {}]
    assert received[-1] == DONE


def test_an_update_that_is_sent_again_is_shown_once(start: Start) -> None:
    """Its reply was lost on the way to the agent."""
    live = start()
    agent = live.agent(chat_offer())
    with reading(live.client()) as events:
        task = agent.claim()
        for seq, content in ((1, "a"), (1, "a"), (2, "b"), (1, "a"), (3, "")):
            assert agent.tell(task, seq, content) == "held"
        agent.answer(task, "ab")
        assert text_of(list(events)) == "ab"


def test_an_answer_that_is_not_what_was_told(start: Start) -> None:
    """What was sent cannot be taken back: nothing is added to it, and the stream ends in order."""
    live = start()
    agent = live.agent(chat_offer())
    with reading(live.client()) as events:
        task = agent.claim()
        agent.tell(task, 1, "Yes")
        agent.answer(task, "No, not at all")
        received = list(events)
    assert text_of(received) == "Yes"
    assert received[-1] == DONE


def test_signs_while_nothing_comes(start: Start) -> None:
    """Comments, often enough for a client that gives up soon: the place in the queue, then that the server is there."""
    live = start()
    agent = live.agent(chat_offer())
    hurried = live.client(x_stainless_lang="python", x_stainless_read_timeout="0.4")
    hurried.timeout = 5.0  # Without its hurry, signs come every 10 s.
    with ExitStack() as first_comer:
        first_comer.enter_context(asking(live.client()))
        wait_until(lambda: live.pool.jobs.gate.in_use == 1)
        with reading(hurried) as events:
            assert [next(events), next(events)] == ["queued position=2"] * 2
            agent.answer(agent.claim(), "First.")
            assert next(event for event in events if event != "queued position=2") == "queued position=1"
            task = agent.claim()
            assert next(event for event in events if event != "queued position=1") == "ping"
            agent.answer(task, "Second.")
            assert text_of(list(events)) == "Second."


def test_a_client_that_leaves_while_it_is_queued(start: Start) -> None:
    """Before the claim: no agent gets the chat any more."""
    live = start()
    agent = live.agent(chat_offer())
    with reading(live.client()) as events:
        next(events)
    wait_until(lambda: live.statuses() == ["canceled"])
    assert nobody_waits(live)
    assert agent.turn(max_tasks=1)["tasks"] == []


@pytest.mark.parametrize("told", [0, 1, 3])
def test_a_client_that_leaves_while_it_is_answered(start: Start, told: int) -> None:
    """Before the first piece and after it: the agent is told to stop, and its answer is thrown away."""
    live = start()
    agent = live.agent(chat_offer())
    with reading(live.client()) as events:
        task = agent.claim()
        next(events)
        for seq in range(1, told + 1):
            assert agent.tell(task, seq, "a") == "held"
            assert next(events)
    wait_until(lambda: agent.tell(task, told + 1, "b") == "lost")
    assert agent.answer(task, "aaab")["outcome"] == "stale"
    assert live.statuses() == ["canceled"]
    assert nobody_waits(live)


def release(agent: ScriptedAgent, task: dict[str, Any]) -> None:
    """The volunteer comes back."""
    agent.post("release", {"leases": [task["lease_id"]], "reason": "user_active"})


def leave(agent: ScriptedAgent, _task: dict[str, Any]) -> None:
    """The agent leaves the pool."""
    agent.post("leave")


def break_down(agent: ScriptedAgent, task: dict[str, Any]) -> None:
    """The engine breaks down."""
    agent.fail(task, "engine_error")


def lie(agent: ScriptedAgent, task: dict[str, Any]) -> None:
    """The agent answers something that is no answer."""
    agent.report({"lease_id": task["lease_id"], "output": "?"})


@pytest.mark.parametrize("lose", [release, leave, break_down, lie])
def test_an_agent_that_is_lost_before_the_first_piece(start: Start, lose: Any) -> None:
    """Another agent answers, and the client notices nothing; signs of life are no pieces."""
    live = start()
    one, other = live.agent(chat_offer()), live.agent(chat_offer())
    with reading(live.client()) as events:
        task = one.claim()
        assert one.tell(task, 1) == "held"
        lose(one, task)
        again = other.claim()
        assert again["task_id"] == task["task_id"]
        other.tell(again, 1, "From the ")
        other.answer(again, "From the other.")
        received = list(events)
    assert text_of(received) == "From the other."
    assert received[-1] == DONE
    assert deltas(received).count(ROLE) == 1


@pytest.mark.parametrize(
    ("lose", "code"),
    [(release, "worker_lost"), (leave, "worker_lost"), (break_down, "worker_failed"), (lie, "worker_failed")],
)
def test_an_agent_that_is_lost_after_the_first_piece(start: Start, lose: Any, code: str) -> None:
    """An error event, no `[DONE]`, and nobody goes on with the answer: two halves would not fit."""
    live = start()
    one, other = live.agent(chat_offer()), live.agent(chat_offer())
    with reading(live.client()) as events:
        task = one.claim()
        one.tell(task, 1, "From the ")
        lose(one, task)
        received = list(events)
    assert text_of(received) == "From the "
    assert error_of(received[-1]) == ("server_error", code)
    assert other.turn(max_tasks=1)["tasks"] == []
    assert live.statuses() == ["failed"]
    assert nobody_waits(live)


@pytest.mark.parametrize("told", [False, True])
def test_an_agent_that_falls_silent(start: Start, told: bool) -> None:
    """Its lease lapses: before the first piece the chat waits again, after it the stream ends with an error."""
    live = start()
    one, other = live.agent(chat_offer()), live.agent(chat_offer())
    with reading(live.client()) as events:
        task = one.claim()
        one.tell(task, 1, "From the " if told else "")
        live.pool.database.write(lambda connection: connection.execute(update(Attempt).values(lease_until=1)))
        sweeper.reclaim(live.pool, live.pool.clock.now())
        if told:
            assert error_of(list(events)[-1]) == ("server_error", "worker_lost")
        else:
            other.answer(other.claim(), "Here.")
            assert text_of(list(events)) == "Here."
    assert one.answer(task, "Late.")["outcome"] == "stale"


def test_nobody_comes_in_time(start: Start) -> None:
    """A chat that waits too long expires, and the stream says so."""
    live = start()
    live.agent(chat_offer())
    with reading(live.client()) as events:
        next(events)
        assert sweeper.expire(live.pool, live.pool.clock.now() + 601_000) == 1
        assert error_of(list(events)[-1]) == ("server_error", "deadline_exceeded")
    assert nobody_waits(live)


def test_a_question_that_the_model_cannot_read(start: Start) -> None:
    """The client's mistake is told as such, though the status was sent long before."""
    live = start()
    agents = [live.agent(chat_offer()) for _ in range(2)]
    with reading(live.client()) as events:
        for agent in agents:
            agent.fail(agent.claim(), "input_too_long", 0)
        assert error_of(list(events)[-1]) == ("invalid_request_error", "context_length_exceeded")


@pytest.mark.parametrize("stage", ["queued", "claimed", "told"])
def test_the_server_goes_down(tmp_path: Path, stage: str) -> None:
    """Every stream ends at once with an error event, and its chat is canceled: a stream cannot be joined later."""
    settings = make_settings(tmp_path)
    app = create_app(settings)
    with ExitStack() as opened:
        live = LivePool(settings, pool_of(app), Serving(app, settings), app, opened)
        live.serving.start()
        agent, client = live.agent(chat_offer()), live.client()
        with ThreadPoolExecutor(1) as threads, reading(client) as events:
            next(events)
            task = None if stage == "queued" else agent.claim()
            if task is not None and stage == "told":
                agent.tell(task, 1, "Hel")
                assert deltas([next(events), next(events)])[1] == {"content": "Hel"}
            stopped = threads.submit(live.serving.stop)
            assert error_of(list(events)[-1]) == ("server_error", "shutting_down")
            stopped.result()
        assert live.statuses() == ["canceled"]


def test_open_streams_are_bounded(start: Start) -> None:
    """Each holds a thread: one too many is a 503, and its place is free when a stream ends."""
    live = start(max_client_waits=1)
    client = live.client()
    with live.agent(chat_offer()) as agent:
        agent.behaviour = lambda task: None
        with reading(client) as events:
            next(events)
            refused = ask(live.client(), stream=True)
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "queue_full")
        wait_until(lambda: nobody_waits(live))
        agent.behaviour = agent.result
        with reading(client) as events:
            assert list(events)[-1] == DONE


def test_many_streams_at_once_are_not_mixed_up(start: Start) -> None:
    """Each client gets its own answer, in its order, whatever the others do."""
    live = start(max_client_waits=20)

    def write(agent: ScriptedAgent, task: dict[str, Any]) -> dict[str, Any]:
        said = task["payload"]["messages"][0]["content"]
        for n in range(5):
            agent.tell(task, n + 1, f"{said}{n} ")
        return {"lease_id": task["lease_id"], "output": chat_output("".join(f"{said}{n} " for n in range(5)))}

    def read(name: str) -> str:
        with reading(live.client(), messages=[{"role": "user", "content": name}]) as events:
            return text_of(list(events))

    agents = [live.agent(chat_offer()) for _ in range(3)]
    for agent in agents:
        agent.behaviour = partial(write, agent)
    with agents[0], agents[1], agents[2], ThreadPoolExecutor(10) as threads:
        names = [f"client-{n}:" for n in range(10)]
        assert list(threads.map(read, names)) == ["".join(f"{name}{n} " for n in range(5)) for name in names]
