"""Tools in a chat: the functions that a model may call, and the calls that it made earlier in the conversation."""

from __future__ import annotations

import re
from typing import Any

import orjson

from server.domain.chat_fields import (
    array,
    deeper_than,
    invalid,
    json_object,
    mapping,
    text,
    unsupported,
    wrong_type,
)

#: Tools in one request, and calls in one message; OpenAI's limits.
MAX_TOOLS, MAX_CALLS = 128, 128

#: Bytes of JSON of one tool's parameters, and how deep they may be nested: an engine turns them into a prompt.
MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH = 64 * 1024, 32

#: Characters of a tool's description, of a call's id and of its arguments.
MAX_DESCRIPTION, MAX_CALL_ID, MAX_ARGUMENTS = 16 * 1024, 200, 256 * 1024

_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")

JsonObject = dict[str, Any]


def read_tools(body: dict[str, Any]) -> list[JsonObject]:
    """Return the tools that the model may use, in Ollama's form; none where `tool_choice` forbids them.

    Raises InvalidRequest, also for a `tool_choice` that forces a call, which no engine here can do.
    """
    given = [] if body.get("tools") is None else array(body["tools"], "tools", MAX_TOOLS)
    tools = [_tool(tool, f"tools[{index}]") for index, tool in enumerate(given)]
    allowed = _may_call(body.get("tool_choice"))
    return tools if allowed else []


def read_calls(value: object, param: str) -> list[JsonObject]:
    """Return the calls of an assistant's message, in Ollama's form: their arguments are objects, not text."""
    return [_call(call, f"{param}[{index}]") for index, call in enumerate(array(value, param, MAX_CALLS))]


def read_call_id(value: object, param: str) -> str:
    """Return the id of a call."""
    return text(value, param, MAX_CALL_ID)


def _may_call(tool_choice: object) -> bool:
    if tool_choice is None or tool_choice == "auto":
        return True
    if tool_choice == "none":
        return False
    if tool_choice == "required" or isinstance(tool_choice, dict):
        raise unsupported("tool_choice", "a model here cannot be made to call a tool; send 'auto' or 'none'")
    if isinstance(tool_choice, str):
        raise invalid("tool_choice", "it must be 'auto' or 'none'")
    raise wrong_type("tool_choice", "a string", tool_choice)


def _tool(value: object, param: str) -> JsonObject:
    tool = mapping(value, param)
    _refuse_other_kinds(tool, param)
    function = mapping(tool.get("function"), f"{param}.function")
    told: JsonObject = {"name": _name(function.get("name"), f"{param}.function.name")}
    if function.get("description") is not None:
        told["description"] = text(function["description"], f"{param}.function.description", MAX_DESCRIPTION)
    # Ollama insists on parameters; a function without any takes an empty object.
    told["parameters"] = {"type": "object", "properties": {}}
    if function.get("parameters"):
        where = f"{param}.function.parameters"
        told["parameters"] = json_object(function["parameters"], where, MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH)
    return {"type": "function", "function": told}


def _call(value: object, param: str) -> JsonObject:
    call = mapping(value, param)
    _refuse_other_kinds(call, param)
    function = mapping(call.get("function"), f"{param}.function")
    name = _name(function.get("name"), f"{param}.function.name")
    told: JsonObject = {"function": {"name": name, "arguments": _arguments(function.get("arguments"), param)}}
    if call.get("id") is not None:
        told["id"] = read_call_id(call["id"], f"{param}.id")
    return told


def _refuse_other_kinds(tool: JsonObject, param: str) -> None:
    if tool.get("type") not in (None, "function"):
        raise unsupported(f"{param}.type", "the only kind of tool here is 'function'")


def _name(value: object, param: str) -> str:
    name = text(value, param, 64)
    if not _NAME.fullmatch(name):
        raise invalid(param, "it must be 1 to 64 letters, digits, '_', '-' and '.'")
    return name


def _arguments(value: object, param: str) -> JsonObject:
    """Return a call's arguments as an object; clients send JSON in a string, and nothing at all for no arguments."""
    where = f"{param}.function.arguments"
    if isinstance(value, dict):
        return json_object(value, where, MAX_ARGUMENTS, MAX_SCHEMA_DEPTH)
    if value is None or value == "":
        return {}
    try:
        parsed = orjson.loads(text(value, where, MAX_ARGUMENTS))
    except orjson.JSONDecodeError:
        raise invalid(where, "it is not JSON; send the arguments exactly as the model gave them") from None
    if not isinstance(parsed, dict):
        raise invalid(where, "it must be the JSON of an object")
    if deeper_than(parsed, MAX_SCHEMA_DEPTH):
        raise invalid(where, f"it is nested deeper than {MAX_SCHEMA_DEPTH} levels")
    return parsed
