"""What users of LiteLLM do with a server of OpenAI's kind: models named `openai/…`, and its own classes of errors."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import os
import struct
from typing import Any

from tests.contract.clients.running import (
    BREAKS_OFF,
    CHAT_MODEL,
    MODEL,
    SHORT_TIMEOUT,
    SLOW,
    TOO_LONG,
    WEATHER,
    Target,
    run,
)

# It would fetch its price list when it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # type: ignore[import-not-found]
import openai

# It would print advice beside every error.
litellm.suppress_debug_info = True


def embedding(target: Target, texts: str | list[str], **options: Any) -> Any:
    """Ask as users do; options replace what the target says."""
    named = {"model": f"openai/{MODEL}", "api_base": target.base_url, "api_key": target.key}
    return litellm.embedding(input=texts, **{**named, **options})


def check_one_and_many(target: Target) -> None:
    """A text and a list; it sends no encoding and wants numbers."""
    one = embedding(target, "hello world")
    assert one.usage.prompt_tokens == one.usage.total_tokens == 3
    assert math.isclose(math.hypot(*one.data[0]["embedding"]), 1, abs_tol=1e-3)
    many = embedding(target, ["hello world", "two", "three"])
    assert [row["index"] for row in many.data] == [0, 1, 2]
    assert many.data[0]["embedding"] == one.data[0]["embedding"] != many.data[1]["embedding"]


def check_base64(target: Target) -> None:
    """Who asks for base64 gets the same numbers, packed."""
    packed = embedding(target, "packed", encoding_format="base64").data[0]["embedding"]
    numbers = embedding(target, "packed", encoding_format="float").data[0]["embedding"]
    assert base64.b64decode(packed) == struct.pack(f"<{len(numbers)}f", *numbers)


def check_dimensions(target: Target) -> None:
    """It keeps the parameter to itself for names it does not know, unless allowed to send it."""
    row = embedding(target, "short", dimensions=3, allowed_openai_params=["dimensions"]).data[0]
    assert len(row["embedding"]) == 3


def check_asynchronous(target: Target) -> None:
    """Several calls at once."""

    async def ask() -> list[int]:
        named = {"model": f"openai/{MODEL}", "api_base": target.base_url, "api_key": target.key}
        calls = [litellm.aembedding(input=[f"call {n}"] * (n + 1), **named) for n in range(4)]
        return [len(answer.data) for answer in await asyncio.gather(*calls)]

    assert asyncio.run(ask()) == [1, 2, 3, 4]


def check_errors(target: Target) -> None:
    """Status, type, code and wording together give the class that it has for the case."""
    cases: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (litellm.AuthenticationError, "a", {"api_key": "sk-wrong"}),
        (litellm.NotFoundError, "a", {"model": "openai/nobody-has-this"}),
        (litellm.ContextWindowExceededError, TOO_LONG, {}),
        (litellm.BadRequestError, "\0", {}),
    ]
    for kind, text, options in cases:
        try:
            embedding(target, text, **options)
        except openai.APIError as error:
            assert type(error) is kind, f"{type(error).__name__} instead of {kind.__name__}: {error}"
        else:
            raise AssertionError(f"{kind.__name__} did not come")


def check_patience(target: Target) -> None:
    """Its timeout and retries are those of the client below it: they join the same work."""
    assert len(embedding(target, SLOW, timeout=SHORT_TIMEOUT, max_retries=10).data) == 1


def completion(target: Target, *messages: Any, **options: Any) -> Any:
    """Ask as users do; a message that is a text is the user's."""
    told = [{"role": "user", "content": one} if isinstance(one, str) else one for one in messages]
    named = {"model": f"openai/{CHAT_MODEL}", "api_base": target.base_url, "api_key": target.key}
    return litellm.completion(messages=told, **{**named, **options})


def check_chat(target: Target) -> None:
    """A whole answer with its usage."""
    answer = completion(target, "Grüße 👋", temperature=0.5, max_tokens=1)
    assert answer.choices[0].message.content == "You said Grüße 👋"
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.prompt_tokens == 11
    assert answer.usage.total_tokens == 11 + answer.usage.completion_tokens


def check_chat_streamed(target: Target) -> None:
    """Piece by piece; the usage comes as the pool counted it."""
    chunks = list(completion(target, "Grüße 👋", stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "You said Grüße 👋"
    assert [chunk.usage.prompt_tokens for chunk in chunks if getattr(chunk, "usage", None)] == [11]
    whole = litellm.stream_chunk_builder(chunks)
    assert whole.choices[0].message.content == "You said Grüße 👋"
    assert whole.choices[0].finish_reason == "stop"


def check_chat_asynchronous(target: Target) -> None:
    """A stream that is read asynchronously."""

    async def ask() -> str:
        named = {"model": f"openai/{CHAT_MODEL}", "api_base": target.base_url, "api_key": target.key}
        stream = await litellm.acompletion(messages=[{"role": "user", "content": "hi"}], stream=True, **named)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert asyncio.run(ask()) == "You said hi"


def check_chat_tools(target: Target) -> None:
    """A call, whole or streamed, and the answer to its result."""
    tools = [{"type": "function", "function": WEATHER}]
    message = completion(target, "How is the weather?", tools=tools).choices[0].message
    streamed = litellm.stream_chunk_builder(list(completion(target, "How is it?", tools=tools, stream=True)))
    for calls in (message.tool_calls, streamed.choices[0].message.tool_calls):
        assert [call.function.name for call in calls] == ["get_weather"]
        assert json.loads(calls[0].function.arguments) == {"city": "Köln"}
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "18 °C"}
    after = completion(target, "How is the weather?", message, result, tools=tools)
    assert after.choices[0].message.content == "The tool get_weather said 18 °C"


def check_chat_errors(target: Target) -> None:
    """The classes that it has for the cases, as for embeddings."""
    cases: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (litellm.AuthenticationError, "a", {"api_key": "sk-wrong"}),
        (litellm.NotFoundError, "a", {"model": "openai/nobody-has-this"}),
        (litellm.ContextWindowExceededError, TOO_LONG, {}),
        (litellm.BadRequestError, "a", {"n": 2}),
    ]
    for kind, text, options in cases:
        try:
            completion(target, text, **options)
        except openai.APIError as error:
            assert type(error) is kind, f"{type(error).__name__} instead of {kind.__name__}: {error}"
        else:
            raise AssertionError(f"{kind.__name__} did not come")


def check_chat_that_breaks_off(target: Target) -> None:
    """The beginning, then an error: never an answer that only looks whole."""
    told = ""
    try:
        for chunk in completion(target, BREAKS_OFF, stream=True, max_retries=0):
            told += chunk.choices[0].delta.content or ""
    except openai.APIError as error:
        assert "lost" in str(error)
    else:
        raise AssertionError("the stream ended as if it were whole")
    assert told == "It begins"


def check_chat_patience(target: Target) -> None:
    """A slow answer comes by a retry, which joins the same work."""
    assert completion(target, SLOW, timeout=SHORT_TIMEOUT, max_retries=10).choices[0].message.content


if __name__ == "__main__":
    run("litellm", globals())
