"""The fake Ollama's chat: what it refuses, what it answers, and the lines in which the answer comes.

The answer depends on nothing but the request, so that any mix-up shows. A last message with one of the markers below
fails as the real thing does.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from .ollama_models import FakeModel, OllamaError, count_tokens

#: A message with this breaks the runner in the middle of the answer: the rest is a line with an error.
ERROR = "<error>"
#: A message with this has the connection cut in the middle of the answer.
CUT = "<cut>"
#: A message with this has the first of the tools called, with a value for each of its parameters.
CALL = "<call>"

_VALUES: dict[str, Any] = {"string": "text", "integer": 7, "number": 1.5, "boolean": True, "array": [], "object": {}}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answers: the pieces in which it comes, and why it ended."""

    thinking: tuple[str, ...]
    content: tuple[str, ...]
    calls: tuple[dict[str, Any], ...]
    done_reason: str
    prompt_tokens: int

    @property
    def tokens(self) -> int:
        """How many tokens the model made."""
        return len(self.thinking) + len(self.content) + len(self.calls)

    def messages(self) -> Iterator[dict[str, Any]]:
        """Give the message of each piece."""
        for piece in self.thinking:
            yield {"role": "assistant", "content": "", "thinking": piece}
        for piece in self.content:
            yield {"role": "assistant", "content": piece}
        for call in self.calls:
            yield {"role": "assistant", "content": "", "tool_calls": [call]}


def reply_to(model: FakeModel, body: dict[str, Any]) -> Reply:
    """Answer a request; raises OllamaError for one that the model cannot answer."""
    _refuse(model, body)
    messages = body["messages"]
    thinks = "thinking" in model.capabilities and body.get("think") is not False
    thinking = _pieces(f"Somebody said {len(messages)} things.") if thinks else []
    calls = _calls(messages[-1]["content"], body.get("tools") or [])
    content = [] if calls else _pieces(_text(messages, body.get("format")))
    options = body.get("options") or {}
    content = _pieces(_before_stop("".join(content), options.get("stop") or []))
    thinking, content, done_reason = _within(options.get("num_predict", -1), thinking, content)
    prompt_tokens = sum(count_tokens(message.get("content", "")) for message in messages)
    return Reply(tuple(thinking), tuple(content), tuple(calls), done_reason, prompt_tokens)


def line(model: str, message: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Make one object of a streamed answer."""
    return {"model": model, "created_at": "2026-11-22T12:00:00.000000Z", "message": message, "done": False, **more}


def last_line(model: str, reply: Reply, took_seconds: float, load_ns: int, message: dict[str, Any]) -> dict[str, Any]:
    """Make the object that ends an answer, with the counts."""
    return line(
        model,
        message,
        done=True,
        done_reason=reply.done_reason,
        total_duration=int(took_seconds * 1e9),
        load_duration=load_ns,
        prompt_eval_count=reply.prompt_tokens,
        prompt_eval_duration=2_000_000,
        eval_count=reply.tokens,
        eval_duration=int(took_seconds * 1e9),
    )


def whole(model: str, reply: Reply, took_seconds: float, load_ns: int) -> dict[str, Any]:
    """Make the one object of an answer that is not streamed."""
    message: dict[str, Any] = {"role": "assistant", "content": "".join(reply.content)}
    if reply.thinking:
        message["thinking"] = "".join(reply.thinking)
    if reply.calls:
        message["tool_calls"] = list(reply.calls)
    return last_line(model, reply, took_seconds, load_ns, message)


def _refuse(model: FakeModel, body: dict[str, Any]) -> None:
    name = body["model"]
    if "completion" not in model.capabilities:
        raise OllamaError(400, f'"{name}" does not support chat')
    if body.get("tools") and "tools" not in model.capabilities:
        raise OllamaError(400, f"registry.ollama.ai/library/{model.name} does not support tools")
    if body.get("think") and "thinking" not in model.capabilities:
        raise OllamaError(400, f'"{name}" does not support thinking')
    wanted = body.get("format")
    if wanted not in (None, "", "json") and not isinstance(wanted, dict):
        raise OllamaError(500, f'invalid format: "{wanted}"; expected "json" or a valid JSON Schema object')
    for message in body["messages"]:
        if not isinstance(message.get("content", ""), str):
            raise OllamaError(400, "json: cannot unmarshal array into Go struct field Message.messages.content")
        for image in message.get("images") or []:
            _refuse_image(model, image)


def _refuse_image(model: FakeModel, image: str) -> None:
    try:
        base64.b64decode(image, validate=True)
    except ValueError:
        raise OllamaError(400, "illegal base64 data at input byte 0") from None
    if "vision" not in model.capabilities:
        raise OllamaError(500, "image input is not supported - hint: you may need to provide the mmproj")


def _calls(said: str, tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if CALL not in said or not tools:
        return []
    function = tools[0]["function"]
    properties = function.get("parameters", {}).get("properties") or {}
    arguments = {name: _VALUES[schema["type"]] for name, schema in properties.items()}
    return [{"id": "call_abcdefgh", "function": {"index": 0, "name": function["name"], "arguments": arguments}}]


def _text(messages: list[dict[str, Any]], wanted: Any) -> str:
    if wanted == "json":
        return '{"answer": 42}'
    if isinstance(wanted, dict):
        properties = wanted.get("properties") or {}
        return orjson.dumps({name: _VALUES[schema["type"]] for name, schema in properties.items()}).decode()
    last = messages[-1]
    who = f"The tool {last.get('tool_name')}" if last["role"] == "tool" else "You"
    seen = f" and showed {len(last['images'])} images" if last.get("images") else ""
    return f"{who} said: {last.get('content', '')}{seen}"


def _pieces(text: str) -> list[str]:
    return re.findall(r"\s*\S+|\s+$", text)


def _before_stop(text: str, stops: list[str]) -> str:
    ends = [text.index(stop) for stop in stops if stop in text]
    return text[: min(ends)] if ends else text


def _within(num_predict: int, thinking: list[str], content: list[str]) -> tuple[list[str], list[str], str]:
    if num_predict < 0 or len(thinking) + len(content) <= num_predict:
        return thinking, content, "stop"
    return thinking[:num_predict], content[: max(0, num_predict - len(thinking))], "length"
