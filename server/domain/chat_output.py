"""What an agent answers to a chat: Ollama's final answer, checked field by field before anybody sees it."""

from __future__ import annotations

from typing import Any

import orjson

from server.domain.chat_tools import MAX_CALLS, JsonObject

#: Bytes of JSON of one whole answer: a million tokens of text.
MAX_OUTPUT_BYTES = 4 * 2**20

#: Characters of the short texts beside the answer: the model's name, the time, why it ended, a function's name.
MAX_WORD = 200

#: The largest count or duration (ns) that is believed.
MAX_NUMBER = 2**53

_WORDS = ("model", "created_at", "done_reason")
_NUMBERS = (
    "prompt_eval_count",
    "eval_count",
    "total_duration",
    "load_duration",
    "prompt_eval_duration",
    "eval_duration",
)


def check_output(output: object) -> str | None:
    """Say in words what is wrong with an answer; None where nothing is."""
    if not isinstance(output, dict):
        return "The output must be an object."
    if output.get("done") is False:
        return "The output must be the final answer, but its done is false."
    for name in _WORDS:
        if not isinstance(output.get(name, ""), str) or len(output.get(name, "")) > MAX_WORD:
            return f"The output's {name} must be a string of at most {MAX_WORD} characters."
    for name in _NUMBERS:
        if not _is_count(output.get(name, 0)):
            return f"The output's {name} must be a whole number from 0."
    return _check_message(output.get("message")) or _check_size(output)


def clean_output(output: dict[str, Any]) -> JsonObject:
    """Return an answer that `check_output` found nothing wrong with, with only the fields that are known."""
    return {
        **{name: output[name] for name in ("model", "created_at") if name in output},
        "message": _clean_message(output["message"]),
        "done": True,
        "done_reason": output.get("done_reason", "stop"),
        **{name: output[name] for name in _NUMBERS if name in output},
    }


def _check_message(message: object) -> str | None:
    if not isinstance(message, dict):
        return "The output's message must be an object."
    if message.get("role", "assistant") != "assistant":
        return "The output's message.role must be assistant."
    for name in ("content", "thinking"):
        if not isinstance(message.get(name, "" if name == "thinking" else None), str):
            return f"The output's message.{name} must be a string."
    calls = message.get("tool_calls") or []
    if not isinstance(calls, list) or len(calls) > MAX_CALLS or not all(map(_is_call, calls)):
        return (
            f"The output's message.tool_calls must be a list of at most {MAX_CALLS} calls, "
            "each with a function's name and an object of arguments."
        )
    return None


def _check_size(output: dict[str, Any]) -> str | None:
    try:
        size = len(orjson.dumps(clean_output(output)))
    except TypeError:
        return "The output must be JSON in UTF-8."
    if size > MAX_OUTPUT_BYTES:
        return f"The output has {size} bytes, and may have {MAX_OUTPUT_BYTES} at most."
    return None


def _is_call(call: object) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("arguments", {}), dict):
        return False
    name = function.get("name")
    return isinstance(name, str) and 1 <= len(name) <= MAX_WORD and name.isprintable()


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_NUMBER


def _clean_message(message: dict[str, Any]) -> JsonObject:
    clean: JsonObject = {"role": "assistant", "content": message["content"]}
    if message.get("thinking"):
        clean["thinking"] = message["thinking"]
    if message.get("tool_calls"):
        functions = [call["function"] for call in message["tool_calls"]]
        clean["tool_calls"] = [
            {"function": {"name": function["name"], "arguments": function.get("arguments", {})}}
            for function in functions
        ]
    return clean
