"""What users of Haystack do: its embedders of OpenAI's kind with another address."""

from __future__ import annotations

import json
import math
import os
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

# It would report its use when a component runs.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

import openai
from haystack import Document, Pipeline  # type: ignore[import-not-found]
from haystack.components.embedders import (  # type: ignore[import-not-found]
    OpenAIDocumentEmbedder,
    OpenAITextEmbedder,
)
from haystack.components.generators.chat import OpenAIChatGenerator  # type: ignore[import-not-found]
from haystack.dataclasses import ChatMessage, StreamingChunk  # type: ignore[import-not-found]
from haystack.tools import Tool  # type: ignore[import-not-found]
from haystack.utils import Secret  # type: ignore[import-not-found]


def options(target: Target, **changes: Any) -> dict[str, Any]:
    """The arguments that every component takes."""
    secret = Secret.from_token(changes.pop("key", target.key))
    return {"api_base_url": target.base_url, "api_key": secret, "model": MODEL, **changes}


def check_text(target: Target) -> None:
    """One text: numbers of length 1, and the usage that it turns into a dictionary."""
    found = OpenAITextEmbedder(**options(target)).run("hello world")
    assert math.isclose(math.hypot(*found["embedding"]), 1, abs_tol=1e-3)
    assert found["meta"]["usage"]["prompt_tokens"] == found["meta"]["usage"]["total_tokens"] == 3
    assert found["meta"]["model"] == MODEL


def check_documents(target: Target) -> None:
    """More documents than one batch, in a pipeline: every one gets its own vector."""
    pipeline = Pipeline()
    pipeline.add_component("embedder", OpenAIDocumentEmbedder(**options(target, progress_bar=False, batch_size=32)))
    documents = [Document(content=f"document {n}", id=str(n)) for n in range(70)]
    found = pipeline.run({"embedder": {"documents": documents}})["embedder"]["documents"]
    assert [one.id for one in found] == [one.id for one in documents]
    assert found[69].embedding == OpenAITextEmbedder(**options(target)).run("document 69")["embedding"]
    assert len({tuple(one.embedding) for one in found}) == 70


def check_dimensions(target: Target) -> None:
    """Shorter vectors are sent for, and come."""
    assert len(OpenAITextEmbedder(**options(target, dimensions=3)).run("short")["embedding"]) == 3


def check_errors(target: Target) -> None:
    """The client's own classes come through."""
    cases: list[tuple[type[openai.APIStatusError], str, dict[str, Any]]] = [
        (openai.AuthenticationError, "a", {"key": "sk-wrong"}),
        (openai.NotFoundError, "a", {"model": "nobody-has-this"}),
        (openai.BadRequestError, TOO_LONG, {}),
    ]
    for kind, text, changes in cases:
        try:
            OpenAITextEmbedder(**options(target, **changes)).run(text)
        except openai.APIStatusError as error:
            assert type(error) is kind, error
        else:
            raise AssertionError(f"{kind.__name__} did not come")


def check_patience(target: Target) -> None:
    """A slow answer comes by a retry of the client below it."""
    embedder = OpenAITextEmbedder(**options(target, timeout=SHORT_TIMEOUT, max_retries=10))
    assert embedder.run(SLOW)["embedding"]


def chat(target: Target, *messages: Any, **changes: Any) -> Any:
    """Ask as users do, and return the only reply; a message that is a text is the user's."""
    told = [ChatMessage.from_user(one) if isinstance(one, str) else one for one in messages]
    (reply,) = OpenAIChatGenerator(**options(target, **{"model": CHAT_MODEL, **changes})).run(told)["replies"]
    return reply


def check_chat(target: Target) -> None:
    """A whole answer with its usage."""
    reply = chat(target, ChatMessage.from_system("Be brief."), "Grüße 👋", generation_kwargs={"temperature": 0.5})
    assert reply.text == "You said Grüße 👋"
    assert reply.meta["finish_reason"] == "stop"
    assert reply.meta["usage"]["prompt_tokens"] == 11


def check_chat_streamed(target: Target) -> None:
    """Piece by piece to the callback, and whole in the end."""
    pieces: list[StreamingChunk] = []
    usage = {"stream_options": {"include_usage": True}}
    reply = chat(target, "Grüße 👋", streaming_callback=pieces.append, generation_kwargs=usage)
    assert "".join(piece.content for piece in pieces) == reply.text == "You said Grüße 👋"
    assert len(pieces) > 5
    assert reply.meta["finish_reason"] == "stop"
    assert reply.meta["usage"]["prompt_tokens"] == 11


def check_chat_tools(target: Target) -> None:
    """A call, whole or streamed, and the answer to its result."""
    tools = [Tool(**WEATHER, function=lambda city: f"18 °C in {city}")]
    for changes in ({}, {"streaming_callback": lambda _: None}):
        reply = chat(target, "How is the weather?", tools=tools, **changes)
        (call,) = reply.tool_calls
        assert (call.tool_name, call.arguments) == ("get_weather", {"city": "Köln"})
        result = ChatMessage.from_tool(tools[0].invoke(**call.arguments), origin=call)
        after = chat(target, "How is the weather?", reply, result, tools=tools, **changes)
        assert after.text == "The tool get_weather said 18 °C in Köln"


def check_chat_schema(target: Target) -> None:
    """An answer in the form of a schema."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "city", "schema": schema}}
    reply = chat(target, "Köln?", generation_kwargs={"response_format": wanted})
    assert json.loads(reply.text) == {"city": "Köln", "people": 1_087_000}


def check_chat_errors(target: Target) -> None:
    """The client's own classes come through; so does the end of a stream that breaks off."""
    cases: list[tuple[type[openai.APIError], str, dict[str, Any]]] = [
        (openai.AuthenticationError, "a", {"key": "sk-wrong"}),
        (openai.NotFoundError, "a", {"model": "nobody-has-this"}),
        (openai.BadRequestError, TOO_LONG, {}),
        (openai.APIError, BREAKS_OFF, {"streaming_callback": lambda _: None}),
    ]
    for kind, text, changes in cases:
        try:
            chat(target, text, **changes)
        except openai.APIError as error:
            assert type(error) is kind, error
        else:
            raise AssertionError(f"{kind.__name__} did not come")


def check_chat_patience(target: Target) -> None:
    """A slow answer comes by a retry, which joins the same work."""
    assert chat(target, SLOW, timeout=SHORT_TIMEOUT, max_retries=10).text == f"You said {SLOW}"


if __name__ == "__main__":
    run("haystack-ai", globals())
