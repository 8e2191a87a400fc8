"""Messages, images and tools of a chat request."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from server.domain.chat_images import MAX_IMAGES
from server.domain.chat_messages import read_messages
from server.domain.chat_tools import read_tools
from server.domain.errors import InvalidRequest

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"picture").decode()
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Graz"}'}}
CALLED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "strict": True,
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def picture(url: object, **more: object) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def user(*parts: object) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(parts)}]


def refused(*messages: object) -> tuple[str | None, str | None]:
    """The param and the code of the error that messages get."""
    with pytest.raises(InvalidRequest) as caught:
        read_messages(list(messages))
    assert str(caught.value.param) in caught.value.message
    return caught.value.param, caught.value.code


def refused_tools(**body: object) -> tuple[str | None, str | None]:
    with pytest.raises(InvalidRequest) as caught:
        read_tools(dict(body))
    return caught.value.param, caught.value.code


@pytest.mark.parametrize(
    ("role", "told"), [("system", "system"), ("developer", "system"), ("user", "user"), ("assistant", "assistant")]
)
def test_a_text_of_each_role(role: str, told: str) -> None:
    """A developer's instructions are the system's; a participant's name means nothing to an engine."""
    assert read_messages([{"role": role, "content": "Hi\n", "name": "bob"}]) == [{"role": told, "content": "Hi\n"}]


def test_parts_become_one_message() -> None:
    """Texts below one another, images beside them, in their order."""
    other = base64.b64encode(b"\xff\xd8\xff other").decode()
    parts = [
        {"type": "text", "text": "What is"},
        picture(f"data:image/png;base64,{PNG}", detail="low"),
        {"type": "text", "text": "on these?"},
        {"type": "image_url", "image_url": f"DATA:image/webp;x=y;base64,{other}"},
    ]
    assert read_messages(user(*parts)) == [{"role": "user", "content": "What is\non these?", "images": [PNG, other]}]


def test_calls_and_their_results() -> None:
    """Arguments become objects, and each result is given the name of the function that was called."""
    other = {"id": "call_2", "function": {"name": "time", "arguments": ""}}
    answer = {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "noon"}]}
    told = read_messages(
        [
            {"role": "assistant", "content": "Let me see.", "tool_calls": [CALL, other]},
            answer,
            {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
        ]
    )
    assert told == [
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [
                {"id": "call_1", "function": {"name": "weather", "arguments": {"city": "Graz"}}},
                {"id": "call_2", "function": {"name": "time", "arguments": {}}},
            ],
        },
        {"role": "tool", "content": "noon", "tool_name": "time", "tool_call_id": "call_2"},
        {"role": "tool", "content": "rain", "tool_name": "weather", "tool_call_id": "call_1"},
    ]


def test_the_last_call_under_an_id_counts() -> None:
    again = {"role": "assistant", "tool_calls": [CALL | {"function": {"name": "time", "arguments": {}}}]}
    told = read_messages([CALLED, again, {"role": "tool", "tool_call_id": "call_1", "content": "noon"}])
    assert told[2]["tool_name"] == "time"


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_earlier_thoughts_are_handed_back(name: str) -> None:
    told = read_messages([{"role": "assistant", "content": "4", name: "2+2"}])
    assert told == [{"role": "assistant", "content": "4", "thinking": "2+2"}]


def test_an_assistant_may_have_said_nothing() -> None:
    """Calls only, thoughts only, nothing at all, or a refusal: all of them come back in conversations."""
    assert read_messages([CALLED])[0]["content"] == ""
    assert read_messages([{"role": "assistant"}])[0]["content"] == ""
    assert read_messages([{"role": "assistant", "refusal": "I cannot."}])[0]["content"] == "I cannot."
    parts = [{"type": "refusal", "refusal": "No."}]
    assert read_messages([{"role": "assistant", "content": parts}])[0]["content"] == "No."


@pytest.mark.parametrize(
    ("message", "param", "code"),
    [
        ("hi", "messages[1]", "invalid_type"),
        ({}, "messages[1].role", "missing_required_parameter"),
        ({"role": "robot", "content": "a"}, "messages[1].role", "invalid_value"),
        ({"role": "function", "name": "f", "content": "a"}, "messages[1].role", "unsupported_parameter"),
        ({"role": "user"}, "messages[1].content", "missing_required_parameter"),
        ({"role": "user", "content": 3}, "messages[1].content", "invalid_type"),
        ({"role": "user", "content": "a\0b"}, "messages[1].content", "invalid_value"),
        ({"role": "user", "content": "\ud83d"}, "messages[1].content", "invalid_value"),
        ({"role": "user", "content": ["a"]}, "messages[1].content[0]", "invalid_type"),
        ({"role": "user", "content": [{"text": "a"}]}, "messages[1].content[0].type", "missing_required_parameter"),
        ({"role": "user", "content": [{"type": "video"}]}, "messages[1].content[0].type", "invalid_value"),
        (
            {"role": "user", "content": [{"type": "text"}]},
            "messages[1].content[0].text",
            "missing_required_parameter",
        ),
        (
            {"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]},
            "messages[1].content[0].input_audio",
            "unsupported_parameter",
        ),
        (
            {"role": "user", "content": [{"type": "file", "file": {}}]},
            "messages[1].content[0].file",
            "unsupported_parameter",
        ),
        (
            {"role": "system", "content": [picture(f"data:image/png;base64,{PNG}")]},
            "messages[1].content[0].image_url",
            "unsupported_parameter",
        ),
        ({"role": "assistant", "audio": {"id": "a"}}, "messages[1].audio", "unsupported_parameter"),
        ({"role": "assistant", "function_call": {}}, "messages[1].function_call", "unsupported_parameter"),
        ({"role": "tool", "content": "a"}, "messages[1].tool_call_id", "missing_required_parameter"),
        ({"role": "tool", "content": "a", "tool_call_id": "x"}, "messages[1].tool_call_id", "invalid_value"),
        ({"role": "tool", "tool_call_id": "x"}, "messages[1].content", "missing_required_parameter"),
    ],
)
def test_the_field_at_fault_is_named(message: object, param: str, code: str) -> None:
    assert refused({"role": "user", "content": "Hi"}, message) == (param, code)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://example.org/cat.png", "unsupported_parameter"),
        ("http://169.254.169.254/latest", "unsupported_parameter"),
        ("file:///etc/passwd", "unsupported_parameter"),
        (PNG, "unsupported_parameter"),
        ("data:image/png;base64", "invalid_value"),
        (f"data:image/png,{PNG}", "invalid_value"),
        (f"data:image/svg+xml;base64,{PNG}", "invalid_value"),
        ("data:image/png;base64,!!!!", "invalid_value"),
        ("data:image/png;base64,ü", "invalid_value"),
        (f"data:image/png;base64,{PNG[:12]}!{PNG[12:]}", "invalid_value"),
        ("data:image/png;base64,", "invalid_value"),
        ("data:image/png;base64," + base64.b64encode(b"<svg/>").decode(), "invalid_value"),
        ("data:image/png;base64," + "A" * 10_000_004, "invalid_value"),
    ],
)
def test_only_images_inside_the_request(url: str, code: str) -> None:
    """Nobody fetches an address for a client, and nothing but an image goes to a volunteer's engine."""
    param = "messages[0].content[1].image_url"
    assert refused(*user({"type": "text", "text": "a"}, picture(url))) == (param, code)


def test_an_image_without_an_address() -> None:
    where = "messages[0].content[0].image_url"
    assert refused(*user(picture(None))) == (f"{where}.url", "missing_required_parameter")
    assert refused(*user({"type": "image_url"})) == (where, "missing_required_parameter")
    assert refused(*user(picture(PNG, detail="huge"))) == (f"{where}.detail", "invalid_value")


def test_images_are_counted_over_all_messages() -> None:
    shown = user(*[picture(f"data:image/png;base64,{PNG}")] * (MAX_IMAGES // 2))
    assert len(read_messages(shown * 2)) == 2
    assert refused(*shown * 3) == ("messages[2].content[0].image_url", "invalid_value")


@pytest.mark.parametrize(
    ("call", "param", "code"),
    [
        ("f", "", "invalid_type"),
        ({"type": "custom"}, ".type", "unsupported_parameter"),
        ({"id": "a"}, ".function", "missing_required_parameter"),
        ({"function": {}}, ".function.name", "missing_required_parameter"),
        ({"function": {"name": "a b"}}, ".function.name", "invalid_value"),
        ({"function": {"name": "f", "arguments": "{"}}, ".function.arguments", "invalid_value"),
        ({"function": {"name": "f", "arguments": "[]"}}, ".function.arguments", "invalid_value"),
        ({"function": {"name": "f", "arguments": 3}}, ".function.arguments", "invalid_type"),
        (
            {"function": {"name": "f", "arguments": '{"a":' * 40 + "1" + "}" * 40}},
            ".function.arguments",
            "invalid_value",
        ),
        ({"function": {"name": "f"}, "id": 3}, ".id", "invalid_type"),
    ],
)
def test_a_call_at_fault_is_named(call: object, param: str, code: str) -> None:
    message = {"role": "assistant", "tool_calls": [CALL, call]}
    assert refused(message) == (f"messages[0].tool_calls[1]{param}", code)


def test_tools_are_passed_on() -> None:
    """In Ollama's form, which insists on parameters; `strict` promises what no engine keeps, and is left out."""
    bare = {"type": "function", "function": {"name": "now"}}
    told = read_tools({"tools": [WEATHER, bare], "tool_choice": "auto", "parallel_tool_calls": True})
    function = {name: value for name, value in WEATHER["function"].items() if name != "strict"}  # type: ignore[attr-defined]
    assert told == [
        {"type": "function", "function": function},
        {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}},
    ]


def test_tools_may_be_forbidden() -> None:
    """The model does not even hear of them; but they are checked."""
    assert read_tools({"tools": [WEATHER], "tool_choice": "none", "parallel_tool_calls": None}) == []
    assert read_tools({}) == []
    assert refused_tools(tools=[{}], tool_choice="none")[0] == "tools[0].function"


@pytest.mark.parametrize(
    ("tool", "param", "code"),
    [
        ("f", "", "invalid_type"),
        ({"type": "web_search"}, ".type", "unsupported_parameter"),
        ({"type": "function"}, ".function", "missing_required_parameter"),
        ({"type": "function", "function": {"name": ""}}, ".function.name", "invalid_value"),
        ({"type": "function", "function": {"name": "f", "description": 1}}, ".function.description", "invalid_type"),
        ({"type": "function", "function": {"name": "f", "parameters": "x"}}, ".function.parameters", "invalid_type"),
        (
            {"type": "function", "function": {"name": "f", "parameters": {"a": "x" * 70_000}}},
            ".function.parameters",
            "invalid_value",
        ),
        (
            {"type": "function", "function": {"name": "f", "parameters": {"a": 2**70}}},
            ".function.parameters",
            "invalid_value",
        ),
    ],
)
def test_a_tool_at_fault_is_named(tool: object, param: str, code: str) -> None:
    assert refused_tools(tools=[WEATHER, tool]) == (f"tools[1]{param}", code)


def test_the_number_of_tools_and_of_calls_at_once() -> None:
    assert refused_tools(tools=[WEATHER] * 129) == ("tools", "invalid_value")


def test_arguments_that_are_an_object_are_bounded_too() -> None:
    call = {"function": {"name": "f", "arguments": {"a": "x" * 300_000}}}
    assert refused({"role": "assistant", "tool_calls": [call]})[0] == "messages[0].tool_calls[0].function.arguments"
    fits = {"function": {"name": "f", "arguments": {"a": [1, {"b": None}]}}}
    told = read_messages([{"role": "assistant", "tool_calls": [fits]}])
    assert orjson.dumps(told[0]["tool_calls"]) == orjson.dumps([fits])
