"""The whole agent against a real server and a faithful Ollama: what a client gets, and what the owner's wishes cost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_agent.core.control import Control, save_control
from desktop_agent.core.status import present_state
from tests.contract.agent_at_work import AtWork, running_agent
from tests.desktop_agent.parts import run, until
from tests.desktop_agent.real_pool import rows_of
from tests.fakes.ollama_models import FakeModel, expected_vectors
from tests.live_pool import EMBEDDINGS, LivePool, live_pool

MODEL = FakeModel(dimensions=64)
NAME = "nomic-embed-text"
TEXTS = [f"text number {number}" for number in range(100)]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LivePool]:
    with live_pool(tmp_path / "server") as opened:
        yield opened


@dataclass(slots=True)
class EmbeddingAgent(AtWork):
    """An agent at work, and its clients."""

    async def ask(self, texts: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Ask as a program does; give the vectors."""
        body = {"model": NAME, "input": texts, "encoding_format": "float"}
        client = self.live.client(x_stainless_lang="python")
        answer = await asyncio.to_thread(client.post, EMBEDDINGS, json=body)
        assert answer.status_code == 200, answer.text
        return np.array([item["embedding"] for item in answer.json()["data"]], dtype=np.float32)

    def charged(self) -> list[tuple[Any, ...]]:
        """Give status and charges of every task."""
        return rows_of(self.live, "SELECT DISTINCT status, attempts_charged FROM tasks")


def at_work(live: LivePool, tmp_path: Path, **speed: float) -> AbstractAsyncContextManager[EmbeddingAgent]:
    """Run an agent until the block ends."""
    return running_agent(EmbeddingAgent, live, tmp_path, (MODEL,), **speed)


def right_vectors(texts: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    return expected_vectors(MODEL.digest, texts, MODEL.dimensions)


def test_a_hundred_texts_are_computed_exactly(live: LivePool, tmp_path: Path) -> None:
    """Every vector is that of its own text, every text was computed once, and both sides count the same."""

    async def story() -> None:
        async with at_work(live, tmp_path) as w:
            vectors = await w.ask(TEXTS)
            assert np.allclose(vectors, right_vectors(TEXTS), atol=1e-6)
            assert w.ollama.fake.texts_embedded == len(TEXTS)
            assert w.charged() == [("completed", 1)]
            assert rows_of(live, "SELECT tasks_failed + tasks_lost + tasks_released, texts FROM agents") == [(0, 100)]
            w.stop.set()
            await w.task
            assert present_state(w.folder, 0.0)[1].counters.texts_done == 0
            assert '"texts_done": 100' in w.folder.state.read_text()

    run(story(), 60)


def test_pause_resume_and_stop_cost_nobody_anything(live: LivePool, tmp_path: Path) -> None:
    """In the middle of a long request: a pause puts everything back into the queue, and a resume goes on with it.

    At the end nobody was charged but for work that was done, and no text's vector is wrong.
    """

    async def story() -> None:
        async with at_work(live, tmp_path, ms_per_text=20.0) as w:
            answer = asyncio.create_task(w.ask(TEXTS))
            await until(lambda: len(w.ollama.fake.embed_calls) >= 1)
            save_control(w.folder.control, Control(paused=True))
            await until(lambda: rows_of(live, "SELECT count(*) FROM tasks WHERE status = 'leased'") == [(0,)])
            await until(lambda: NAME not in w.ollama.fake.loaded)
            assert rows_of(live, "SELECT count(*) FROM tasks WHERE releases > 0")[0][0] >= 1
            assert rows_of(live, "SELECT count(*) FROM tasks WHERE status = 'queued' AND attempts_charged > 0") == [
                (0,)
            ]
            assert not answer.done()
            save_control(w.folder.control, Control())
            assert np.allclose(await answer, right_vectors(TEXTS), atol=1e-6)
            assert w.charged() == [("completed", 1)]
            assert rows_of(live, "SELECT tasks_failed + tasks_lost FROM agents") == [(0,)]

    run(story(), 60)


def test_a_stop_gives_the_work_to_the_next_agent(live: LivePool, tmp_path: Path) -> None:
    """Stopped while it computes, the agent releases at once; another does the work, and the client never notices."""

    async def story() -> None:
        async with at_work(live, tmp_path / "first", ms_per_text=60_000.0) as first:
            answer = asyncio.create_task(first.ask(TEXTS[:5]))
            await until(lambda: len(first.ollama.fake.embed_calls) == 1)
            first.stop.set()
            await first.task
            assert rows_of(live, "SELECT status, attempts_charged, releases FROM tasks") == [("queued", 0, 1)]
            await until(lambda: first.ollama.fake.calls_canceled == 1)
        async with at_work(live, tmp_path / "second"):
            assert np.allclose(await answer, right_vectors(TEXTS[:5]), atol=1e-6)
        assert rows_of(live, "SELECT status, attempts_charged FROM tasks") == [("completed", 1)]

    run(story(), 60)


def test_an_ollama_that_goes_away_costs_nobody_anything(live: LivePool, tmp_path: Path) -> None:
    """Its tasks go back uncharged, also the ones that were just being fetched; when it is back, they are done."""

    async def story() -> None:
        async with at_work(live, tmp_path, ms_per_text=500.0) as w:
            answer = asyncio.create_task(w.ask(TEXTS[:10]))
            await until(lambda: len(w.ollama.fake.embed_calls) == 1)
            # The request for the next batch is out, and brings the same task back at once.
            await until(lambda: live.pool.agents.gate.in_use == 1)
            w.ollama.go_away()
            await until(lambda: "is not running" in w.folder.state.read_text())
            await until(lambda: w.charged() == [("queued", 0)])
            assert rows_of(live, "SELECT releases FROM tasks")[0][0] <= 3
            w.ollama.fake.ms_per_text = 0.0
            w.ollama.come_back()
            assert np.allclose(await answer, right_vectors(TEXTS[:10]), atol=1e-6)
            assert w.charged() == [("completed", 1)]

    run(story(), 60)
