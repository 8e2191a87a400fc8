"""Tools in a chat: the functions that a model may call, and calls that it made earlier. None of them is run here."""

from __future__ import annotations

from typing import Any

import orjson

from .fields import choice, invalid, listed, mapping, passed_on, text

#: Most tools in one chat, and most calls in one message.
MAX_TOOLS = 128


def read_tools(value: object) -> list[dict[str, Any]]:
    """Give the tools in Ollama's form; raises InputInvalid."""
    tools = listed(value, "tools")
    if len(tools) > MAX_TOOLS:
        raise invalid("tools", f"may have {MAX_TOOLS} functions at most")
    return [_tool(tool, f"tools[{position}]") for position, tool in enumerate(tools)]


def read_calls(value: object, field: str) -> list[dict[str, Any]]:
    """Give the calls of an earlier message in Ollama's form; raises InputInvalid."""
    calls = listed(value, field)
    if len(calls) > MAX_TOOLS:
        raise invalid(field, f"may have {MAX_TOOLS} calls at most")
    return [_call(call, f"{field}[{position}]") for position, call in enumerate(calls)]


def _tool(value: object, field: str) -> dict[str, Any]:
    tool = mapping(value, field)
    choice(tool.get("type", "function"), f"{field}.type", ("function",), "“function”")
    given = mapping(tool.get("function"), f"{field}.function")
    function: dict[str, Any] = {"name": _name(given.get("name"), f"{field}.function.name")}
    if given.get("description") is not None:
        function["description"] = text(given["description"], f"{field}.function.description")
    # Ollama's templates expect parameters, even of a function that takes none.
    parameters = given.get("parameters") or {"type": "object", "properties": {}}
    function["parameters"] = passed_on(parameters, f"{field}.function.parameters")
    return {"type": "function", "function": function}


def _call(value: object, field: str) -> dict[str, Any]:
    call = mapping(value, field)
    function = mapping(call.get("function"), f"{field}.function")
    name = _name(function.get("name"), f"{field}.function.name")
    arguments = _arguments(function.get("arguments"), f"{field}.function.arguments")
    read: dict[str, Any] = {"function": {"name": name, "arguments": arguments}}
    if call.get("id") is not None:
        read["id"] = text(call["id"], f"{field}.id")
    return read


def _name(value: object, field: str) -> str:
    if not isinstance(value, str) or not value:
        raise invalid(field, "must be a function's name")
    return value


def _arguments(value: object, field: str) -> dict[str, Any]:
    """Give a call's arguments as an object; OpenAI's clients have them as JSON in a text."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value or "{}")
        except orjson.JSONDecodeError:
            raise invalid(field, "must be an object, or the JSON of one") from None
    return passed_on({} if value is None else value, field)
