"""The whole agent answers chats for a real server: what a client gets, word for word, and what its leaving costs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from desktop_agent.core.control import Control, save_control
from tests.contract.chat_agent import COMPLETIONS, asking, at_work
from tests.desktop_agent.parts import run, until
from tests.desktop_agent.real_pool import rows_of
from tests.fakes.ollama_chat import CALL, ERROR
from tests.live_pool import LivePool, live_pool

TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LivePool]:
    with live_pool(tmp_path / "server") as opened:
        yield opened


class Reader(threading.Thread):
    """A client that reads a streamed answer along, in a thread of its own."""

    def __init__(self, live: LivePool, body: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self.events: list[dict[str, Any]] = []
        self.done = False
        self._leave = threading.Event()
        self._client = live.client()
        self._body = {**body, "stream": True, "stream_options": {"include_usage": True}}

    def run(self) -> None:
        with self._client.stream("POST", COMPLETIONS, json=self._body) as response:
            for line in response.iter_lines():
                if line.startswith("data: {"):
                    self.events.append(orjson.loads(line[6:]))
                self.done |= line == "data: [DONE]"
                if self._leave.is_set():
                    return

    def leave(self) -> None:
        """Hang up at the next line."""
        self._leave.set()

    def said(self, name: str = "content") -> str:
        """Give what came of the answer so far."""
        deltas = [choice["delta"] for event in self.events for choice in event.get("choices", [])]
        return "".join(delta.get(name) or "" for delta in deltas)


def test_an_answer_without_a_stream(live: LivePool, tmp_path: Path) -> None:
    """Text, end and the engine's own counts, in OpenAI's form; options reach Ollama; both sides count one task."""

    async def story() -> None:
        async with at_work(live, tmp_path) as w:
            answer = await w.ask("Wie heißt „日本語“?", temperature=0.25, max_tokens=50, stop=["nothing"])
            assert answer.status_code == 200, answer.text
            (choice,) = answer.json()["choices"]
            assert choice["message"]["content"] == "You said: Wie heißt „日本語“?"
            assert choice["finish_reason"] == "stop"
            assert answer.json()["usage"] == {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
            options = w.ollama.fake.chat_calls[0]["options"]
            assert (options["temperature"], options["num_predict"], options["stop"]) == (0.25, 50, ["nothing"])
            assert rows_of(live, "SELECT status, attempts_charged FROM tasks") == [("completed", 1)]
            assert rows_of(live, "SELECT tasks_completed, tasks_failed + tasks_lost FROM agents") == [(1, 0)]

    run(story(), 60)


def test_an_answer_is_read_along(live: LivePool, tmp_path: Path) -> None:
    """The first words are read while Ollama still writes the last; in the end every word is there once."""

    async def story() -> None:
        async with at_work(live, tmp_path, ms_per_token=40.0) as w:
            words = " ".join(map(str, range(20)))
            reader = Reader(live, asking(words))
            reader.start()
            await until(lambda: reader.said() != "")
            assert w.ollama.fake.chats_answered == 0
            await until(lambda: reader.done)
            assert reader.said() == f"You said: {words}"
            assert len([event for event in reader.events if event.get("choices")]) > 4
            assert reader.events[-1]["usage"]["completion_tokens"] == 22

    run(story(), 60)


def test_thoughts_tools_formats_and_images(live: LivePool, tmp_path: Path) -> None:
    """Everything that a chat may ask for goes through the server, our agent and Ollama, and comes back."""

    async def story() -> None:
        async with at_work(live, tmp_path) as w:
            thought = (await w.ask("Hi", model="qwen3:4b")).json()["choices"][0]["message"]
            assert (thought["content"], thought["reasoning_content"]) == ("You said: Hi", "Somebody said 1 things.")
            called = (await w.ask(f"{CALL} please", tools=[TOOL])).json()["choices"][0]
            assert called["finish_reason"] == "tool_calls"
            (call,) = called["message"]["tool_calls"]
            assert orjson.loads(call["function"]["arguments"]) == {"city": "text"}
            back = [
                {"role": "user", "content": "Weather?"},
                called["message"],
                {"role": "tool", "tool_call_id": call["id"], "content": "Sunny"},
            ]
            told_back = (await w.ask("", messages=back)).json()["choices"][0]["message"]
            assert told_back["content"] == "The tool weather said: Sunny"
            formatted = await w.ask("Hi", response_format={"type": "json_object"})
            assert formatted.json()["choices"][0]["message"]["content"] == '{"answer": 42}'
            picture = "data:image/png;base64,iVBORw0KGgo="
            seen = [{"type": "text", "text": "See?"}, {"type": "image_url", "image_url": {"url": picture}}]
            looked = await w.ask("", messages=[{"role": "user", "content": seen}])
            assert looked.json()["choices"][0]["message"]["content"] == "You said: See? and showed 1 images"

    run(story(), 60)


def test_a_model_of_both_kinds_embeds_and_chats(live: LivePool, tmp_path: Path) -> None:
    """Described twice, it is asked for both, and each answer is of its kind."""

    async def story() -> None:
        async with at_work(live, tmp_path) as w:
            answer = await w.ask("Hi", model="both:1b")
            assert answer.json()["choices"][0]["message"]["content"] == "You said: Hi"
            body = {"model": "both:1b", "input": "Hi"}
            embedded = await asyncio.to_thread(live.client().post, "/v1/embeddings", json=body)
            assert len(embedded.json()["data"][0]["embedding"]) == 8

    run(story(), 60)


@pytest.mark.parametrize("spoken", [False, True], ids=["before-a-word", "in-the-middle"])
def test_a_client_that_leaves_frees_the_graphics_card(live: LivePool, tmp_path: Path, spoken: bool) -> None:
    """It hangs up, before the first word or in the middle: Ollama stops, and the PC takes other work."""

    async def story() -> None:
        speed = {"ms_per_token": 300.0} if spoken else {"ms_per_call": 60_000.0}
        async with at_work(live, tmp_path, **speed) as w:
            client = live.client()
            client.timeout = httpx.Timeout(1.5 if not spoken else 30.0)
            if spoken:
                reader = Reader(live, asking(" ".join(map(str, range(200)))))
                reader.start()
                await until(lambda: reader.said() != "")
                reader.leave()
            else:
                with pytest.raises(httpx.ReadTimeout):
                    await asyncio.to_thread(client.post, COMPLETIONS, json=asking("Hi"))
            await until(lambda: w.ollama.fake.calls_canceled == 1)
            await until(lambda: live.pool.agents.gate.in_use == 1)
            assert rows_of(live, "SELECT status FROM tasks") == [("canceled",)]

    run(story(), 60)


def test_a_pause_before_the_first_word_puts_the_chat_back(live: LivePool, tmp_path: Path) -> None:
    """Nobody was charged, and whoever takes it next answers; the client never notices."""

    async def story() -> None:
        async with at_work(live, tmp_path / "first", ms_per_call=60_000.0) as first:
            answer = asyncio.create_task(first.ask("Hi"))
            await until(lambda: len(first.ollama.fake.chat_calls) == 1)
            save_control(first.folder.control, Control(paused=True))
            await until(
                lambda: rows_of(live, "SELECT status, attempts_charged, releases FROM tasks") == [("queued", 0, 1)]
            )
            await until(lambda: first.ollama.fake.calls_canceled == 1)
        async with at_work(live, tmp_path / "second"):
            assert (await answer).json()["choices"][0]["message"]["content"] == "You said: Hi"

    run(story(), 60)


def test_a_runner_that_breaks_in_the_middle_is_told(live: LivePool, tmp_path: Path) -> None:
    """A reader along gets an error event instead of an end; it never takes half an answer for a whole one."""

    async def story() -> None:
        async with at_work(live, tmp_path, ms_per_token=200.0):
            reader = Reader(live, asking(f"{ERROR} one two three"))
            reader.start()
            await until(lambda: any("error" in event for event in reader.events))
            assert reader.said().startswith("You")
            assert not reader.done

    run(story(), 60)
