"""A chat request as a whole, and how the model is to answer."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import chat_request
from server.domain.chat_request import ChatRequest, parse_chat_request
from server.domain.errors import ContextLengthExceeded, InvalidJson, InvalidRequest, PoolError

HELLO = {"role": "user", "content": "Hello!"}
DEFAULTS = {"temperature": 1.0, "top_p": 1.0}

ANY_TEXT = st.text(st.characters(exclude_categories=()))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
FUNCTION = st.fixed_dictionaries({}, optional={"name": st.just("f") | JSON, "arguments": JSON, "parameters": JSON})
CALL = st.fixed_dictionaries({"function": FUNCTION}, optional={"id": st.just("call_1") | JSON, "type": JSON})
PART = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "image_url", "input_audio", "file", "refusal"]) | JSON},
    optional={"text": ANY_TEXT | JSON, "image_url": st.fixed_dictionaries({"url": ANY_TEXT}) | JSON},
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool", "developer", "function"]) | JSON},
    optional={
        "content": ANY_TEXT | st.lists(PART, max_size=3) | JSON,
        "tool_calls": st.lists(CALL, max_size=2) | JSON,
        "tool_call_id": st.just("call_1") | JSON,
        "reasoning_content": JSON,
    },
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "model": st.just("m") | JSON,
        "messages": st.lists(MESSAGE, max_size=3) | JSON,
        "tools": st.lists(st.fixed_dictionaries({"type": st.just("function"), "function": FUNCTION})) | JSON,
        **dict.fromkeys(sorted(chat_request._KNOWN_FIELDS - {"model", "messages", "tools"}), JSON),
    },
)


def parse(**body: object) -> ChatRequest:
    """Parse a body that has a model and a message unless it says otherwise."""
    return parse_chat_request({"model": "m", "messages": [HELLO]} | body)


def options(**body: object) -> dict[str, Any]:
    """The options that a body asks for beyond the defaults."""
    found: dict[str, Any] = parse(**body).payload["options"]
    return {name: value for name, value in found.items() if DEFAULTS.get(name) != value}


def tool(parameters: object) -> dict[str, object]:
    return {"type": "function", "function": {"name": "f", "description": "x" * 400, "parameters": parameters}}


def refused(**body: object) -> PoolError:
    with pytest.raises(PoolError) as caught:
        parse(**body)
    return caught.value


def test_the_smallest_request() -> None:
    """What is not said is as OpenAI has it."""
    request = parse()
    assert (request.model, request.stream, request.include_usage, request.ignored) == ("m", False, False, ())
    assert request.payload == {"messages": [HELLO], "options": DEFAULTS, "stream": False}


def test_null_is_absent() -> None:
    """Clients that write every option send null for those not set."""
    everything = dict.fromkeys(chat_request._KNOWN_FIELDS - {"model", "messages"})
    assert parse(**everything, something=None) == parse()


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"temperature": 0}, {"temperature": 0}),
        ({"top_p": 0.5}, {"top_p": 0.5}),
        ({"max_tokens": 7}, {"num_predict": 7}),
        ({"max_completion_tokens": 8}, {"num_predict": 8}),
        ({"max_tokens": 7, "max_completion_tokens": 8}, {"num_predict": 8}),
        ({"stop": "END"}, {"stop": ["END"]}),
        ({"stop": ["a", "b"]}, {"stop": ["a", "b"]}),
        ({"stop": []}, {}),
        ({"seed": 42}, {"seed": 42}),
        ({"seed": -1}, {"seed": 2**31 - 1}),
        ({"frequency_penalty": -1.5}, {"frequency_penalty": -1.5}),
        ({"presence_penalty": 2}, {"presence_penalty": 2}),
    ],
)
def test_sampling_becomes_options(body: dict[str, object], wanted: dict[str, object]) -> None:
    """Each parameter has its option; a seed that an engine would read as chance is always the same one."""
    assert options(**body) == wanted


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, "json"),
        ({"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}, {"type": "object"}),
    ],
)
def test_the_answers_format(wanted: object, told: object) -> None:
    assert parse(response_format=wanted).payload.get("format") == told


@pytest.mark.parametrize(
    ("effort", "think"), [("none", False), ("minimal", "low"), ("low", "low"), ("medium", "medium"), ("xhigh", "high")]
)
def test_the_reasoning_effort(effort: str, think: object) -> None:
    """It is `think`, under either name; unsaid, the model decides."""
    assert parse(reasoning_effort=effort).payload["think"] == think
    assert parse(reasoning={"effort": effort}).payload["think"] == think
    assert "think" not in parse().payload
    assert "think" not in parse(reasoning={}).payload


def test_a_stream_and_its_usage() -> None:
    request = parse(stream=True, stream_options={"include_usage": True, "include_obfuscation": False})
    assert request.stream
    assert request.include_usage
    assert request.payload["stream"] is True


def test_harmless_fields_are_dropped_without_a_word_and_unknown_ones_named() -> None:
    """Neither reaches an agent: some name a person."""
    harmless = {
        "user": "someone",
        "metadata": {"a": "b"},
        "store": False,
        "service_tier": "auto",
        "parallel_tool_calls": True,
        "safety_identifier": "x",
        "prompt_cache_key": "y",
        "n": 1,
        "logit_bias": {},
        "logprobs": False,
        "top_logprobs": 0,
        "modalities": ["text"],
        "verbosity": "medium",
    }
    request = parse(**harmless, top_k=3, keep_alive="5m")
    assert request.ignored == ("top_k", "keep_alive")
    assert request.payload == parse().payload


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("n", True),
        ("logit_bias", {"50256": -100}),
        ("logprobs", True),
        ("top_logprobs", 3),
        ("audio", {"voice": "alloy", "format": "wav"}),
        ("modalities", ["text", "audio"]),
        ("functions", [{"name": "f"}]),
        ("function_call", "auto"),
        ("store", True),
        ("verbosity", "low"),
        ("web_search_options", {}),
        ("tool_choice", "required"),
        ("tool_choice", {"type": "function", "function": {"name": "f"}}),
    ],
)
def test_what_nobody_can_do_is_refused_by_name(name: str, value: object) -> None:
    """It is never left out silently: the answer would be another than the one asked for."""
    error = refused(**{name: value})
    assert isinstance(error, InvalidRequest)
    assert (error.param, error.code) == (name, "unsupported_parameter")
    assert name in error.message


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"model": None}, "model", "invalid_request"),
        ({"model": 3}, "model", "invalid_request"),
        ({"model": " m"}, "model", "invalid_request"),
        ({"messages": None}, "messages", "missing_required_parameter"),
        ({"messages": []}, "messages", "empty_array"),
        ({"messages": "hi"}, "messages", "invalid_type"),
        ({"messages": [HELLO] * 2049}, "messages", "invalid_value"),
        ({"temperature": 2.1}, "temperature", "invalid_value"),
        ({"temperature": True}, "temperature", "invalid_type"),
        ({"temperature": float("nan")}, "temperature", "invalid_value"),
        ({"top_p": "1"}, "top_p", "invalid_type"),
        ({"frequency_penalty": 3}, "frequency_penalty", "invalid_value"),
        ({"max_tokens": 0}, "max_tokens", "invalid_value"),
        ({"max_tokens": 1.0}, "max_tokens", "invalid_type"),
        ({"max_tokens": -1, "max_completion_tokens": 8}, "max_tokens", "invalid_value"),
        ({"seed": 2**63}, "seed", "invalid_value"),
        ({"stop": ["a"] * 5}, "stop", "invalid_value"),
        ({"stop": ["a", 1]}, "stop[1]", "invalid_type"),
        ({"stop": ""}, "stop", "invalid_value"),
        ({"stop": "x" * 501}, "stop", "invalid_value"),
        ({"stream": "yes"}, "stream", "invalid_type"),
        ({"stream_options": True}, "stream_options", "invalid_type"),
        ({"stream_options": {"include_usage": 1}}, "stream_options.include_usage", "invalid_type"),
        ({"response_format": "json"}, "response_format", "invalid_type"),
        ({"response_format": {"type": "xml"}}, "response_format.type", "invalid_value"),
        ({"response_format": {}}, "response_format.type", "missing_required_parameter"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", "missing_required_parameter"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}},
            "response_format.json_schema.schema",
            "missing_required_parameter",
        ),
        ({"reasoning_effort": "maximal"}, "reasoning_effort", "invalid_value"),
        ({"reasoning": {"effort": 3}}, "reasoning.effort", "invalid_type"),
        ({"tool_choice": "sometimes"}, "tool_choice", "invalid_value"),
        ({"tool_choice": 1}, "tool_choice", "invalid_type"),
    ],
)
def test_a_broken_rule_is_named(body: dict[str, object], param: str, code: str) -> None:
    """The field's path, the rule, and a sentence that names the field."""
    error = refused(**body)
    assert isinstance(error, InvalidRequest)
    assert (error.param, error.code) == (param, code)
    assert param.partition("[")[0] in error.message


@pytest.mark.parametrize("body", [None, [], "text", 3])
def test_a_body_that_is_no_object(body: object) -> None:
    with pytest.raises(InvalidJson, match="JSON object"):
        parse_chat_request(body)


def test_a_schema_is_bounded() -> None:
    """Engines make grammars of schemas: neither size nor depth is left to the client."""
    large = {"enum": ["x" * 128 * 1024]}
    deep: dict[str, object] = {}
    for _ in range(100):
        deep = {"properties": deep}
    for schema in (large, deep):
        wanted = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}
        assert refused(response_format=wanted).param == "response_format.json_schema.schema"


def test_texts_are_bounded_together() -> None:
    """The message is the one that client libraries know; the characters need not be ASCII."""
    for text in ("x" * 1024, "ß" * 512):
        fits = [{"role": "user", "content": text * 2}] * 2048
        assert len(parse(messages=fits).payload["messages"]) == 2048
        error = refused(messages=[*fits[:-1], {"role": "user", "content": text * 2 + "x"}])
        assert isinstance(error, ContextLengthExceeded)
        assert error.message.startswith("This model's maximum context length is")
        assert error.param == "messages"


def test_the_prompts_tokens_count_everything_that_the_model_reads() -> None:
    """Texts, earlier calls, tools and images: each makes a prompt longer."""
    call = {"id": "c", "function": {"name": "f", "arguments": '{"a": "' + "x" * 400 + '"}'}}
    picture = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/"}}
    plain = parse().tokens
    assert plain == 2
    assert parse(tools=[tool({})]).tokens > plain + 100
    assert parse(messages=[HELLO, {"role": "assistant", "tool_calls": [call]}]).tokens > plain + 100
    assert parse(messages=[HELLO, {"role": "user", "content": [picture]}]).tokens > plain + 500
    assert parse(messages=[HELLO, {"role": "assistant", "content": "", "reasoning": "x" * 400}]).tokens > plain + 100


def test_the_fingerprint_is_of_what_is_asked() -> None:
    """Equal for the same question in another order of fields or streamed, different for any other."""
    one = parse_chat_request({"model": "m", "messages": [HELLO], "seed": 1, "stop": "x"}).fingerprint
    assert parse_chat_request({"stop": ["x"], "seed": 1, "messages": [HELLO], "model": "m"}).fingerprint == one
    assert parse(seed=1, stop="x", stream=True, user="me").fingerprint == one
    others = [
        parse(seed=2, stop="x"),
        parse(seed=1, stop="y"),
        parse(seed=1, stop="x", model="n"),
        parse(seed=1, stop="x", temperature=0),
        parse(seed=1, stop="x", messages=[HELLO, HELLO]),
        parse(seed=1, stop="x", response_format={"type": "json_object"}),
        parse(seed=1, stop="x", tools=[tool({"a": {}, "b": {}})]),
        parse(seed=1, stop="x", tools=[tool({"b": {}, "a": {}})]),
    ]
    assert len({one, *(other.fingerprint for other in others)}) == 1 + len(others)


@settings(max_examples=300, deadline=None)
@given(BODIES)
def test_anything_is_parsed_or_refused_with_words(body: dict[str, object]) -> None:
    """No body, however strange, is an error of ours; what is accepted can be stored as JSON."""
    try:
        request = parse_chat_request(body)
    except PoolError as error:
        assert error.status == 400
        assert error.message
        return
    assert orjson.loads(orjson.dumps(request.payload))["messages"]
