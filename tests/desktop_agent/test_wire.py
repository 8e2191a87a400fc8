"""What the server answers is believed only as far as it makes sense."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_agent.core.pool.card_report import CardReport
from desktop_agent.core.pool.wire import Answered, ChatTask, Completed, Failed, Report, Task, Turn, info_body
from desktop_agent.core.pool.wire_answers import OddAnswer, read_leases, read_registered, read_token, read_turn
from tests.desktop_agent.parts import chat_offer, offer

TASK: dict[str, Any] = {
    "task_id": "t",
    "lease_id": "l",
    "capability": "embed.m",
    "kind": "embedding",
    "model": "m",
    "payload": {"texts": ["a", "b"], "truncate": True},
    "lease_seconds": 60,
    "deadline_seconds": 120,
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
FIELDS = st.dictionaries(
    st.sampled_from(["results", "tasks", "skipped", "poll_after", "leases", "token", "agentId", "key", "pool"]), JSON
)


def test_a_turn_has_the_protocols_form() -> None:
    """Results, wishes, leases and state in the names and shapes of the protocol."""
    done = Completed("l1", b"\x00\x00\x80\x3f", 1, 3, (0,), "digest", 1.23456)
    failed = Failed("l2", "input_too_long", "x" * 1000, 3)
    other = Failed("l3", "engine_error", "y")
    body = Turn((done, failed, other), 32, 32, 25, ("l1", "l2"), Report("working", "r", "e")).body()
    assert body["results"][0] == {
        "lease_id": "l1",
        "vectors": "AACAPw==",
        "dimensions": 1,
        "tokens": 3,
        "truncated": (0,),
        "digest": "digest",
        "engine_ms": 1.235,
    }
    error = {"code": "input_too_long", "message": "x" * 500, "input": 3}
    assert body["results"][1] == {"lease_id": "l2", "error": error}
    assert body["results"][2]["error"] == {"code": "engine_error", "message": "y"}
    assert (body["max_tasks"], body["max_texts"], body["wait"], body["holding"]) == (32, 32, 25, ("l1", "l2"))
    told = {"status": "working", "reason": "r", "engine": "e"}
    assert body["state"] == {**told, "gpu": None, "texts_per_minute": 0}
    report = Report("working", "r", "e", CardReport("RTX", 8192), 12)
    assert report.body() == {**told, "gpu": {"name": "RTX", "vram_mib": 8192}, "texts_per_minute": 12}


def test_info_names_capabilities_and_models() -> None:
    """What the server is told has a capability and a description for every model, and nothing personal."""
    body = info_body([offer("a"), offer("b:1.5")], "0.1.0", "My PC")
    assert body["capabilities"] == ["embed.a", "embed.b:1.5"]
    assert body["models"][0]["digest"] == offer().digest
    assert set(body["systemInfo"]) == {"os", "client", "runtime", "cpuArch", "totalMemoryGb", "gpu"}


def test_a_chat_models_description_has_its_abilities() -> None:
    """A model that chats is told as such, without a length of vectors; one that embeds is told as before."""
    body = info_body([offer("a"), chat_offer("b", "tools")], "0.1.0", "My PC")
    assert body["capabilities"] == ["embed.a", "llm.b[tools;size:4.7Gb]"]
    assert "abilities" not in body["models"][0]
    chat = body["models"][1]
    assert (chat["model"], chat["kind"], chat["dimensions"], chat["abilities"]) == ("b", "chat", None, ("tools",))


def test_an_answer_to_a_chat_has_the_protocols_form() -> None:
    """The outcome of a chat is the engine's answer as it is, with digest and time."""
    output = {"message": {"role": "assistant", "content": "Hi"}, "done": True}
    body = Turn((Answered("l1", output, "digest", 1.23456),), 0, 32, 0, ("l1",), Report("working")).body()
    assert body["results"] == [{"lease_id": "l1", "output": output, "digest": "digest", "engine_ms": 1.235}]


def test_a_chat_is_read() -> None:
    """A task of kind chat comes out with what it asks for, its model and its deadline."""
    chat = {**TASK, "kind": "chat", "payload": {"messages": [{"role": "user", "content": "Hi"}], "stream": True}}
    (task,) = read_turn({"tasks": [chat]}, 32).tasks
    assert isinstance(task, ChatTask)
    assert (task.lease_id, task.model, task.deadline_seconds, task.request.streams) == ("l", "m", 120.0, True)
    assert task.request.body == {"messages": [{"role": "user", "content": "Hi"}]}


def test_a_good_answer_is_read() -> None:
    """Outcomes, tasks, reasons and the time to stay away come out as values."""
    answer = read_turn(
        {
            "results": [{"lease_id": "x", "outcome": "stale", "message": "m"}],
            "tasks": [TASK],
            "skipped": {"not_offered": 2, "odd": "x"},
            "poll_after": 3,
        },
        32,
    )
    assert answer.outcomes == {"x": "stale"}
    (task,) = answer.tasks
    assert isinstance(task, Task)
    assert (task.texts, task.truncate) == (("a", "b"), True)
    assert (answer.skipped, answer.poll_after_seconds) == ((("not_offered", 2),), 3.0)


@pytest.mark.parametrize(
    ("said", "read"),
    [(None, None), ("", ""), ("New\x1b driver?", "New driver?"), ("x" * 1000, "x" * 300), (5, None)],
)
def test_an_operators_words_are_shown_within_bounds(said: object, read: str | None) -> None:
    """Why this PC is paused is for its owner to read, and cannot do anything else."""
    assert read_turn({"paused": said}, 32).paused == read


@pytest.mark.parametrize(
    ("change", "code", "position"),
    [
        ({"kind": "task"}, "engine_error", None),
        ({"kind": "chat", "payload": 5}, "input_invalid", 0),
        ({"kind": "chat", "payload": {"messages": []}}, "input_invalid", 0),
        ({"kind": None}, "engine_error", None),
        ({"model": 5}, "engine_error", None),
        ({"payload": None}, "engine_error", None),
        ({"payload": {"texts": []}}, "input_invalid", 0),
        ({"payload": {"texts": "a"}}, "input_invalid", 0),
        ({"payload": {"texts": ["a", 5]}}, "input_invalid", 1),
        ({"payload": {"texts": ["a"], "truncate": "yes"}}, "input_invalid", 0),
    ],
)
def test_a_task_that_makes_no_sense_fails_its_lease(change: dict[str, Any], code: str, position: int | None) -> None:
    """The server is told why, and the tasks beside it are done."""
    answer = read_turn({"results": [], "tasks": [TASK | {"lease_id": "bad"} | change, TASK]}, 32)
    assert [task.lease_id for task in answer.tasks] == ["l"]
    (failed,) = answer.hopeless
    assert (failed.lease_id, failed.code, failed.input) == ("bad", code, position)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {"tasks": {}},
        {"tasks": [5]},
        {"tasks": [{"kind": "embedding"}]},
        {"tasks": [TASK | {"deadline_seconds": "soon"}]},
        {"results": [{"lease_id": 5, "outcome": "accepted"}]},
        {"results": [{"lease_id": "x"}]},
        {"poll_after": -1},
        {"poll_after": 1e9},
        {"poll_after": True},
    ],
)
def test_an_answer_against_the_protocol_is_odd(answer: Any) -> None:
    """What cannot be understood is an error with the field's name, never a crash."""
    with pytest.raises(OddAnswer):
        read_turn(answer, 32)


def test_more_tasks_than_asked_for_are_left_unread() -> None:
    """A server cannot pile work on a PC that did not ask for it."""
    tasks = [TASK | {"lease_id": str(number)} for number in range(100)]
    assert len(read_turn({"tasks": tasks}, 32).tasks) == 32
    assert read_turn({"tasks": tasks}, 0).tasks == ()


@given(JSON | FIELDS)
def test_no_answer_crashes_a_reader(answer: Any) -> None:
    """Whatever JSON a server sends: it is read, or it is odd."""
    for reader in (lambda value: read_turn(value, 32), read_leases, read_registered, read_token):
        try:
            reader(answer)
        except OddAnswer:
            continue
