"""`/v1/chat/completions`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from server.web.schemas.base import Answer, FreeObject, Name, Request

Stop = Annotated[str, Field(min_length=1, max_length=500)]


class ContentPart(Request):
    """A piece of a message: `text`, or an image as a data URI."""

    type: Literal["text", "image_url"]
    text: str | None = None
    image_url: FreeObject | None = Field(None, description='`{"url": "data:image/png;base64,…"}`')


class ChatMessage(Request):
    """One message; `content` is a text or a list of parts (`text`, `image_url` with a data URI)."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[ContentPart] | None = None
    name: str | None = None
    tool_calls: list[FreeObject] | None = Field(None, description="Of an assistant's message: what it called.")
    tool_call_id: str | None = Field(None, description="Of a tool's message: which call it answers.")


class StreamOptions(Request):
    """How to stream."""

    include_usage: bool | None = Field(False, description="Send the usage in a last chunk without choices.")


class ChatBody(Request):
    """A conversation, and how to go on with it. What no engine here can honour is refused with a 400 that names it."""

    model: Name = Field(examples=["qwen2.5:7b"])
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(1, ge=0, le=2)
    top_p: float | None = Field(1, ge=0, le=1)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    max_completion_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    max_tokens: int | None = Field(None, ge=1, le=2**31 - 1, description="The older name of max_completion_tokens.")
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)
    stop: Stop | Annotated[list[Stop], Field(max_length=4)] | None = None
    tools: list[FreeObject] | None = None
    tool_choice: str | FreeObject | None = None
    response_format: FreeObject | None = Field(
        None, description='`{"type": "text" | "json_object" | "json_schema"}`, with `json_schema.schema`.'
    )
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    reasoning: FreeObject | None = Field(None, description='`{"effort": …}`, another way to say reasoning_effort.')


class FunctionCall(Answer):
    """A function and its arguments, as JSON in a string."""

    name: str
    arguments: str


class ToolCall(Answer):
    """A call that the model made."""

    id: str
    type: Literal["function"]
    function: FunctionCall


class AssistantMessage(Answer):
    """What the model said."""

    role: Literal["assistant"]
    content: str | None
    refusal: None
    reasoning_content: str = Field("", description="What it thought, where it does.")
    reasoning: str = Field("", description="The same, under its other name.")
    tool_calls: list[ToolCall] = Field([], description="Left out where there are none.")


class ChatChoice(Answer):
    """The one choice."""

    index: Literal[0]
    message: AssistantMessage
    logprobs: None
    finish_reason: Literal["stop", "length", "tool_calls"]


class ChatUsage(Answer):
    """Tokens, as the model counted them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(Answer):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    system_fingerprint: str | None
    choices: list[ChatChoice]
    usage: ChatUsage


class CompletionBody(Request):
    """A legacy completion, which this server has not."""

    model: Any = None
    prompt: Any = None
