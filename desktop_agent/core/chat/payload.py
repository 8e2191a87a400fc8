"""Reading what a chat asks for: of a payload only what is known is passed on to an engine, and it must make sense.

A payload is a text, or the body of Ollama's `/api/chat`. Nothing in it can name a file, an address or a model, or make
the engine load a model anew: those fields are not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .fields import choice, flag, invalid, listed, passed_on, text
from .messages import ROLE_WORDS, read_messages
from .options import read_options
from .tools import read_tools

#: How long to think, in Ollama's words.
_EFFORTS = ("low", "medium", "high", "max")


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What one chat asks of a model."""

    #: Fields of the body of Ollama's `/api/chat`: messages, and options, tools, format, think where they were given.
    body: dict[str, Any]
    #: Whether somebody reads the answer while it is being written.
    streams: bool

    @property
    def has_images(self) -> bool:
        """Whether the model has to see."""
        return any("images" in message for message in self.body["messages"])


def read_payload(payload: object) -> ChatRequest:
    """Read a chat's payload; raises InputInvalid, whose message names the field and never quotes a text."""
    if isinstance(payload, str):
        return ChatRequest({"messages": [{"role": "user", "content": payload}]}, streams=False)
    if not isinstance(payload, dict):
        raise invalid("payload", "must be a text or an object")
    body: dict[str, Any] = {"messages": _messages(payload)}
    options = read_options(payload.get("options"))
    if options:
        body["options"] = options
    tools = read_tools(payload.get("tools"))
    if tools:
        body["tools"] = tools
    # An empty text is how some clients say that they want no format.
    if payload.get("format") not in (None, ""):
        body["format"] = _format(payload["format"])
    if payload.get("think") is not None:
        body["think"] = _think(payload["think"])
    return ChatRequest(body, streams=flag(payload.get("stream"), "stream"))


def _messages(payload: dict[str, Any]) -> list[dict[str, Any]]:
    messages = read_messages(listed(payload.get("messages"), "messages"))
    if not messages and payload.get("prompt") is not None:
        messages = [{"role": "user", "content": text(payload["prompt"], "prompt")}]
    if not messages:
        raise invalid("messages", f"must have at least one message with one of the roles {ROLE_WORDS}")
    system = payload.get("system")
    if system is not None and messages[0]["role"] != "system":
        messages.insert(0, {"role": "system", "content": text(system, "system")})
    return messages


def _format(value: object) -> str | dict[str, Any]:
    if isinstance(value, dict):
        return passed_on(value, "format")
    return choice(value, "format", ("json",), "“json” or a JSON schema")


def _think(value: object) -> bool | str:
    if isinstance(value, bool):
        return value
    return choice(value, "think", _EFFORTS, f"true, false or one of {', '.join(_EFFORTS)}")
