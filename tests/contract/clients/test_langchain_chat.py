"""LangChain's `ChatOpenAI` as its users make it: address, key, model, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import openai
import pytest
from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAuthenticationError,
    ModelInvalidRequestError,
    ModelNotFoundError,
)
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr

from tests.contract.clients.conftest import slow_tasks
from tests.contract.clients.running import BREAKS_OFF, CHAT_MODEL, SHORT_TIMEOUT, SLOW, TOO_LONG
from tests.live_pool import LivePool
from tests.scripted_agent import ScriptedAgent

Served = tuple[LivePool, ScriptedAgent]


class City(BaseModel):
    """A city."""

    city: str
    people: int


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 °C in {city}"


def langchain(live: LivePool, **options: Any) -> ChatOpenAI:
    """The client; options replace what is usual."""
    usual: dict[str, Any] = {"base_url": f"{live.url}/v1", "api_key": SecretStr(live.issue_key()), "model": CHAT_MODEL}
    return ChatOpenAI(**{**usual, **options})


def test_a_conversation_is_answered(served: Served) -> None:
    """The whole answer, with its usage and why it ended; every message arrived."""
    live, agent = served
    said = [SystemMessage("Be brief."), HumanMessage("Hi"), AIMessage("Hello!"), HumanMessage("Grüße 👋")]
    answer = langchain(live, temperature=0.2, max_completion_tokens=1).invoke(said)
    assert answer.content == "You said Grüße 👋"
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["input_tokens"] == 11
    assert answer.response_metadata["finish_reason"] == "length"
    payload = agent.tasks[0]["payload"]
    assert [message["role"] for message in payload["messages"]] == ["system", "user", "assistant", "user"]
    assert (payload["options"]["temperature"], payload["options"]["num_predict"]) == (0.2, 1)


def test_an_answer_is_streamed(served: Served) -> None:
    """Piece by piece; the pieces add up to the answer, its end and its usage."""
    chunks = list(langchain(served[0], stream_usage=True).stream("Grüße 👋"))
    assert sum(bool(chunk.content) for chunk in chunks) > 5
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert isinstance(whole, AIMessageChunk)
    assert whole.content == "You said Grüße 👋"
    assert whole.response_metadata["finish_reason"] == "stop"
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["input_tokens"] == 11


def test_an_answer_is_streamed_asynchronously(served: Served) -> None:
    """The same in an event loop."""

    async def ask() -> str:
        client = langchain(served[0])
        pieces = [str(chunk.content) async for chunk in client.astream("hi")]
        await client.root_async_client.close()
        return "".join(pieces)

    assert asyncio.run(ask()) == "You said hi"


@pytest.mark.parametrize("streaming", [False, True])
def test_a_tool_is_called_and_its_result_answered(served: Served, streaming: bool) -> None:
    """`bind_tools`: the call comes parsed, whole or streamed, and its result goes back under its id."""
    client = langchain(served[0], streaming=streaming).bind_tools([get_weather])
    question = HumanMessage("How is the weather?")
    asked = client.invoke([question])
    (call,) = asked.tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Köln"})
    result = get_weather.invoke(call)
    assert isinstance(result, ToolMessage)
    assert client.invoke([question, asked, result]).content == "The tool get_weather said 18 °C in Köln"


def test_a_schema_is_filled_in(served: Served) -> None:
    """`with_structured_output` as it is by default."""
    live, agent = served
    assert langchain(live).with_structured_output(City).invoke("Köln?") == City(city="Köln", people=1_087_000)
    assert agent.tasks[0]["payload"]["format"]["required"] == ["city", "people"]


@pytest.mark.parametrize(
    ("kind", "text", "options"),
    [
        (ModelAuthenticationError, "a", {"api_key": SecretStr("sk-wrong")}),
        (ModelNotFoundError, "a", {"model": "nobody-has-this"}),
        (ContextOverflowError, TOO_LONG, {}),
        (ModelInvalidRequestError, "a", {"n": 2}),
    ],
)
def test_errors_are_of_their_classes(served: Served, kind: type[Exception], text: str, options: dict[str, Any]) -> None:
    """LangChain's own classes, which its programs catch whatever server they use."""
    with pytest.raises(kind):
        langchain(served[0], **options).invoke(text)


def test_a_stream_that_breaks_off_is_an_error(served: Served) -> None:
    """Its beginning comes; what looks like the end does not."""
    told: list[object] = []
    with pytest.raises(openai.APIError) as raised:
        told.extend(chunk.content for chunk in langchain(served[0], max_retries=0).stream(BREAKS_OFF))
    assert raised.value.code == "worker_lost"
    assert "".join(map(str, told)) == "It begins"


def test_its_retries_join_the_work_that_is_under_way(served: Served) -> None:
    """A client with little patience gets the one answer that was computed."""
    live, agent = served
    answer = langchain(live, timeout=SHORT_TIMEOUT, max_retries=10).invoke(SLOW)
    assert answer.content == f"You said {SLOW}"
    assert slow_tasks(agent) == [SLOW]
