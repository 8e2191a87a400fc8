"""Chatting through Ollama, over real sockets: what is told on the way, the final answer, what every failure means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from desktop_agent.core.chat.payload import read_payload
from desktop_agent.core.engines import ollama_chat as engine_module
from desktop_agent.core.engines.base import ChatResult
from desktop_agent.core.engines.embedded import EmbeddedEngine
from desktop_agent.core.engines.ollama import OllamaEngine
from desktop_agent.core.errors import (
    EngineError,
    EngineFailed,
    EngineUnavailable,
    InputInvalid,
    InputTooLong,
    ModelMissing,
    OutOfMemory,
)
from tests.desktop_agent.parts import Ear, run, until
from tests.fakes.ollama import OllamaThread, running_ollama
from tests.fakes.ollama_chat import CALL, CUT, ERROR
from tests.fakes.ollama_models import FakeModel, chat_model

NAME = "qwen2.5:7b"
MODEL = chat_model(NAME, "tools")
THINKER = chat_model("qwen3:4b", "thinking")
EMBEDDER = FakeModel()
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
    },
}


@pytest.fixture
def ollama() -> Iterator[OllamaThread]:
    with running_ollama(MODEL, THINKER, EMBEDDER) as thread:
        yield thread


def ask(url: str, payload: Any, model: str = NAME, ear: Ear | None = None) -> ChatResult:
    async def once() -> ChatResult:
        engine = OllamaEngine(url)
        try:
            return await engine.chat(model, read_payload(payload), ear or Ear())
        finally:
            await engine.close()

    return run(once())


def asking(**fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Why is the sky blue?"}], **fields}


def test_an_answer_is_told_piece_by_piece_and_put_together(ollama: OllamaThread) -> None:
    """The final answer has the form of a call without a stream, with the engine's counts; it is the told text."""
    ear = Ear()
    result = ask(ollama.url, "Wie heißt „日本語“ 😀?", ear=ear)
    message = result.output["message"]
    assert message == {"role": "assistant", "content": "You said: Wie heißt „日本語“ 😀?"}
    assert ear.content == message["content"]
    assert len(ear.pieces) == 6
    assert (result.output["done"], result.output["done_reason"], result.output["model"]) == (True, "stop", NAME)
    assert (result.output["eval_count"], result.output["prompt_eval_count"]) == (6, 6)
    assert result.output["total_duration"] >= 0
    assert result.output["created_at"].startswith("2026")
    assert result.engine_ms > 0


def test_nothing_but_what_was_asked_is_sent(ollama: OllamaThread) -> None:
    """Always streamed, whatever the client wants, with our model's name, and without anything that reloads a model."""
    payload = asking(model="other", stream=False, keep_alive=-1, options={"num_ctx": 8192, "temperature": 0.1})
    ask(ollama.url, payload)
    (body,) = ollama.fake.chat_calls
    ours = {"model": NAME, "stream": True, "keep_alive": "120s"}
    assert body == {**asking(), "options": {"temperature": 0.1}, **ours}


def test_thoughts_are_told_apart(ollama: OllamaThread) -> None:
    """What the model thinks is no content; told not to think, it does not."""
    ear = Ear()
    message = ask(ollama.url, asking(), "qwen3:4b", ear).output["message"]
    assert message["thinking"] == ear.thinking == "Somebody said 1 things."
    assert message["content"] == ear.content == "You said: Why is the sky blue?"
    assert "thinking" not in ask(ollama.url, asking(think=False), "qwen3:4b").output["message"]


def test_calls_of_tools_are_part_of_the_answer(ollama: OllamaThread) -> None:
    """Name and arguments as an object, and the call's id; a result that comes back is read."""
    question = {"role": "user", "content": f"{CALL} please"}
    message = ask(ollama.url, {"messages": [question], "tools": [TOOL]}).output["message"]
    call = {"id": "call_abcdefgh", "function": {"name": "weather", "arguments": {"city": "text", "days": 7}}}
    assert message == {"role": "assistant", "content": "", "tool_calls": [call]}
    told = {"role": "tool", "content": "Sunny", "tool_name": "weather"}
    answer = ask(ollama.url, {"messages": [question, message, told], "tools": [TOOL]})
    assert answer.output["message"]["content"] == "The tool weather said: Sunny"


def test_format_length_and_stops_reach_the_engine(ollama: OllamaThread) -> None:
    """JSON as asked for, the end by length is told, and stops cut."""
    assert ask(ollama.url, asking(format="json")).output["message"]["content"] == '{"answer": 42}'
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    assert ask(ollama.url, asking(format=schema)).output["message"]["content"] == '{"a":7}'
    short = ask(ollama.url, asking(options={"num_predict": 2})).output
    assert (short["message"]["content"], short["done_reason"]) == ("You said:", "length")
    stopped = ask(ollama.url, asking(options={"stop": " sky"})).output
    assert (stopped["message"]["content"], stopped["done_reason"]) == ("You said: Why is the", "stop")


@pytest.mark.parametrize(
    ("status", "error", "expected", "code"),
    [
        (404, "model 'x' not found", ModelMissing, "model_missing"),
        (400, '"x" does not support chat', ModelMissing, "model_missing"),
        (400, "registry.ollama.ai/library/x does not support tools", InputInvalid, "input_invalid"),
        (400, '"x" does not support thinking', InputInvalid, "input_invalid"),
        (400, "json: cannot unmarshal string into Go struct field", InputInvalid, "input_invalid"),
        (500, 'invalid format: "x"; expected "json" or a valid JSON Schema object', InputInvalid, "input_invalid"),
        (400, "the input length exceeds the context length", InputTooLong, "input_too_long"),
        (500, "the prompt is longer than the context length currently available", InputTooLong, "input_too_long"),
        (500, "request (9000 tokens) exceeds the available context size (4096)", InputTooLong, "input_too_long"),
        (500, "model requires more system memory (5 GiB) than is available", OutOfMemory, "out_of_memory"),
        (500, "llama-server reported out-of-memory during startup", OutOfMemory, "out_of_memory"),
        (503, "server busy, please try again", EngineUnavailable, "engine_error"),
        (500, "model runner has unexpectedly stopped", EngineFailed, "engine_error"),
        (403, "ollama cloud is disabled", EngineFailed, "engine_error"),
    ],
)
def test_every_refusal_has_its_meaning(
    ollama: OllamaThread, status: int, error: str, expected: type[EngineError], code: str
) -> None:
    """Before anything was answered: by status and words, it is the asker's fault, the model's, or this PC's."""
    ollama.fake.broken = (status, error)
    with pytest.raises(EngineError) as caught:
        ask(ollama.url, asking())
    assert (type(caught.value), caught.value.code) == (expected, code)


def test_the_fakes_own_refusals_are_understood(ollama: OllamaThread) -> None:
    """What the model cannot do is told by its name."""
    with pytest.raises(InputInvalid, match="qwen3:4b does not support tools"):
        ask(ollama.url, asking(tools=[TOOL]), "qwen3:4b")
    with pytest.raises(InputInvalid, match=f"{NAME} does not support thinking"):
        ask(ollama.url, asking(think=True))
    with pytest.raises(ModelMissing):
        ask(ollama.url, asking(), "nomic-embed-text")


def test_an_error_in_the_middle_ends_the_answer(ollama: OllamaThread) -> None:
    """Half an answer is none, even though its beginning was told."""
    ear = Ear()
    with pytest.raises(EngineFailed):
        ask(ollama.url, f"One {ERROR} two three", ear=ear)
    assert ear.content == "You said:"


def test_a_connection_that_breaks_means_that_ollama_went_away(ollama: OllamaThread) -> None:
    """It is nobody's fault: the task can be given back."""

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        with pytest.raises(EngineUnavailable):
            await engine.chat(NAME, read_payload(f"One {CUT} two three"), Ear())
        assert not engine.health.available
        await engine.close()

    run(story())


@pytest.mark.parametrize(("ms_per_call", "ms_per_token", "pieces"), [(60_000.0, 0.0, 0), (0.0, 200.0, 2)])
def test_a_canceled_chat_stops_ollama(
    ollama: OllamaThread, ms_per_call: float, ms_per_token: float, pieces: int
) -> None:
    """Cancelling closes the connection, and Ollama stops: before its first word, and in the middle of the answer."""
    ollama.fake.ms_per_call, ollama.fake.ms_per_token = ms_per_call, ms_per_token

    async def story() -> None:
        engine, ear = OllamaEngine(ollama.url), Ear()
        call = asyncio.create_task(engine.chat(NAME, read_payload("Tell me much more"), ear))
        await until(lambda: len(ollama.fake.chat_calls) == 1 and len(ear.pieces) == pieces)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await until(lambda: ollama.fake.calls_canceled == 1)
        assert ollama.fake.chats_answered == 0
        await engine.close()

    run(story())


def test_a_connection_is_used_again_after_a_chat(ollama: OllamaThread) -> None:
    """A whole answer leaves the connection good: chats one after the other cost no new ones."""

    async def story() -> list[str]:
        engine = OllamaEngine(ollama.url)
        before = None
        for _ in range(3):
            await engine.chat(NAME, read_payload("Hi"), Ear())
            opened = {id(connection) for connection in ollama._server.connections}
            assert before in (None, opened)
            before = opened
        paths = list(ollama.fake.paths)
        await engine.close()
        return paths

    assert run(story()) == ["/api/ps", "/api/chat", "/api/chat", "/api/chat"]


def test_a_chat_model_that_we_loaded_is_unloaded(ollama: OllamaThread) -> None:
    """As with embeddings."""

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        await engine.chat(NAME, read_payload("Hi"), Ear())
        assert MODEL.name in ollama.fake.loaded
        await engine.free()
        assert MODEL.name not in ollama.fake.loaded
        await engine.close()

    run(story())


def test_the_embedded_engine_does_not_chat() -> None:
    """It offers nothing of the kind, and says so when it is asked all the same."""
    with pytest.raises(ModelMissing, match="embedded"):
        run(EmbeddedEngine().chat("wordllama-256", read_payload("Hi"), Ear()))


def test_the_bounds_fit_what_a_server_takes() -> None:
    """An answer that is let through is not refused for its size: escaped, text at most doubles."""
    assert engine_module.MAX_ANSWER_BYTES * 2 <= 4 * 1024 * 1024
