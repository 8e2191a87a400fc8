"""What the server answers is believed only as far as it makes sense."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_agent.core.wire import (
    Completed,
    Failed,
    OddAnswer,
    Report,
    Turn,
    info_body,
    read_leases,
    read_registered,
    read_token,
    read_turn,
)
from tests.desktop_agent.parts import offer

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
    assert body["state"] == {"status": "working", "reason": "r", "engine": "e"}


def test_info_names_capabilities_and_models() -> None:
    """What the server is told has a capability and a description for every model, and nothing personal."""
    body = info_body([offer("a"), offer("b:1.5")], "0.1.0", "My PC")
    assert body["capabilities"] == ["embed.a", "embed.b:1.5"]
    assert body["models"][0]["digest"] == offer().digest
    assert set(body["systemInfo"]) == {"os", "client", "runtime", "cpuArch", "totalMemoryGb", "gpu"}


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
    assert (answer.tasks[0].texts, answer.tasks[0].truncate) == (("a", "b"), True)
    assert (answer.skipped, answer.poll_after_seconds) == ((("not_offered", 2),), 3.0)


@pytest.mark.parametrize(
    ("change", "code", "position"),
    [
        ({"kind": "chat"}, "engine_error", None),
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
