"""The agent as its users start it: a process, real sockets, a real signal at its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.desktop_agent.parts import run, until
from tests.fakes.http_server import HttpServer
from tests.fakes.ollama import running_ollama
from tests.fakes.pool import INVITE, KEY, FakePool

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Site:
    """A fake pool that listens, and a data folder for an agent."""

    pool: FakePool
    url: str
    data: Path

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start the agent with these arguments."""
        environment = {**os.environ, "EMBEDPOOL_AGENT_DATA_DIR": str(self.data)}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "desktop_agent", *arguments),
            cwd=ROOT,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def call(self, *arguments: str, code: int = 0) -> str:
        """Run a command to its end; give what it wrote."""
        process = await self.start(*arguments)
        output, _ = await process.communicate()
        assert process.returncode == code, output.decode()
        return output.decode()

    async def told(self, words: str) -> None:
        """Ask for the status until it has these words."""
        while words not in await self.call("status"):
            continue

    @contextlib.asynccontextmanager
    async def running(self, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Join, and run the agent for the length of a block."""
        await self.call("join", f"{self.url}/join/{INVITE}", "--key-file", *arguments)
        process = await self.start("run", "--headless", *arguments)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()


@contextlib.asynccontextmanager
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    pool = FakePool()
    server = HttpServer(pool.handle)
    port = await server.listen(0)
    try:
        yield Site(pool, f"http://127.0.0.1:{port}", tmp_path / "data")
    finally:
        await server.close()


def test_join_run_status_pause_resume_stop_leave(tmp_path: Path) -> None:
    """The life of an agent with the embedded engine, from the invite to the farewell, without its key in any log."""

    async def story() -> None:
        async with site(tmp_path) as s, s.running("--engine", "embedded") as process:
            task = s.pool.submit("hello", "world", model="wordllama-256")
            await s.pool.until(lambda: task.result is not None)
            assert task.result is not None
            assert task.result["dimensions"] == 256
            state = json.loads(await s.call("status", "--json"))
            assert (state["running"], state["models"]) == (True, ["wordllama-256"])
            assert "already running" in await s.call("run", "--headless", code=1)
            await s.call("pause")
            await s.pool.until(lambda: s.pool.turns[-1]["state"]["status"] == "paused")
            await s.call("resume")
            process.send_signal(signal.SIGTERM)
            output, _ = await process.communicate()
            assert process.returncode == 0
            assert KEY not in output.decode()
            assert KEY not in (s.data / "logs" / "agent.log").read_text("utf-8")
            assert "hello" not in (s.data / "logs" / "agent.log").read_text("utf-8")
            assert "EmbedPool is not running" in await s.call("status")
            assert "has left the pool" in await s.call("leave")
            assert s.pool.left

    run(story(), 90)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_releases_what_is_under_way(tmp_path: Path, number: signal.Signals) -> None:
    """In the middle of a long computation: the task is released, Ollama stops, and the agent ends with 0 in 2 s."""

    async def story() -> None:
        with running_ollama(ms_per_text=60_000) as ollama:
            arguments = ("--engine", "ollama", "--ollama-url", ollama.url)
            async with site(tmp_path) as s, s.running(*arguments) as process:
                task = s.pool.submit("a text")
                await until(lambda: len(ollama.fake.embed_calls) == 1)
                process.send_signal(number)
                async with asyncio.timeout(5):
                    await process.wait()
                assert process.returncode == 0
                assert task.releases == ["stopping"]
                await until(lambda: ollama.fake.calls_canceled == 1)

    run(story(), 60)


def test_ollama_may_start_after_the_agent(tmp_path: Path) -> None:
    """Without Ollama the agent says so; when Ollama comes, its models are announced and used."""

    async def story() -> None:
        with running_ollama() as ollama:
            ollama.go_away()
            arguments = ("--engine", "ollama", "--ollama-url", ollama.url)
            async with site(tmp_path) as s, s.running(*arguments):
                await s.pool.until(lambda: len(s.pool.infos) == 1)
                assert s.pool.infos[0]["capabilities"] == []
                await s.told("Ollama is not running")
                ollama.come_back()
                await s.pool.until(lambda: len(s.pool.infos) == 2, seconds=60)
                assert s.pool.infos[1]["capabilities"] == ["embed.nomic-embed-text"]
                task = s.pool.submit("a text")
                await s.pool.until(lambda: task.result is not None)
                assert task.result is not None
                assert task.result["digest"] == ollama.fake.models[0].digest

    run(story(), 100)


def test_a_revoked_key_ends_the_agent_with_its_reason(tmp_path: Path) -> None:
    """Exit code 1, and a sentence that says what to do."""

    async def story() -> None:
        async with site(tmp_path) as s, s.running("--engine", "embedded") as process:
            await s.pool.until(lambda: s.pool.waiting == 1)
            s.pool.knows_key = False
            s.pool.forget_tokens()
            s.pool.submit("wake up", model="wordllama-256")
            output, _ = await process.communicate()
            assert process.returncode == 1
            assert "join again" in output.decode()
            assert "refused this PC's key" in await s.call("status")

    run(story(), 60)


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot stop a process")
def test_a_process_that_was_stopped_finds_its_way_back(tmp_path: Path) -> None:
    """Stopped and continued, its lease given to another: the late result is thrown away, and new work is done."""

    async def story() -> None:
        with running_ollama(ms_per_text=300) as ollama:
            arguments = ("--engine", "ollama", "--ollama-url", ollama.url)
            async with site(tmp_path) as s, s.running(*arguments) as process:
                late = s.pool.submit("late")
                await until(lambda: len(ollama.fake.embed_calls) == 1)
                process.send_signal(signal.SIGSTOP)
                del s.pool.leased[late.lease_id]
                await until(lambda: ollama.fake.texts_embedded == 1)
                process.send_signal(signal.SIGCONT)
                new = s.pool.submit("new")
                await s.pool.until(lambda: new.result is not None)
                assert late.result is None

    run(story(), 60)
