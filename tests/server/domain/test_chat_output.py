"""What an agent may answer to a chat."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.chat_answer import completion, heading
from server.domain.chat_output import MAX_OUTPUT_BYTES, check_output, clean_output

CALL = {"function": {"name": "weather", "arguments": {"city": "Graz"}}}
OUTPUT: dict[str, Any] = {
    "model": "qwen2.5:7b",
    "created_at": "2026-01-31T12:00:00Z",
    "message": {"role": "assistant", "content": "Rain.", "thinking": "Hm.", "tool_calls": [CALL]},
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 11,
    "eval_count": 3,
    "total_duration": 5_000_000,
    "load_duration": 1,
    "prompt_eval_duration": 2,
    "eval_duration": 3,
}

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OUTPUTS = st.fixed_dictionaries(
    {
        "message": ANYTHING
        | st.fixed_dictionaries(
            {"content": st.text()},
            optional={
                "role": st.just("assistant") | ANYTHING,
                "thinking": st.text() | ANYTHING,
                "tool_calls": st.lists(
                    st.fixed_dictionaries(
                        {"function": st.fixed_dictionaries({"name": st.text()}, optional={"arguments": ANYTHING})}
                    )
                )
                | ANYTHING,
            },
        )
    },
    optional={"done": st.booleans(), "done_reason": ANYTHING, "eval_count": ANYTHING, "model": ANYTHING},
)


def message(**changes: object) -> dict[str, Any]:
    return OUTPUT | {"message": OUTPUT["message"] | changes}


def test_ollamas_answer_is_kept_whole() -> None:
    assert check_output(OUTPUT) is None
    assert clean_output(OUTPUT) == OUTPUT


def test_the_least_that_is_an_answer() -> None:
    """An engine that only says its text; unknown fields are not kept."""
    least = {"message": {"content": "", "images": ["x"]}, "context": [1, 2]}
    assert check_output(least) is None
    assert clean_output(least) == {
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop",
    }


def test_a_call_without_arguments() -> None:
    """Some models leave them out; ids of an engine are not kept, because ours never change."""
    told = clean_output(message(tool_calls=[{"id": "x", "function": {"name": "now", "index": 0}}]))
    assert told["message"]["tool_calls"] == [{"function": {"name": "now", "arguments": {}}}]
    assert "tool_calls" not in clean_output(message(tool_calls=None))["message"]


@pytest.mark.parametrize(
    ("output", "flaw"),
    [
        (None, "must be an object"),
        ([OUTPUT], "must be an object"),
        ({}, "message must be an object"),
        (OUTPUT | {"done": False}, "done is false"),
        (OUTPUT | {"model": None}, "model must be"),
        (OUTPUT | {"created_at": 3}, "created_at must be"),
        (OUTPUT | {"done_reason": "x" * 201}, "done_reason must be"),
        (OUTPUT | {"eval_count": -1}, "eval_count must be"),
        (OUTPUT | {"prompt_eval_count": True}, "prompt_eval_count must be"),
        (OUTPUT | {"total_duration": 1.5}, "total_duration must be"),
        (OUTPUT | {"eval_count": 2**60}, "eval_count must be"),
        (message(role="user"), "role must be"),
        (message(content=None), "content must be"),
        (message(content=["a"]), "content must be"),
        (message(thinking=3), "thinking must be"),
        (message(content="\ud83d"), "JSON in UTF-8"),
        (message(tool_calls="f"), "tool_calls must be"),
        (message(tool_calls=[CALL] * 129), "tool_calls must be"),
        (message(tool_calls=["f"]), "tool_calls must be"),
        (message(tool_calls=[{"function": {"name": ""}}]), "tool_calls must be"),
        (message(tool_calls=[{"function": {"name": "a\nb"}}]), "tool_calls must be"),
        (message(tool_calls=[{"function": {"name": "f", "arguments": "{}"}}]), "tool_calls must be"),
        (message(content="x" * MAX_OUTPUT_BYTES), "bytes, and may have"),
    ],
)
def test_a_flaw_is_said_in_words(output: object, flaw: str) -> None:
    assert flaw in (check_output(output) or "")


@given(OUTPUTS)
def test_what_passes_can_be_answered(output: dict[str, Any]) -> None:
    """Whatever an agent sends is refused in words, or becomes an answer that is JSON."""
    if check_output(output) is not None:
        return
    answer = completion(heading("J", 0, "m", None), clean_output(output), 1)
    assert orjson.loads(orjson.dumps(answer))["choices"][0]["message"]["role"] == "assistant"
