"""How a model is to answer: sampling, length, the answer's format, how long to think; and what nobody here can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.domain.chat_fields import (
    array,
    choice,
    invalid,
    json_object,
    mapping,
    missing,
    number,
    text,
    unsupported,
    whole,
)
from server.domain.chat_tools import MAX_SCHEMA_DEPTH, JsonObject

#: Stop sequences in one request, OpenAI's limit, and characters of each.
MAX_STOPS, MAX_STOP = 4, 500

#: The most tokens of an answer that an engine can be told.
MAX_TOKENS = 2**31 - 1

#: Bytes of JSON of an answer's schema, which the engine turns into a grammar.
MAX_SCHEMA_BYTES = 128 * 1024

#: How long to think, in OpenAI's words, and in those that engines know; `none` is not at all.
_EFFORTS: dict[str, str | bool] = {
    "none": False,
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
}

Allowed = Callable[[Any], bool]


def _nothing(value: object) -> bool:
    return value in (0, [], {})  # and False, which equals 0


#: Parameters that no engine here can honour: which values of each ask for nothing, and what to do instead.
_IMPOSSIBLE: dict[str, tuple[Allowed, str]] = {
    "n": (lambda value: value == 1 and value is not True, "one request gives one choice; send several requests"),
    "logit_bias": (_nothing, "leave it out"),
    "logprobs": (_nothing, "leave it out"),
    "top_logprobs": (_nothing, "leave it out"),
    "audio": (_nothing, "models here write text; leave it out"),
    "modalities": (lambda value: value == ["text"], "models here write text; send ['text'] or leave it out"),
    "functions": (_nothing, "functions have become tools; send tools"),
    "function_call": (lambda value: value == "none", "functions have become tools; send tools and tool_choice"),
    "store": (_nothing, "answers are not kept for later use; leave it out"),
    "verbosity": (lambda value: value == "medium", "say in a message how long the answer should be"),
    "web_search_options": (lambda _: False, "models here search nothing; leave it out"),
}

#: Fields that ask for nothing which changes the answer, and so are dropped without a word. Some name a person.
HARMLESS = frozenset(
    {
        "user",
        "metadata",
        "service_tier",
        "parallel_tool_calls",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_retention",
    }
)

#: Every field that this module reads.
READ = frozenset(_IMPOSSIBLE) | {
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "seed",
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "response_format",
    "reasoning_effort",
    "reasoning",
}


def refuse_impossible(body: dict[str, Any]) -> None:
    """Raise InvalidRequest, naming the parameter, where the request asks for what no engine here can do."""
    for name, (asks_nothing, instead) in _IMPOSSIBLE.items():
        value = body.get(name)
        if value is not None and not asks_nothing(value):
            raise unsupported(name, instead)


def read_options(body: dict[str, Any]) -> JsonObject:
    """Return Ollama's `options`; what the request leaves out is as OpenAI has it, not as the model's file has."""
    options: JsonObject = {
        "temperature": 1.0 if body.get("temperature") is None else number(body["temperature"], "temperature", 0, 2),
        "top_p": 1.0 if body.get("top_p") is None else number(body["top_p"], "top_p", 0, 1),
    }
    for name in ("frequency_penalty", "presence_penalty"):
        if body.get(name) is not None:
            options[name] = number(body[name], name, -2, 2)
    # The older name still works, but the newer one counts.
    for name in ("max_completion_tokens", "max_tokens"):
        if body.get(name) is not None:
            options.setdefault("num_predict", whole(body[name], name, 1, MAX_TOKENS))
    if body.get("seed") is not None:
        # Engines take 31 bits, and to them -1 means chance; every seed of a client is to mean always the same.
        options["seed"] = whole(body["seed"], "seed", -(2**63), 2**63 - 1) % 2**31
    stops = _stops(body.get("stop"))
    return options | {"stop": stops} if stops else options


def read_format(value: object) -> str | JsonObject | None:
    """Return Ollama's `format` of a `response_format`: `json`, a JSON schema, or None for free text."""
    if value is None:
        return None
    wanted = mapping(value, "response_format")
    kind = choice(wanted.get("type"), "response_format.type", ("text", "json_object", "json_schema"))
    if kind == "json_schema":
        where = "response_format.json_schema"
        described = mapping(wanted.get("json_schema"), where)
        if described.get("schema") is None:
            raise missing(f"{where}.schema")
        return json_object(described["schema"], f"{where}.schema", MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH)
    return "json" if kind == "json_object" else None


def read_think(body: dict[str, Any]) -> str | bool | None:
    """Return Ollama's `think` of a `reasoning_effort` (or of `reasoning`, as Ollama's own clients send it).

    None leaves it to the model.
    """
    where, effort = "reasoning_effort", body.get("reasoning_effort")
    if effort is None and body.get("reasoning") is not None:
        where, effort = "reasoning.effort", mapping(body["reasoning"], "reasoning").get("effort")
    return None if effort is None else _EFFORTS[choice(effort, where, tuple(_EFFORTS))]


def _stops(value: object) -> list[str]:
    if value is None:
        return []
    given = [value] if isinstance(value, str) else array(value, "stop", MAX_STOPS)
    stops = [text(stop, "stop" if isinstance(value, str) else f"stop[{n}]", MAX_STOP) for n, stop in enumerate(given)]
    if "" in stops:
        raise invalid("stop", "an empty text would end every answer before it begins")
    return stops
