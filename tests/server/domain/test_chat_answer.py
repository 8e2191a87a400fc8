"""OpenAI's form of an answer, whole and in chunks."""

from __future__ import annotations

from typing import Any

import openai.types.chat as openai_chat
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.chat_answer import DONE, Chunks, comment, completion, event, finish_reason, heading, usage

HEAD = heading("01M80BR2P7MGEZ79NB14NP39QZ", 1_767_225_600_999, "qwen2.5:7b", "0a109f422b47e3a3")
CALLS = [
    {"function": {"name": "weather", "arguments": {"city": "Gr\u00e4z\u2028"}}},
    {"function": {"name": "now", "arguments": {}}},
]


def answered(content: str = "Rain.", **more: Any) -> dict[str, Any]:
    """An agent's output, with the counts of an engine that counts."""
    message = {"role": "assistant", "content": content, **more}
    return {"message": message, "done": True, "done_reason": "stop", "prompt_eval_count": 11, "eval_count": 3}


def data(sent: bytes) -> dict[str, Any]:
    """What one event carries."""
    assert sent.startswith(b"data: ")
    assert sent.endswith(b"\n\n")
    assert sent.count(b"\n") == 2
    value: dict[str, Any] = orjson.loads(sent[6:])
    return value


def test_a_whole_answer() -> None:
    assert completion(HEAD, answered(), 99) == {
        "id": "chatcmpl-01M80BR2P7MGEZ79NB14NP39QZ",
        "object": "chat.completion",
        "created": 1_767_225_600,
        "model": "qwen2.5:7b",
        "system_fingerprint": "fp_0a109f422b47",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Rain.", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14},
    }


def test_calls_have_their_arguments_as_text_and_ids_that_never_change() -> None:
    """A second fetch of the same answer is the same answer; two calls have two ids, two answers other ids."""
    output = answered("", tool_calls=CALLS)
    answer = completion(HEAD, output, 1)
    choice = answer["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    first, second = choice["message"]["tool_calls"]
    assert orjson.loads(first["function"]["arguments"]) == CALLS[0]["function"]["arguments"]
    assert (second["type"], second["function"]) == ("function", {"name": "now", "arguments": "{}"})
    assert completion(HEAD, output, 1) == answer
    other = completion(heading("another", 0, "m", None), output, 1)["choices"][0]["message"]["tool_calls"]
    ids = {call["id"] for call in (first, second, *other)}
    assert len(ids) == 4
    assert all(one.startswith("call_") and len(one) == 29 for one in ids)


def test_text_beside_calls_is_kept() -> None:
    message = completion(HEAD, answered("Let me see.", tool_calls=CALLS), 1)["choices"][0]["message"]
    assert message["content"] == "Let me see."


def test_thoughts_have_both_names() -> None:
    """DeepSeek's and vLLM's, and Ollama's and OpenRouter's; an answer without any has neither."""
    message = completion(HEAD, answered(thinking="Hm."), 1)["choices"][0]["message"]
    assert message["reasoning_content"] == message["reasoning"] == "Hm."
    assert completion(HEAD, answered(), 1)["choices"][0]["message"].keys() == {"role", "content", "refusal"}


@pytest.mark.parametrize(
    ("reason", "told"), [("stop", "stop"), ("length", "length"), ("unload", "stop"), ("load", "stop")]
)
def test_why_the_model_stopped(reason: str, told: str) -> None:
    assert finish_reason(answered() | {"done_reason": reason}) == told
    assert finish_reason(answered(tool_calls=CALLS) | {"done_reason": reason}) == "tool_calls"


def test_usage_is_always_numbers() -> None:
    """An engine that does not count leaves it to an estimate; zero is a count."""
    uncounted = {"message": {"content": "x" * 40, "thinking": "y" * 40}, "done": True}
    assert usage(uncounted, 7) == {"prompt_tokens": 7, "completion_tokens": 21, "total_tokens": 28}
    none = uncounted | {"prompt_eval_count": 0, "eval_count": 0}
    assert usage(none, 7) == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def test_no_digest_no_fingerprint() -> None:
    assert heading("J", 0, "m", "").system_fingerprint is None
    assert heading("J", 0, "m", None).system_fingerprint is None


def test_the_chunks_of_a_stream() -> None:
    """Each has the same heading, one choice, and no usage unless it was asked for."""
    chunks, output = Chunks(HEAD, include_usage=False), answered("", tool_calls=CALLS)
    sent = [chunks.role(), chunks.reasoning("Hm"), chunks.content("Ra"), chunks.tool_calls(output)]
    values = [data(one) for one in [*sent, chunks.finish(output)]]
    assert {(one["id"], one["created"], one["object"]) for one in values} == {
        (HEAD.id, 1_767_225_600, "chat.completion.chunk")
    }
    choices = [one["choices"][0] for one in values]
    assert [one["delta"] for one in choices[:3]] == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "Hm", "reasoning": "Hm"},
        {"content": "Ra"},
    ]
    assert [one["index"] for one in choices[3]["delta"]["tool_calls"]] == [0, 1]
    whole = completion(HEAD, output, 1)["choices"][0]["message"]["tool_calls"]
    assert [{"index": n, **call} for n, call in enumerate(whole)] == choices[3]["delta"]["tool_calls"]
    assert (choices[4]["delta"], choices[4]["finish_reason"]) == ({}, "tool_calls")
    assert [one["finish_reason"] for one in choices[:4]] == [None] * 4
    assert not any("usage" in one for one in values)


def test_the_usage_of_a_stream_has_a_chunk_of_its_own() -> None:
    chunks = Chunks(HEAD, include_usage=True)
    assert data(chunks.content("a"))["usage"] is None
    told = data(chunks.usage(answered(), 1))
    assert told["choices"] == []
    assert told["usage"] == {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}


def test_openais_own_types_understand_all_of_it() -> None:
    """The official client's models, which are strict when asked to validate."""
    output = answered("Rain.", thinking="Hm.", tool_calls=CALLS)
    whole = openai_chat.ChatCompletion.model_validate(completion(HEAD, output, 1), strict=True)
    assert whole.choices[0].finish_reason == "tool_calls"
    chunks = Chunks(HEAD, include_usage=True)
    for sent in (chunks.role(), chunks.content("a"), chunks.tool_calls(output), chunks.finish(output)):
        openai_chat.ChatCompletionChunk.model_validate(data(sent), strict=True)
    assert openai_chat.ChatCompletionChunk.model_validate(data(chunks.usage(output, 1)), strict=True).usage


@given(st.text())
def test_an_event_is_one_line(text: str) -> None:
    """Line ends in a text, of whatever kind, are no ends of an event."""
    sent = event({"text": text})
    assert b"\n" not in sent[:-2]
    assert b"\r" not in sent
    assert data(sent) == {"text": text}


def test_comments_and_the_end() -> None:
    assert comment("queued position=3") == b": queued position=3\n\n"
    assert DONE == b"data: [DONE]\n\n"
