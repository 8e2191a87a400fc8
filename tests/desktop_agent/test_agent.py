"""The whole agent in one process, on a fake pool: wishes are obeyed, states are told, nothing is left behind."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from desktop_agent.core.control import Control, save_control
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.engines.base import EngineHealth
from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.errors import KeyRefused
from desktop_agent.core.history import History
from desktop_agent.core.pool.membership import Membership, save_membership
from desktop_agent.core.state import AgentState, StateSnapshot, read_state
from tests.desktop_agent.hosting import belong, make_host
from tests.desktop_agent.parts import GatedEngine, api_of, run, until
from tests.fakes.pool import AGENT_ID, KEY, FakePool

MEMBER = Membership("http://127.0.0.1:9", AGENT_ID, "Test pool", "My PC")


@dataclass(slots=True)
class Living:
    """An agent that runs, and all that it touches."""

    pool: FakePool
    engine: GatedEngine
    folder: DataFolder
    stop: asyncio.Event
    task: asyncio.Task[None]
    shown: list[StateSnapshot] = field(default_factory=list)

    @property
    def state(self) -> AgentState | None:
        return self.shown[-1].state if self.shown else None


@asynccontextmanager
async def living(tmp_path: Path, control: Control | None = None) -> AsyncIterator[Living]:
    folder = DataFolder.open(tmp_path)
    belong(folder, MEMBER, KEY)
    if control:
        save_control(folder.control, control)
    pool, engine, stop, shown = FakePool(), GatedEngine(), asyncio.Event(), list[StateSnapshot]()
    host = make_host(folder, lambda *_: api_of(pool), lambda _: Catalogue([engine]), shown.append)
    task = asyncio.create_task(host.run(stop))
    try:
        yield Living(pool, engine, folder, stop, task, shown)
    finally:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)


def test_it_announces_itself_and_works(tmp_path: Path) -> None:
    """Models are told before work is asked for; results arrive; the counts are shown, written and kept."""

    async def story() -> None:
        async with living(tmp_path) as a:
            task = a.pool.submit("a text", "another")
            await a.pool.until(lambda: task.result is not None)
            assert a.pool.infos[0]["displayName"] == "My PC"
            await until(lambda: a.shown[-1].texts_today == 2)
            assert a.shown[-1].state is AgentState.WORKING
            assert a.shown[-1].counters.tasks_done == 1
            assert a.shown[-1].models == ("nomic-embed-text",)
            await until(lambda: a.state is AgentState.READY)
            a.stop.set()
            await a.task
            written = read_state(a.folder.state)
            assert written is not None
            assert (written.texts_today, written.reason) == (2, "The agent has been stopped.")
            assert History.load(a.folder.history).texts_on(dt.datetime.now().astimezone().date()) == 2

    run(story())


def test_a_pause_gives_the_work_back_and_a_resume_takes_it_again(tmp_path: Path) -> None:
    """Within two seconds the engine is stopped, the task released, memory freed; it goes on when told."""

    async def story() -> None:
        async with living(tmp_path) as a:
            a.engine.gate.clear()
            task = a.pool.submit("a text")
            await until(lambda: len(a.engine.calls) == 1)
            save_control(a.folder.control, Control(paused=True))
            async with asyncio.timeout(2):
                await a.pool.until(lambda: task.releases == ["paused"])
            await until(lambda: a.engine.canceled == 1 and a.engine.unloaded == ["nomic-embed-text"])
            await until(lambda: a.state is AgentState.PAUSED)
            a.engine.gate.set()
            save_control(a.folder.control, Control())
            await until(lambda: a.state is AgentState.READY)
            a.pool.queue.append(task)
            a.pool.touch()
            await a.pool.until(lambda: task.result is not None)

    run(story())


def test_a_pause_survives_a_restart(tmp_path: Path) -> None:
    """An agent that starts paused asks for nothing."""

    async def story() -> None:
        async with living(tmp_path, Control(paused=True)) as a:
            await until(lambda: a.state is AgentState.PAUSED)
            await a.pool.until(lambda: len(a.pool.turns) >= 1)
            assert {turn["max_tasks"] for turn in a.pool.turns} == {0}

    run(story())


def test_a_snooze_ends_by_itself(tmp_path: Path) -> None:
    """The agent works again when the time is over, without being told."""

    async def story() -> None:
        until_when = time.time() + 1.2
        async with living(tmp_path, Control(snoozed_until=until_when)) as a:
            await until(lambda: a.state is AgentState.PAUSED)
            assert a.shown[-1].until == until_when
            task = a.pool.submit("a text")
            await a.pool.until(lambda: task.result is not None)
            assert time.time() >= until_when

    run(story())


def test_an_engine_that_comes_later_is_used(tmp_path: Path) -> None:
    """Without an engine the state is an error with its reason; when it appears, the agent goes on by itself."""

    async def story() -> None:
        async with living(tmp_path) as a:
            await a.pool.until(lambda: a.pool.waiting == 1)
            offers, a.engine.offers = a.engine.offers, ()
            a.engine.health = EngineHealth(available=False, reason="Ollama is not running.")
            task = a.pool.submit("x", model="gone")
            await until(lambda: a.state is AgentState.ERROR)
            assert a.shown[-1].reason == "Ollama is not running."
            await a.pool.until(lambda: task.releases == ["engine_unavailable"])
            a.engine.offers, a.engine.health = offers, EngineHealth(available=True)
            again = a.pool.submit("y")
            await a.pool.until(lambda: again.result is not None)
            assert a.pool.infos[-1]["capabilities"] == ["embed.nomic-embed-text"]

    run(story())


def test_a_lost_server_is_told_and_found_again(tmp_path: Path) -> None:
    """Offline with the reason and the time of the next try; ready again without help."""

    async def story() -> None:
        async with living(tmp_path) as a:
            a.pool.instead["/private/agent/turn"] = [(500, {})] * 100
            await until(lambda: a.state is AgentState.OFFLINE)
            assert "internal error" in a.shown[-1].reason
            a.pool.instead.clear()
            await until(lambda: a.state is AgentState.READY)

    run(story())


def test_a_refused_key_ends_it_and_stays_readable(tmp_path: Path) -> None:
    """The agent stops with the reason, and `status` can still tell it afterwards."""

    async def story() -> None:
        async with living(tmp_path) as a:
            await a.pool.until(lambda: a.pool.waiting == 1)
            a.pool.knows_key = False
            a.pool.forget_tokens()
            a.pool.submit("wake up")
            with pytest.raises(KeyRefused):
                await a.task
            written = read_state(a.folder.state)
            assert written is not None
            assert written.state is AgentState.ERROR
            assert "Join again" in written.reason

    run(story())


def test_leaving_while_it_runs_ends_it(tmp_path: Path) -> None:
    """When another process leaves the pool, the running agent ends in order."""

    async def story() -> None:
        async with living(tmp_path) as a:
            await a.pool.until(lambda: a.pool.waiting == 1)
            a.folder.membership.unlink()
            await a.task

    run(story())


@pytest.mark.parametrize("joined_again", [False, True])
def test_a_key_that_is_refused_after_leaving_is_no_error(tmp_path: Path, joined_again: bool) -> None:
    """The server hears of it before this agent does, and this PC may even have joined again as somebody else."""

    async def story() -> None:
        async with living(tmp_path) as a:
            await a.pool.until(lambda: a.pool.waiting == 1)
            if joined_again:
                save_membership(a.folder.membership, replace(MEMBER, agent_id="somebody else"))
            else:
                a.folder.membership.unlink()
            a.pool.knows_key = False
            a.pool.forget_tokens()
            a.pool.submit("wake up")
            await a.task
            assert a.state is not AgentState.ERROR

    run(story())


def test_an_agent_that_is_stopped_leaves_no_old_trouble(tmp_path: Path) -> None:
    """Stopped while it had no engine, its last word is that it was stopped."""

    async def story() -> None:
        async with living(tmp_path) as a:
            await a.pool.until(lambda: a.pool.waiting == 1)
            a.engine.offers, a.engine.health = (), EngineHealth(available=False, reason="Ollama is not running.")
            a.pool.submit("x", model="gone")
            await until(lambda: a.state is AgentState.ERROR)
            a.stop.set()
            await a.task
            written = read_state(a.folder.state)
            assert written is not None
            assert (written.state, written.reason, written.pid) == (
                AgentState.OFFLINE,
                "The agent has been stopped.",
                0,
            )

    run(story())


def test_stopping_releases_the_task_under_way(tmp_path: Path) -> None:
    """A stop during a computation gives the task back before the agent ends."""

    async def story() -> None:
        async with living(tmp_path) as a:
            a.engine.gate.clear()
            task = a.pool.submit("a text")
            await until(lambda: len(a.engine.calls) == 1)
            a.stop.set()
            async with asyncio.timeout(3):
                await a.task
            assert task.releases == ["stopping"]
            assert a.engine.canceled == 1

    run(story())
