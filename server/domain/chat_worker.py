"""A chat in the form of LLMeQueue, whose workers know texts, a temperature and a length, and answer with a text."""

from __future__ import annotations

from typing import Any

from server.domain.chat_answer import finish_reason
from server.domain.chat_tools import JsonObject

#: What LLMeQueue's clients get when they say nothing of the temperature.
DEFAULT_TEMPERATURE = 0.7

_ROLES = frozenset({"system", "user", "assistant"})
_OPTIONS = frozenset({"temperature", "top_p", "num_predict"})

Payload = str | dict[str, Any]


def fits_worker(payload: Payload) -> bool:
    """Say whether such a worker would do all that a chat asks for: no tools, images, format, stops and so on."""
    if isinstance(payload, str):
        return True
    messages, options = payload.get("messages"), payload.get("options") or {}
    if payload.keys() - {"messages", "options", "stream"} or not isinstance(messages, list):
        return False
    if not isinstance(options, dict) or options.keys() - _OPTIONS or options.get("top_p", 1) != 1:
        return False
    return all(map(_is_plain, messages))


def _is_plain(message: object) -> bool:
    return (
        isinstance(message, dict)
        and message.keys() == {"role", "content"}
        and message["role"] in _ROLES
        and isinstance(message["content"], str)
    )


def worker_payload(payload: Payload, model: str) -> JsonObject:
    """Return what such a worker is handed of a chat that fits it."""
    if isinstance(payload, str):
        payload = {"messages": [{"role": "user", "content": payload}]}
    options = payload.get("options") or {}
    return {
        "messages": payload["messages"],
        "model": model,
        "temperature": options.get("temperature", DEFAULT_TEMPERATURE),
        "max_tokens": options.get("num_predict"),
    }


def from_worker(result: object) -> JsonObject:
    """Return a worker's result as any agent's output; what is wrong with it, `check_output` finds."""
    if not isinstance(result, dict):
        return {}
    reason = "length" if result.get("finish_reason") == "length" else "stop"
    return {"message": {"role": "assistant", "content": result.get("content")}, "done": True, "done_reason": reason}


def worker_result(output: JsonObject) -> JsonObject:
    """Return an agent's output as LLMeQueue's clients fetch it."""
    return {"content": output["message"]["content"], "finish_reason": finish_reason(output)}
