"""What a chat may ask for: the known is passed on as Ollama has it, the rest dropped, nonsense told by its name."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_agent.core.chat.messages import MAX_IMAGES
from desktop_agent.core.chat.options import MAX_ANSWER_TOKENS
from desktop_agent.core.chat.payload import read_payload
from desktop_agent.core.errors import InputInvalid

USER = {"role": "user", "content": "Hi"}
PICTURE = base64.b64encode(b"picture").decode()
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {"a": {}}}}}


def body_of(**fields: Any) -> dict[str, Any]:
    """Read a payload of one message and these fields."""
    return read_payload({"messages": [USER], **fields}).body


def test_a_text_is_one_message_of_the_user() -> None:
    """As OffloadMQ's clients send it; nobody reads along."""
    request = read_payload("Hello")
    assert request.body == {"messages": [{"role": "user", "content": "Hello"}]}
    assert not request.streams


def test_prompt_and_system_become_messages() -> None:
    """The form of completions works too; a system text goes before everything, unless there is one already."""
    assert read_payload({"prompt": "Hi", "system": "Be kind"}).body["messages"] == [
        {"role": "system", "content": "Be kind"},
        USER,
    ]
    assert body_of(system="Be kind")["messages"][0]["role"] == "system"
    kept = [{"role": "system", "content": "Be short"}, USER]
    assert read_payload({"messages": kept, "system": "Be kind"}).body["messages"] == kept


@pytest.mark.parametrize("stream", [True, False, None])
def test_somebody_reads_along_only_when_it_says_so(stream: bool | None) -> None:
    """`stream` is for us, not for the engine, which always streams."""
    request = read_payload({"messages": [USER], "stream": stream})
    assert request.streams is (stream is True)
    assert "stream" not in request.body


def test_what_is_not_known_is_dropped() -> None:
    """Nothing can name another model, keep it loaded, load it anew, or reach for anything else of this PC."""
    body = read_payload(
        {
            "model": "somebody-elses",
            "keep_alive": -1,
            "template": "{{ .Prompt }}",
            "raw": True,
            "truncate": False,
            "messages": [{**USER, "audio": "x", "name": "n"}],
            "options": {"num_ctx": 131_072, "num_gpu": 0, "num_thread": 64, "use_mmap": False, "temperature": 0.5},
        }
    ).body
    assert body == {"messages": [USER], "options": {"temperature": 0.5}}


def test_every_message_field_is_passed_on() -> None:
    """A whole conversation with thoughts, calls, a tool's result and an image arrives as Ollama has it."""
    call = {"id": "call_1", "function": {"name": "add", "arguments": {"a": 1}}}
    messages = [
        {"role": "system", "content": "Be kind"},
        {"role": "user", "content": "See?", "images": [PICTURE]},
        {"role": "assistant", "content": "", "thinking": "Hm", "tool_calls": [call]},
        {"role": "tool", "content": "2", "tool_name": "add", "tool_call_id": "call_1"},
    ]
    request = read_payload({"messages": messages})
    assert request.body["messages"] == messages
    assert request.has_images


def test_other_spellings_are_understood() -> None:
    """Roles in capitals, OpenAI's developer, calls whose arguments are JSON in a text, images as data addresses."""
    messages = read_payload(
        {
            "messages": [
                {"role": "developer", "content": "Be kind"},
                {"role": "User", "content": "See?", "images": [f"data:image/png;base64,{PICTURE}"]},
                {"role": "assistant", "tool_calls": [{"function": {"name": "add", "arguments": '{"a": 1}'}}]},
                {"role": "assistant", "tool_calls": [{"type": "function", "function": {"name": "now"}}]},
            ]
        }
    ).body["messages"]
    assert messages == [
        {"role": "system", "content": "Be kind"},
        {"role": "user", "content": "See?", "images": [PICTURE]},
        {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "add", "arguments": {"a": 1}}}]},
        {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "now", "arguments": {}}}]},
    ]


@pytest.mark.parametrize(
    ("given_options", "read"),
    [
        ({"temperature": 2, "top_p": 0.5, "min_p": 0, "top_k": 40.0}, None),
        ({"seed": -1, "frequency_penalty": -2, "presence_penalty": 2.0, "repeat_penalty": 1.1}, None),
        ({"stop": "END"}, {"stop": ["END"]}),
        ({"stop": ["a", "b"]}, None),
        ({"stop": []}, {}),
        ({"num_predict": 100}, None),
        ({"num_predict": 2**31}, {"num_predict": MAX_ANSWER_TOKENS}),
        ({"num_predict": -1}, {}),
        ({"temperature": None}, {}),
        (None, {}),
    ],
)
def test_options_within_their_ranges_are_passed_on(given_options: Any, read: dict[str, Any] | None) -> None:
    """Sampling as it was asked for; an answer without end is what the engine does by itself, and a cap is a cap."""
    expected = given_options if read is None else read
    assert body_of(options=given_options).get("options", {}) == expected


def test_tools_format_and_think_are_passed_on() -> None:
    """Functions get parameters where they have none, a schema keeps its order, thinking may be a level."""
    schema = {"type": "object", "properties": {"z": {"type": "string"}, "a": {"type": "integer"}}}
    bare = {"type": "function", "function": {"name": "now", "description": "Tells the time", "strict": True}}
    body = body_of(tools=[TOOL, bare], format=schema, think="high")
    assert body["tools"][0] == TOOL
    assert body["tools"][1]["function"] == {
        "name": "now",
        "description": "Tells the time",
        "parameters": {"type": "object", "properties": {}},
    }
    assert list(body["format"]["properties"]) == ["z", "a"]
    assert body["think"] == "high"
    assert body_of(think=False)["think"] is False
    assert body_of(format="json")["format"] == "json"
    assert body_of(format="", tools=[], think=None) == {"messages": [USER]}


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (None, "payload"),
        (["Hi"], "payload"),
        ({}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "Hi"}, "messages"),
        ({"messages": ["Hi"]}, "messages[0]"),
        ({"messages": [USER, {"role": "pirate", "content": "Arr"}]}, "messages[1].role"),
        ({"messages": [{"content": "Hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]}, "messages[0].content"),
        ({"messages": [{**USER, "images": "x"}]}, "messages[0].images"),
        ({"messages": [{**USER, "images": ["https://example.org/x.png"]}]}, "messages[0].images[0]"),
        ({"messages": [{**USER, "images": ["/etc/passwd"]}]}, "messages[0].images[0]"),
        ({"messages": [{**USER, "images": ["file:///etc/passwd"]}]}, "messages[0].images[0]"),
        ({"messages": [{**USER, "images": [""]}]}, "messages[0].images[0]"),
        ({"messages": [{**USER, "images": ["ä"]}]}, "messages[0].images[0]"),
        ({"messages": [{**USER, "images": [PICTURE] * (MAX_IMAGES + 1)}]}, "messages"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"function": {}}]}]}, "messages[0].tool_calls[0]"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "x", "arguments": "{"}}]}]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        ({"prompt": 5}, "prompt"),
        ({"prompt": "Hi", "system": 5}, "system"),
        ({"messages": [USER], "options": []}, None),
        ({"messages": [USER], "options": "x"}, "options"),
        ({"messages": [USER], "options": {"temperature": 2.5}}, "options.temperature"),
        ({"messages": [USER], "options": {"temperature": True}}, "options.temperature"),
        ({"messages": [USER], "options": {"top_p": "1"}}, "options.top_p"),
        ({"messages": [USER], "options": {"top_k": 1.5}}, "options.top_k"),
        ({"messages": [USER], "options": {"seed": 2**63}}, "options.seed"),
        ({"messages": [USER], "options": {"num_predict": 0}}, "options.num_predict"),
        ({"messages": [USER], "options": {"stop": [""]}}, "options.stop"),
        ({"messages": [USER], "options": {"stop": ["x"] * 17}}, "options.stop"),
        ({"messages": [USER], "tools": {}}, "tools"),
        ({"messages": [USER], "tools": [{"type": "shell", "function": {"name": "x"}}]}, "tools[0].type"),
        ({"messages": [USER], "tools": [{"type": "function"}]}, "tools[0].function"),
        ({"messages": [USER], "tools": [{"function": {"name": "x", "parameters": [1]}}]}, "tools[0].function.param"),
        ({"messages": [USER], "format": "xml"}, "format"),
        ({"messages": [USER], "format": 5}, "format"),
        ({"messages": [USER], "think": "deeply"}, "think"),
        ({"messages": [USER], "stream": "yes"}, "stream"),
    ],
)
def test_nonsense_is_told_by_its_name(payload: Any, field: str | None) -> None:
    """The message begins with the field at fault, and repeats none of the text in it."""
    if field is None:
        read_payload(payload)
        return
    with pytest.raises(InputInvalid) as caught:
        read_payload(payload)
    assert caught.value.message.startswith(field)
    assert caught.value.code == "input_invalid"
    for secret in ("passwd", "example.org", "pirate", "Arr", "deeply"):
        assert secret not in caught.value.message


def test_what_cannot_be_written_again_is_nonsense() -> None:
    """JSON may be nested deeper than it can be written: that is the payload's fault, not a mistake of ours."""
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"x": deep}
    for fields in ({"format": deep}, {"tools": [{"function": {"name": "x", "parameters": deep}}]}):
        with pytest.raises(InputInvalid, match="nested too deeply"):
            body_of(**fields)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
NAMES = ["messages", "prompt", "system", "options", "tools", "format", "think", "stream", "role", "content", "images"]
FIELDS = st.dictionaries(
    st.sampled_from(NAMES), JSON | st.just([USER]) | st.lists(st.fixed_dictionaries({"role": JSON}))
)


@given(JSON | FIELDS)
def test_no_payload_crashes_the_reader(payload: Any) -> None:
    """Whatever JSON a client sends: it is read, or it is nonsense."""
    try:
        request = read_payload(payload)
    except InputInvalid:
        return
    assert request.body["messages"]
