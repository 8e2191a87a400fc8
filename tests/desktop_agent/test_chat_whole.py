"""The whole agent answers chats through a faithful Ollama, over real sockets on both sides."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from desktop_agent.core.control import Control, save_control
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.engines.making import make_catalogue
from desktop_agent.core.history import History
from desktop_agent.core.pool.membership import Membership
from desktop_agent.core.pool.server_api import ServerApi
from desktop_agent.core.settings import EngineChoice, Settings
from desktop_agent.core.state import AgentState, StateSnapshot, read_state
from desktop_agent.core.status import describe
from tests.desktop_agent.hosting import belong, make_host
from tests.desktop_agent.parts import run, until
from tests.fakes.http_server import HttpServer
from tests.fakes.ollama import OllamaThread, running_ollama
from tests.fakes.ollama_chat import CUT
from tests.fakes.ollama_models import FakeModel, chat_model
from tests.fakes.pool import AGENT_ID, KEY, FakePool

NAME = "qwen2.5:7b"
MODEL = chat_model(NAME, "tools")


@dataclass(slots=True)
class Living:
    """An agent that runs, and all that it touches."""

    pool: FakePool
    ollama: OllamaThread
    folder: DataFolder
    stop: asyncio.Event
    task: asyncio.Task[None]
    shown: list[StateSnapshot] = field(default_factory=list)


@asynccontextmanager
async def living(tmp_path: Path, *, chat: bool = True, **speed: float) -> AsyncIterator[Living]:
    folder, pool, stop, shown = DataFolder.open(tmp_path), FakePool(), asyncio.Event(), list[StateSnapshot]()
    with running_ollama(MODEL, FakeModel(dimensions=8), **speed) as ollama:
        server = HttpServer(pool.handle)
        url = f"http://127.0.0.1:{await server.listen(0)}"
        belong(folder, Membership(url, AGENT_ID, "Test pool", "My PC"), KEY)
        settings = Settings(EngineChoice.OLLAMA, ollama.url, chat=chat)
        host = make_host(folder, lambda *_: ServerApi(url), lambda _: make_catalogue(settings), shown.append)
        task = asyncio.create_task(host.run(stop))
        try:
            await pool.until(lambda: pool.waiting == 1)
            yield Living(pool, ollama, folder, stop, task, shown)
        finally:
            stop.set()
            await asyncio.gather(task, return_exceptions=True)
            await server.close()


def test_a_chat_is_streamed_and_counted(tmp_path: Path) -> None:
    """Text arrives while Ollama writes it; the answer is Ollama's; history and counters have one chat and no text."""

    async def story() -> None:
        async with living(tmp_path, ms_per_token=20.0) as a:
            chat = a.pool.submit_chat({"prompt": "one two three four five six seven eight", "stream": True})
            await a.pool.until(lambda: chat.content != "")
            assert not chat.result  # it came before its end
            await a.pool.until(lambda: chat.result is not None)
            assert chat.result is not None
            output = chat.result["output"]
            whole = "You said: one two three four five six seven eight"
            assert (output["message"]["content"], output["eval_count"], output["done_reason"]) == (whole, 10, "stop")
            assert whole.startswith(chat.content)
            assert chat.result["digest"] == MODEL.digest
            await until(lambda: a.shown[-1].chats_today == 1)
            assert (a.shown[-1].texts_today, a.shown[-1].counters.chats_done) == (0, 1)
            a.stop.set()
            await a.task
            today = dt.datetime.now().astimezone().date()
            assert History.load(a.folder.history).chats_on(today) == 1

    run(story())


def test_status_says_that_it_chats_and_for_how_long(tmp_path: Path) -> None:
    """The owner reads the model and the seconds, and since when; afterwards none of it is left."""

    async def story() -> None:
        async with living(tmp_path, ms_per_call=60_000.0) as a:
            chat = a.pool.submit_chat("Hi")
            await until(lambda: a.shown[-1].chatting_since is not None)
            now = a.shown[-1]
            assert (now.state, now.model) == (AgentState.WORKING, NAME)
            await until(lambda: "for 1 s now" in a.shown[-1].reason)
            written = read_state(a.folder.state)
            assert written is not None
            assert describe(written, running=True).startswith(f"Working: {NAME} answers a chat, for ")
            a.pool.lost.add(chat.lease_id)
            await until(lambda: a.ollama.fake.calls_canceled == 1)
            await until(lambda: a.shown[-1].state is AgentState.READY)
            assert (a.shown[-1].chatting_since, a.shown[-1].model) == (None, "")
            await a.pool.until(lambda: a.pool.waiting == 1)

    run(story())


def test_a_pause_stops_ollama_and_frees_its_memory(tmp_path: Path) -> None:
    """Within two seconds: the chat is released, Ollama computes no more, the model that we loaded is gone."""

    async def story() -> None:
        async with living(tmp_path, ms_per_token=500.0) as a:
            chat = a.pool.submit_chat({"prompt": "one two three four five six", "stream": True})
            await a.pool.until(lambda: chat.content != "")
            save_control(a.folder.control, Control(paused=True))
            async with asyncio.timeout(2):
                await a.pool.until(lambda: chat.releases == ["paused"])
                await until(lambda: a.ollama.fake.calls_canceled == 1 and MODEL.name not in a.ollama.fake.loaded)

    run(story())


def test_an_ollama_that_dies_gives_the_chat_back(tmp_path: Path) -> None:
    """In the middle of the answer: it is nobody's fault."""

    async def story() -> None:
        async with living(tmp_path) as a:
            chat = a.pool.submit_chat({"prompt": f"one {CUT} two three", "stream": True})
            await a.pool.until(lambda: chat.releases == ["engine_unavailable"])
            assert chat.result is None
            await a.pool.until(lambda: a.pool.waiting == 1)

    run(story())


def test_without_chat_only_embeddings_are_announced(tmp_path: Path) -> None:
    """The setting reaches the pool: what is switched off is not offered."""

    async def story(folder: Path, *, chat: bool) -> list[str]:
        async with living(folder, chat=chat) as a:
            capabilities: list[str] = a.pool.infos[-1]["capabilities"]
            return capabilities

    assert run(story(tmp_path / "on", chat=True)) == ["llm.qwen2.5:7b[tools;size:4.7Gb]", "embed.nomic-embed-text"]
    assert run(story(tmp_path / "off", chat=False)) == ["embed.nomic-embed-text"]
