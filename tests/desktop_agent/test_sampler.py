"""All sensors are read at their rates; one that breaks, hangs or is not there holds up no other, nor the agent."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from desktop_agent.core.sampling.probe import Probe
from desktop_agent.core.sampling.sampler import IDLE_SECONDS, WATCHED_SECONDS, WORKING_SECONDS, Sampler, Wanted
from desktop_agent.core.sensors.base import (
    GpuStatus,
    PowerState,
    SensorFailed,
    Sensors,
    SessionState,
    Surroundings,
    Unknown,
)
from desktop_agent.core.settings import Settings
from desktop_agent.core.text import Text

CARDS = (GpuStatus("card", "nvidia", "Card"),)
NOT_THERE = Unknown("There is no way to tell on this system.")
#: Seconds that nothing of these tests takes, however busy the machine is.
PATIENCE_S = 60


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Sensor:
    """Stands in for any sensor of a system that is not here: says what it is told to."""

    name = "a fake sensor"

    def __init__(self, value: Any) -> None:
        self.value = value
        self.calls: list[tuple[Any, ...]] = []
        self.threads: set[int] = set()
        self.closed_in = 0

    def read(self, *arguments: Any, **named: Any) -> Any:
        self.calls.append((*arguments, *named.values()))
        self.threads.add(threading.get_ident())
        if isinstance(self.value, Exception):
            raise self.value
        return self.value() if callable(self.value) else self.value

    def close(self) -> None:
        self.closed_in = threading.get_ident()


class Here:
    """One sensor of each kind."""

    def __init__(self) -> None:
        self.user_idle = Sensor(12.5)
        self.inhibitors = Sensor(("mpv",))
        self.full_screen = Sensor(False)
        self.power = Sensor(PowerState(on_battery=True))
        self.gpus = Sensor(CARDS)
        self.cpu = Sensor(7.0)
        self.session = Sensor(SessionState(locked=True))
        self.network = Sensor(True)
        self.programs = Sensor(frozenset({"obs"}))

    def sensors(self) -> Sensors:
        return Sensors(**vars(self))


@pytest.fixture
def here() -> Here:
    return Here()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a hanging sensor waits for; opened at the end in any case."""
    gate = threading.Event()
    yield gate
    gate.set()


SETTINGS = Settings(exclusive_programs=("obs",))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.005)


def sample_once(sensors: Sensors, settings: Settings = SETTINGS, *, working: bool = False) -> Surroundings:
    async def main() -> Surroundings:
        sampler = Sampler(sensors, limit_seconds=PATIENCE_S)
        try:
            return await sampler.sample(settings, working=working)
        finally:
            await sampler.close()

    return asyncio.run(main())


def test_what_the_sensors_say_comes_together(here: Here) -> None:
    """The first sample already has everything, each in its place."""
    seen = sample_once(here.sensors(), working=True)
    assert seen == Surroundings(
        at=seen.at,
        idle_seconds=12.5,
        inhibitors=("mpv",),
        full_screen=False,
        power=PowerState(on_battery=True),
        gpus=CARDS,
        cpu_by_others=7.0,
        session=SessionState(locked=True),
        metered=True,
        exclusive=frozenset({"obs"}),
        idle_source="a fake sensor",
    )
    assert (here.gpus.calls, here.programs.calls) == ([(True,)], [(frozenset({"obs"}),)])


def test_a_system_without_sensors_says_so() -> None:
    """What is not there is unknown, with words for the owner; and no program is exclusive where none was named."""
    seen = sample_once(Sensors())
    assert (seen.idle_seconds, seen.gpus, seen.exclusive, seen.idle_source) == (NOT_THERE, NOT_THERE, NOT_THERE, "")
    assert sample_once(Sensors(), Settings()).exclusive == frozenset()


def test_one_that_breaks_spoils_no_other(here: Here, caplog: pytest.LogCaptureFixture) -> None:
    """A sensor's own reason is passed on; a mistake in it is named, and the log has its details."""
    here.user_idle.value = SensorFailed(Text("No desktop."))
    here.gpus.value = OSError("driver gone")
    with caplog.at_level(logging.WARNING):
        seen = sample_once(here.sensors())
    assert (seen.idle_seconds, seen.idle_source) == (Unknown("No desktop."), "")
    assert seen.gpus == Unknown("Asking the system failed (OSError).")
    assert (seen.power, seen.metered) == (PowerState(on_battery=True), True)
    assert "driver gone" in caplog.text


def test_each_sensor_has_its_rate(here: Here) -> None:
    """Over a minute at work, one sample a second: the time without input each time, the rest less often."""

    async def main() -> None:
        clock = Clock()
        sampler = Sampler(here.sensors(), clock, PATIENCE_S)
        for _ in range(60):
            await sampler.sample(SETTINGS, working=True)
            clock.now += 1.0
        await sampler.close()

    asyncio.run(main())
    counts = {name: len(sensor.calls) for name, sensor in vars(here).items()}
    assert counts == {
        "user_idle": 60,
        "gpus": 30,
        "full_screen": 30,
        "cpu": 12,
        "power": 12,
        "inhibitors": 12,
        "session": 12,
        "programs": 12,
        "network": 2,
    }
    assert all(len(sensor.threads) == 1 for sensor in vars(here).values())


def test_one_that_fails_is_asked_less_and_less_often(here: Here) -> None:
    """After 5 s, 10 s, 20 s and so on, five minutes at most; after a success at its rate again."""
    here.cpu.value = SensorFailed(Text("No."))
    asked: list[float] = []

    async def main() -> None:
        clock = Clock()
        sampler = Sampler(here.sensors(), clock, PATIENCE_S)
        for second in range(1230):
            before = len(here.cpu.calls)
            await sampler.sample(SETTINGS, working=False)
            if len(here.cpu.calls) > before:
                asked.append(second)
            if second == 1000:
                here.cpu.value = 3.0
            clock.now += 1.0
        await sampler.close()

    asyncio.run(main())
    assert asked == [0, 5, 15, 35, 75, 155, 315, 615, 915, 1215, 1220, 1225]


def test_one_that_hangs_holds_up_nobody_and_is_not_asked_again(here: Here, gate: threading.Event) -> None:
    """The first time it costs the limit; after that nothing, and no second thread waits beside the first."""
    here.user_idle.value = gate.wait

    async def main() -> None:
        clock = Clock()
        sampler = Sampler(here.sensors(), clock, limit_seconds=2.0)
        waiting = asyncio.create_task(sampler.sample(SETTINGS, working=False))
        await until(lambda: len(here.network.calls) == 1)
        clock.now += 2.0
        seen = await waiting
        assert seen.idle_seconds == Unknown("The system does not answer.")
        threads = threading.active_count()
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(100):
                clock.now += 1.0
                seen = await sampler.sample(SETTINGS, working=False)
                assert (seen.idle_seconds, seen.metered) == (Unknown("The system does not answer."), True)
        assert len(here.user_idle.calls) == 1
        assert threading.active_count() == threads
        here.user_idle.value = 3.0
        gate.set()
        await until(lambda: sampler._idle._asked is None or sampler._idle._asked.done())
        assert len(here.user_idle.calls) == 1
        # What it said at last was so long ago. It is left alone for a while, then believed again.
        assert isinstance((await sampler.sample(SETTINGS, working=False)).idle_seconds, Unknown)
        clock.now += 5.0
        assert (await sampler.sample(SETTINGS, working=False)).idle_seconds == 3.0
        await sampler.close()

    asyncio.run(main())


def test_the_exclusive_programs_are_looked_for_when_they_are_named(here: Here) -> None:
    """A new list is asked for at once, whatever was asked a moment ago; an empty one is not asked for at all."""

    async def main() -> None:
        clock = Clock()
        sampler = Sampler(here.sensors(), clock, PATIENCE_S)
        for names in ((), ("obs",), ("obs",), ("blender", "obs"), ()):
            seen = await sampler.sample(Settings(exclusive_programs=names), working=False)
            assert seen.exclusive == (frozenset({"obs"}) if names else frozenset())
        await sampler.close()

    asyncio.run(main())
    assert here.programs.calls == [(frozenset({"obs"}),), (frozenset({"blender", "obs"}),)]


def test_an_old_answer_is_none() -> None:
    """What was said is good for three times the sensor's rate; the next answer is good again."""

    async def main() -> None:
        probe = Probe[float]("network", Sensor(1.0), 30.0)
        assert probe.reading(0.0) == Unknown("It has not been looked at yet.")
        for at in (0.0, 200.0):
            probe.ask(lambda: 1.0, at)
            assert probe.waits_for is not None
            await asyncio.wait_for(asyncio.shield(probe.waits_for), PATIENCE_S)
            probe.settle(at)
            assert (probe.reading(at), probe.reading(at + 90.0)) == (1.0, 1.0)
            assert probe.reading(at + 90.1) == Unknown("The last answer of the system is too old.")
        probe.thread.end()

    asyncio.run(main())


def test_sensors_are_closed_where_they_were_read_and_one_that_hangs_is_left(here: Here, gate: threading.Event) -> None:
    """Connections that belong to a thread are closed in it; the end of the agent waits for nobody."""
    here.full_screen.value = gate.wait

    async def main() -> None:
        clock = Clock()
        sampler = Sampler(here.sensors(), clock, limit_seconds=1.0)
        waiting = asyncio.create_task(sampler.sample(SETTINGS, working=False))
        await until(lambda: len(here.full_screen.calls) == 1)
        clock.now += 1.0
        await waiting
        await sampler.close()

    asyncio.run(main())
    for sensor in (here.user_idle, here.inhibitors, here.gpus, here.session, here.network):
        assert {sensor.closed_in} == sensor.threads
    assert here.full_screen.closed_in == 0


class Seldom(Wanted):
    """The next sample after this one is not waited for."""

    pace_seconds = 3600.0


def test_it_samples_for_ever_and_at_once_when_woken(here: Here) -> None:
    """Each sample is told; a wake does not wait for the pace, and the next sample follows the new wishes."""
    heard: list[Surroundings] = []
    wanted: Wanted = Seldom(Settings())

    async def main() -> None:
        nonlocal wanted
        sampler = Sampler(here.sensors(), limit_seconds=PATIENCE_S)
        loop = asyncio.create_task(sampler.run_forever(heard.append, lambda: wanted))
        for number in (1, 2, 3):
            await until(lambda number=number: len(heard) == number)  # type: ignore[misc]
            sampler.wake()
        wanted = Wanted(Settings(), working=True)
        sampler.wake()
        await until(lambda: len(heard) >= 6)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        await sampler.close()

    asyncio.run(main())
    assert len(here.user_idle.calls) >= 6


def test_a_program_with_a_hanging_sensor_ends() -> None:
    """The thread that waits for a sensor for ever does not keep the program from ending."""
    story = """
        import asyncio, threading
        from desktop_agent.core.sampling.sensor_thread import SensorThread

        async def main():
            asked = threading.Event()
            SensorThread("hanging").ask(lambda: asked.set() or threading.Event().wait())
            await asyncio.to_thread(asked.wait)

        asyncio.run(main())
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(story)], timeout=PATIENCE_S, check=False)
    assert ended.returncode == 0


@pytest.mark.parametrize(
    ("working", "watched", "seconds"),
    [
        (True, False, WORKING_SECONDS),
        (True, True, WORKING_SECONDS),
        (False, True, WATCHED_SECONDS),
        (False, False, IDLE_SECONDS),
    ],
)
def test_the_pace_follows_what_is_at_stake(working: bool, watched: bool, seconds: float) -> None:
    """An owner who comes back is noticed within a second while we compute."""
    assert Wanted(Settings(), working=working, watched=watched).pace_seconds == seconds
