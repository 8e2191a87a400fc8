"""A chat request: what a client may ask for, and what is handed to the agent that answers it.

The rules and the wording are those of OpenAI's `POST /v1/chat/completions`; the agent gets the body of Ollama's
`/api/chat`. Of what is too long, LiteLLM looks for "This model's maximum context length is" and LangChain for "prompt
is too long": they know errors by their words.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from server.domain import chat_options
from server.domain.chat_fields import flag, mapping
from server.domain.chat_messages import read_messages
from server.domain.chat_options import read_format, read_options, read_think, refuse_impossible
from server.domain.chat_tools import JsonObject, read_tools
from server.domain.embedding import BYTES_PER_TOKEN, estimate_tokens
from server.domain.errors import ContextLengthExceeded, InvalidJson
from server.domain.request_fields import ignored_fields, requested_model

#: UTF-8 bytes of all texts of a request, tools included: the longest contexts have a million tokens.
MAX_TEXT_BYTES = 4 * 2**20

#: Tokens that an image counts as: between what small and large models of sight make of one.
TOKENS_PER_IMAGE = 1000

_KNOWN_FIELDS = (
    chat_options.READ
    | chat_options.HARMLESS
    | {"model", "messages", "tools", "tool_choice", "stream", "stream_options"}
)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request that obeys every rule which can be checked without knowing the model."""

    #: The name as the client wrote it; the answer repeats it.
    model: str
    #: The body of Ollama's `/api/chat` without `model`: messages, options, stream, and tools, format, think if any.
    payload: JsonObject
    stream: bool
    #: Give the first tool call only: engines cannot be told to make one, so the others are dropped.
    one_call: bool
    #: Send a stream's usage in a chunk of its own.
    include_usage: bool
    #: Names of fields that mean nothing here, fit to stand in a header.
    ignored: tuple[str, ...]
    #: About how many tokens the prompt has.
    tokens: int
    #: A sha256 that is equal for requests that ask the same of the same model, streamed or not. The order inside a
    #: schema counts: a model sees it.
    fingerprint: bytes


def parse_chat_request(body: object) -> ChatRequest:
    """Check a parsed JSON body; a field that is null counts as absent.

    Raises:
        InvalidRequest: a rule is broken, or something is asked for that nobody here can do; `param` names the field
            by its path, `code` the rule.
        ContextLengthExceeded: the texts are longer than any model's context.
    """
    if not isinstance(body, dict):
        raise InvalidJson(
            "We could not parse the JSON body of your request. (HINT: it must be a JSON object such as "
            '{"model": "qwen2.5:7b", "messages": [{"role": "user", "content": "Hello!"}]}.)'
        )
    model = requested_model(body.get("model"), None)
    refuse_impossible(body)
    asked = _asked(body)
    tokens = prompt_tokens(asked)
    _refuse_long_prompt(asked, tokens)
    stream = flag(body.get("stream"), "stream")
    return ChatRequest(
        model=model,
        payload=asked | {"stream": stream},
        stream=stream,
        one_call=body.get("parallel_tool_calls") is False,
        include_usage=_include_usage(body.get("stream_options")),
        ignored=ignored_fields(body, _KNOWN_FIELDS),
        tokens=tokens,
        fingerprint=_fingerprint(model, asked),
    )


def prompt_tokens(payload: JsonObject) -> int:
    """Return about how many tokens a chat's prompt has: its texts, its calls, its tools and its images."""
    images = sum(len(message.get("images", ())) for message in payload["messages"])
    return sum(map(estimate_tokens, _texts(payload))) + TOKENS_PER_IMAGE * images


def context_error(limit: int | None) -> ContextLengthExceeded:
    """Make the error for a prompt that the model cannot read whole.

    Args:
        limit: tokens that the model reads; None where its engine does not say.
    """
    fact = "exceeded by your messages" if limit is None else f"{limit} tokens, however your messages are longer"
    return ContextLengthExceeded(
        f"This model's maximum context length is {fact}. The prompt is too long: please reduce the length of the "
        "messages.",
        param="messages",
    )


def _asked(body: dict[str, Any]) -> JsonObject:
    asked: JsonObject = {"messages": read_messages(body.get("messages")), "options": read_options(body)}
    tools = read_tools(body)
    if tools:
        asked["tools"] = tools
    wanted_format = read_format(body.get("response_format"))
    if wanted_format is not None:
        asked["format"] = wanted_format
    think = read_think(body)
    if think is not None:
        asked["think"] = think
    return asked


def _texts(payload: JsonObject) -> list[str]:
    """Return everything that a model reads, calls and tools as their JSON."""
    texts = [message["content"] for message in payload["messages"]]
    texts += [message["thinking"] for message in payload["messages"] if "thinking" in message]
    calls = [message["tool_calls"] for message in payload["messages"] if "tool_calls" in message]
    return texts + [orjson.dumps(one).decode() for one in (*calls, *payload.get("tools", ()))]


def _refuse_long_prompt(asked: JsonObject, tokens: int) -> None:
    if 4 * sum(map(len, _texts(asked))) <= MAX_TEXT_BYTES:  # no character has more than 4 bytes in UTF-8
        return
    size = sum(len(text.encode()) for text in _texts(asked))
    if size > MAX_TEXT_BYTES:
        raise ContextLengthExceeded(
            f"This model's maximum context length is {MAX_TEXT_BYTES // BYTES_PER_TOKEN} tokens at most, however your "
            f"messages and tools have {size} bytes, about {tokens} tokens. The prompt is too long: please reduce the "
            "length of the messages.",
            param="messages",
        )


def _include_usage(value: object) -> bool:
    if value is None:
        return False
    return flag(mapping(value, "stream_options").get("include_usage"), "stream_options.include_usage")


def _fingerprint(model: str, asked: JsonObject) -> bytes:
    return hashlib.sha256(orjson.dumps([model, asked])).digest()
