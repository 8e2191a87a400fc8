"""Chats as LLMeQueue's workers and clients know them."""

from __future__ import annotations

import pytest

from server.domain.chat_output import check_output, clean_output
from server.domain.chat_request import parse_chat_request
from server.domain.chat_worker import fits_worker, from_worker, worker_payload, worker_result

MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello."},
    {"role": "user", "content": "Bye"},
]
TOOL = {"type": "function", "function": {"name": "f"}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/"}}


def payload(**body: object) -> dict[str, object]:
    return parse_chat_request({"model": "m", "messages": MESSAGES} | body).payload


def test_a_plain_chat_fits() -> None:
    """It is handed over as LLMeQueue's worker expects it, streamed or not."""
    wanted = payload(temperature=0.2, max_tokens=9, stream=True)
    assert fits_worker(wanted)
    assert worker_payload(wanted, "qwen2.5:7b") == {
        "messages": MESSAGES,
        "model": "qwen2.5:7b",
        "temperature": 0.2,
        "max_tokens": 9,
    }


def test_what_is_not_said_has_a_default() -> None:
    """A task submitted by OffloadMQ's clients may be a text alone, or have no options."""
    assert worker_payload(payload(), "m")["max_tokens"] is None
    assert fits_worker("Hi")
    assert worker_payload("Hi", "m") == {
        "messages": [{"role": "user", "content": "Hi"}],
        "model": "m",
        "temperature": 0.7,
        "max_tokens": None,
    }
    assert fits_worker({"messages": MESSAGES, "options": None})


@pytest.mark.parametrize(
    "body",
    [
        {"tools": [TOOL]},
        {"response_format": {"type": "json_object"}},
        {"reasoning_effort": "low"},
        {"stop": "x"},
        {"seed": 1},
        {"top_p": 0.5},
        {"presence_penalty": 1},
        {"messages": [{"role": "user", "content": [PICTURE]}]},
        {"messages": [{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f"}}]}]},
        {"messages": [{"role": "assistant", "content": "a", "reasoning": "b"}]},
    ],
)
def test_what_such_a_worker_cannot_do_does_not_fit(body: dict[str, object]) -> None:
    """It would leave it out, and the answer would be another than the one asked for."""
    assert not fits_worker(payload(**body))


@pytest.mark.parametrize(
    "strange",
    [
        {},
        {"messages": "Hi"},
        {"messages": ["Hi"]},
        {"messages": MESSAGES, "options": 3},
        {"messages": MESSAGES, "system": "x"},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"role": "tool", "content": "x"}]},
    ],
)
def test_a_payload_that_was_never_checked(strange: dict[str, object]) -> None:
    """Other surfaces take any JSON."""
    assert not fits_worker(strange)


@pytest.mark.parametrize(("reason", "done_reason"), [("stop", "stop"), ("length", "length"), (None, "stop")])
def test_a_workers_result_is_an_output(reason: str | None, done_reason: str) -> None:
    output = from_worker({"content": "Hello.", "finish_reason": reason})
    assert check_output(output) is None
    assert clean_output(output) == {
        "message": {"role": "assistant", "content": "Hello."},
        "done": True,
        "done_reason": done_reason,
    }


@pytest.mark.parametrize("result", [None, "Hello.", [1], {}, {"content": 3}, {"content": None}])
def test_a_wrong_result_is_found_out(result: object) -> None:
    assert check_output(from_worker(result)) is not None


def test_a_result_for_llmequeues_clients() -> None:
    output = {"message": {"role": "assistant", "content": "Hello."}, "done": True, "done_reason": "length"}
    assert worker_result(output) == {"content": "Hello.", "finish_reason": "length"}
