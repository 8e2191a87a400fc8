"""The whole program without a face: it follows its owner, the sensors, and whatever becomes of the membership."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from desktop_agent.core import control
from desktop_agent.core.control import save_control
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.engines.base import EngineHealth
from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.errors import RequestRefused
from desktop_agent.core.host.desktop_host import DesktopHost
from desktop_agent.core.host.outside import Outside
from desktop_agent.core.pool.membership import Membership, load_membership
from desktop_agent.core.ran import HowEnded, Ran
from desktop_agent.core.sensors.base import Gpus, PowerState, SensorFailed, Sensors
from desktop_agent.core.settings import EngineChoice, WorkWhen, load_settings, save_settings
from desktop_agent.core.state import AgentState, Remedy, StateSnapshot, read_state
from desktop_agent.core.text import Text
from tests.desktop_agent.hosting import belong
from tests.desktop_agent.parts import GatedEngine, api_of, run, until
from tests.fakes.pool import AGENT_ID, INVITE, KEY, FakePool

MEMBER = Membership("http://127.0.0.1:9", AGENT_ID, "Test pool", "My PC")
LINK = f"http://127.0.0.1:9/join/{INVITE}"


class Person:
    """Somebody who is, or is not, at this PC; the sensors that would notice."""

    name = "a test"

    def __init__(self) -> None:
        self.idle_seconds: float | None = 3600.0
        self.on_battery = False
        self.reads = 0

    def read(self) -> float:
        self.reads += 1
        if self.idle_seconds is None:
            raise SensorFailed(Text("Nobody knows."))
        return self.idle_seconds

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Socket:
    """What the PC is plugged into."""

    person: Person

    def read(self) -> PowerState:
        return PowerState(self.person.on_battery, 80.0)


@dataclass(slots=True)
class Living:
    """A host that runs, and all that it touches."""

    host: DesktopHost
    pool: FakePool
    engine: GatedEngine
    folder: DataFolder
    person: Person
    stop: asyncio.Event
    task: asyncio.Task[None]
    shown: list[StateSnapshot] = field(default_factory=list)
    engines_made: list[EngineChoice] = field(default_factory=list)

    @property
    def now(self) -> StateSnapshot:
        return self.shown[-1]

    async def until_state(self, state: AgentState) -> StateSnapshot:
        await until(lambda: bool(self.shown) and self.now.state is state)
        return self.now


@asynccontextmanager
async def living(tmp_path: Path, *, joined: bool = True, gpus: Gpus | None = None) -> AsyncIterator[Living]:
    folder, pool, engine, person = DataFolder.open(tmp_path), FakePool(), GatedEngine(), Person()
    if joined:
        belong(folder, MEMBER, KEY)
    shown, made, stop = list[StateSnapshot](), list[EngineChoice](), asyncio.Event()

    def make_catalogue(settings: object) -> Catalogue:
        made.append(load_settings(folder.settings).engine)
        return Catalogue([engine])

    sensors = Sensors(user_idle=person, power=Socket(person), gpus=gpus)
    outside = Outside(lambda *_: api_of(pool), sensors, "0.1.0", make_catalogue)
    host = DesktopHost(folder, outside, shown.append)
    task = asyncio.create_task(host.run(stop))
    try:
        yield Living(host, pool, engine, folder, person, stop, task, shown, made)
    finally:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)


def test_it_works_while_nobody_is_there_and_yields_to_whoever_comes(tmp_path: Path) -> None:
    """Work is taken; with the first input it stops, goes back and is told why; when they are gone it goes on."""

    async def story() -> None:
        async with living(tmp_path) as a:
            a.engine.gate.clear()
            task = a.pool.submit("a text")
            await until(lambda: len(a.engine.calls) == 1)
            a.person.idle_seconds = 0.0
            async with asyncio.timeout(2):
                await a.pool.until(lambda: task.releases == ["waiting"])
            await until(lambda: a.now.reason == "You are using this PC.")
            assert a.now.remedy is Remedy.WORK_NOW
            assert a.now.next_check_at is not None
            assert a.now.next_check_at > time.time()
            assert a.engine.canceled == 1
            a.engine.gate.set()
            a.person.idle_seconds = 3600.0
            await a.until_state(AgentState.READY)
            a.pool.queue.append(task)
            a.pool.touch()
            await a.pool.until(lambda: task.result is not None)
            a.stop.set()
            await a.task
            ends = Ran.load(a.folder.ran).newest()
            assert [end.outcome for end in ends] == [HowEnded.DONE, HowEnded.RELEASED]

    run(story(), 60)


def test_what_no_sensor_can_tell_is_no_leave_to_work(tmp_path: Path) -> None:
    """Without knowing whether somebody is there nothing is computed; the reason says what to do."""

    async def story() -> None:
        async with living(tmp_path) as a:
            a.person.idle_seconds = None
            task = a.pool.submit("a text")
            await until(lambda: bool(a.shown) and "cannot tell when you are away" in a.now.reason)
            assert (a.now.state, a.now.remedy) == (AgentState.WAITING, Remedy.WORK_NOW)
            assert not a.engine.calls
            save_control(a.folder.control, control.work_now(time.time()))
            await a.pool.until(lambda: task.result is not None)

    run(story(), 60)


def test_battery_and_settings_are_followed_at_once(tmp_path: Path) -> None:
    """On battery it waits; when its owner allows that in the settings it goes on, without a restart."""

    async def story() -> None:
        async with living(tmp_path) as a:
            a.person.on_battery = True
            await until(lambda: bool(a.shown) and a.now.reason == "On battery.")
            settings = load_settings(a.folder.settings)
            save_settings(a.folder.settings, replace(settings, stop_on_battery=False))
            task = a.pool.submit("a text")
            await a.pool.until(lambda: task.result is not None)

    run(story(), 60)


def test_finish_then_pause_delivers_what_is_under_way(tmp_path: Path) -> None:
    """The task is finished and delivered, not given back; then nothing more is taken."""

    async def story() -> None:
        async with living(tmp_path) as a:
            a.engine.gate.clear()
            task = a.pool.submit("a text")
            await until(lambda: len(a.engine.calls) == 1)
            save_control(a.folder.control, control.pause(finish_first=True))
            finishing = await a.until_state(AgentState.PAUSED)
            assert finishing.reason == "Finishing what is under way, then paused."
            a.engine.gate.set()
            await a.pool.until(lambda: task.result is not None)
            await until(lambda: a.now.reason == "Paused until you resume. Your PC takes no work.")
            assert task.releases == []
            later = a.pool.submit("later")
            await a.pool.until(lambda: a.pool.turns[-1]["max_tasks"] == 0)
            assert later.result is None

    run(story(), 60)


def test_joining_begins_to_work_and_leaving_ends_it(tmp_path: Path) -> None:
    """From no pool to work and back, in one run of the program."""

    async def story() -> None:
        async with living(tmp_path, joined=False) as a:
            setup = await a.until_state(AgentState.SETUP)
            assert setup.remedy is Remedy.JOIN
            seen = await a.host.preview(LINK)
            assert (seen.host, seen.pool) == ("127.0.0.1:9", "Test pool")
            member = await a.host.join(LINK, "Kitchen PC", key_in_file=True)
            assert member.display_name == "Kitchen PC"
            task = a.pool.submit("a text")
            await a.pool.until(lambda: task.result is not None)
            assert await a.host.leave() is None
            await a.until_state(AgentState.SETUP)
            assert a.pool.left
            assert load_membership(a.folder.membership) is None
            assert not a.folder.key_file.exists()
            assert a.now.server == ""

    run(story(), 60)


def test_a_refused_key_asks_to_join_again_and_does(tmp_path: Path) -> None:
    """The program stays, says so, and a new invite is all that it takes."""

    async def story() -> None:
        async with living(tmp_path) as a:
            await a.pool.until(lambda: a.pool.waiting == 1)
            a.pool.knows_key = False
            a.pool.forget_tokens()
            a.pool.submit("wake up")
            error = await a.until_state(AgentState.ERROR)
            assert error.remedy is Remedy.JOIN_AGAIN
            assert "Join again" in error.reason
            with pytest.raises(RequestRefused):
                await a.host.join("http://127.0.0.1:9/join/used-up-code", "My PC", key_in_file=True)
            a.pool.knows_key = True
            await a.host.join(LINK, "My PC", key_in_file=True)
            await a.until_state(AgentState.READY)

    run(story(), 60)


def test_a_key_that_is_gone_is_told_and_looked_for_again(tmp_path: Path) -> None:
    """Without its key the agent cannot run; when it is back, a try again is enough."""

    async def story() -> None:
        async with living(tmp_path) as a:
            await a.pool.until(lambda: a.pool.waiting == 1)
        a.folder.key_file.chmod(0o644)
        async with living(tmp_path, joined=False) as b:
            error = await b.until_state(AgentState.ERROR)
            assert error.remedy is Remedy.UNLOCK
            b.folder.key_file.chmod(0o600)
            await b.host.try_again()
            await b.pool.until(lambda: b.pool.waiting == 1)

    run(story(), 60)


def test_other_engines_take_over_without_a_restart(tmp_path: Path) -> None:
    """A change of the engine in the settings gives the work back, and goes on with the new one."""

    async def story() -> None:
        async with living(tmp_path) as a:
            a.engine.gate.clear()
            task = a.pool.submit("a text")
            await until(lambda: len(a.engine.calls) == 1)
            settings = load_settings(a.folder.settings)
            save_settings(a.folder.settings, replace(settings, engine=EngineChoice.EMBEDDED))
            await a.pool.until(lambda: task.releases == ["stopping"])
            a.engine.gate.set()
            await until(lambda: a.engines_made == [EngineChoice.AUTO, EngineChoice.EMBEDDED])
            again = a.pool.submit("another")
            await a.pool.until(lambda: again.result is not None)

    run(story(), 60)


def test_an_engine_that_is_down_offers_its_remedy_before_joining(tmp_path: Path) -> None:
    """The engines are looked at, and a model is downloadable, before this PC belongs to a pool."""

    async def story() -> None:
        async with living(tmp_path, joined=False) as a:
            await a.until_state(AgentState.SETUP)
            await until(lambda: a.now.models == ("nomic-embed-text",))
            a.engine.offers, a.engine.health = (), EngineHealth(available=False, reason="Ollama is not running.")
            await a.host.try_again()
            await until(lambda: a.now.models == ())
            assert a.now.engines[0].reason == "Ollama is not running."

    run(story(), 60)


def test_what_was_done_outlives_the_program(tmp_path: Path) -> None:
    """The tasks, never their texts, are in the list of what ran here; the counts are in the last snapshot."""

    async def story() -> None:
        async with living(tmp_path) as a:
            save_settings(a.folder.settings, replace(load_settings(a.folder.settings), work_when=WorkWhen.ALWAYS))
            task = a.pool.submit("a secret text", "another")
            await a.pool.until(lambda: task.result is not None)
            a.stop.set()
            await a.task
        ends = Ran.load(a.folder.ran).newest()
        assert [(end.model, end.texts, end.outcome) for end in ends] == [("nomic-embed-text", 2, HowEnded.DONE)]
        assert "secret" not in a.folder.ran.read_text()
        written = read_state(a.folder.state)
        assert written is not None
        assert (written.counters.texts_done, written.texts_all_time) == (2, 2)

    run(story(), 60)
