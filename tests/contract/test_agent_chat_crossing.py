"""Chats of OffloadMQ's clients, answered by our agent: the payload as they send it, the answer as Ollama gives it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.contract.chat_agent import NAME, at_work
from tests.desktop_agent.parts import run
from tests.live_pool import LivePool, live_pool

CAPABILITY = f"llm.{NAME}"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LivePool]:
    with live_pool(tmp_path / "server") as opened:
        yield opened


class Client:
    """One of OffloadMQ's clients, with one task."""

    def __init__(self, live: LivePool) -> None:
        self._http = live.caller({"X-API-Key": live.issue_key()})
        self._id = ""

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer: httpx.Response = await asyncio.to_thread(self._http.post, path, json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def submit(self, payload: Any) -> None:
        """Submit a task that is asked for later."""
        body = {"capability": CAPABILITY, "urgent": False, "payload": payload}
        self._id = (await self._post("/api/task/submit", body))["id"]["id"]

    async def poll(self) -> dict[str, Any]:
        """Ask how the task stands."""
        return await self._post(f"/api/task/poll/{quote(CAPABILITY, safe='')}/{self._id}", {})

    async def until(self, *statuses: str) -> dict[str, Any]:
        """Ask until the task stands so."""
        async with asyncio.timeout(20):
            while (found := await self.poll())["status"] not in statuses:
                await asyncio.sleep(0.02)
        return found


def test_a_text_is_answered(live: LivePool, tmp_path: Path) -> None:
    """A payload that is a string is one message of the user; the output is Ollama's whole answer."""

    async def story() -> None:
        async with at_work(live, tmp_path):
            client = Client(live)
            await client.submit("Hello there")
            found = await client.until("completed", "failed")
            assert found["status"] == "completed", found
            assert found["output"]["message"] == {"role": "assistant", "content": "You said: Hello there"}
            assert (found["output"]["done"], found["output"]["eval_count"]) == (True, 4)

    run(story(), 60)


def test_a_streamed_answer_is_seen_in_the_log(live: LivePool, tmp_path: Path) -> None:
    """With `stream` the log grows while the model writes; the model of the payload and unknown fields mean nothing."""

    async def story() -> None:
        async with at_work(live, tmp_path, ms_per_token=100.0) as w:
            client = Client(live)
            words = " ".join(map(str, range(20)))
            messages = [{"role": "user", "content": words}]
            await client.submit(
                {"model": "other", "messages": messages, "options": {"num_ctx": 9, "seed": 1}, "stream": True}
            )
            async with asyncio.timeout(20):
                while not (found := await client.poll())["log"]:
                    await asyncio.sleep(0.02)
            assert (found["status"], f"You said: {words}".startswith(found["log"])) == ("running", True)
            done = await client.until("completed", "failed")
            assert done["output"]["message"]["content"] == f"You said: {words}"
            assert w.ollama.fake.chat_calls[0] == {
                "model": NAME,
                "messages": messages,
                "options": {"seed": 1},
                "stream": True,
                "keep_alive": "120s",
            }

    run(story(), 60)


def test_nonsense_is_failed_in_words(live: LivePool, tmp_path: Path) -> None:
    """A payload that no engine could read fails with the field's name, and Ollama never sees it."""

    async def story() -> None:
        async with at_work(live, tmp_path) as w:
            client = Client(live)
            await client.submit({"messages": [{"role": "pirate", "content": "Arr"}]})
            found = await client.until("completed", "failed")
            assert found["status"] == "failed", found
            assert "messages[0].role" in str(found)
            assert not w.ollama.fake.chat_calls

    run(story(), 60)
