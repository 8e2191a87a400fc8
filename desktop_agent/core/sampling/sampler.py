"""Reads all sensors, each at its own rate and in its own thread: one that hangs or breaks holds up no other."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..sensors.base import GpuStatus, PowerState, Sensors, SessionState, Surroundings, Unknown
from ..settings import Settings
from .probe import LIMIT_SECONDS, Probe

#: Seconds between two samples: an owner who comes back is noticed within the first while we compute.
WORKING_SECONDS, WATCHED_SECONDS, IDLE_SECONDS = 1.0, 2.0, 5.0
#: Seconds between two readings of one sensor. How long nobody touched this PC is read in every sample.
USER_IDLE_RATE = 0.0
GPUS_RATE, FULL_SCREEN_RATE = 2.0, 2.0
CPU_RATE, POWER_RATE, INHIBITORS_RATE, SESSION_RATE, PROGRAMS_RATE = 5.0, 5.0, 5.0, 5.0, 5.0
NETWORK_RATE = 30.0
#: Seconds that a sample waits for a sensor whose last word is still good.
GRACE_SECONDS = 0.2
#: Seconds by which a sample waits longer than the limit, so that at its end the limit has passed by every clock.
MARGIN_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the next sample is for."""

    settings: Settings
    #: An engine computes for us.
    working: bool = False
    #: Somebody looks at what the sensors say.
    watched: bool = False

    @property
    def pace_seconds(self) -> float:
        """Give the seconds until the sample after it."""
        if self.working:
            return WORKING_SECONDS
        return WATCHED_SECONDS if self.watched else IDLE_SECONDS


class Sampler:
    """Asks the sensors and remembers what they said. It lives in one event loop."""

    def __init__(
        self, sensors: Sensors, clock: Callable[[], float] = time.monotonic, limit_seconds: float = LIMIT_SECONDS
    ) -> None:
        self._sensors = sensors
        self._clock = clock
        self._limit = limit_seconds
        self._woken = asyncio.Event()
        self._programs: frozenset[str] = frozenset()
        self._idle = Probe[float]("user idle", sensors.user_idle, USER_IDLE_RATE, limit_seconds)
        self._inhibitors = Probe[tuple[str, ...]]("inhibitors", sensors.inhibitors, INHIBITORS_RATE, limit_seconds)
        self._full_screen = Probe[bool]("full screen", sensors.full_screen, FULL_SCREEN_RATE, limit_seconds)
        self._power = Probe[PowerState]("power", sensors.power, POWER_RATE, limit_seconds)
        self._gpus = Probe[tuple[GpuStatus, ...]]("graphics cards", sensors.gpus, GPUS_RATE, limit_seconds)
        self._cpu = Probe[float]("processor", sensors.cpu, CPU_RATE, limit_seconds)
        self._session = Probe[SessionState]("session", sensors.session, SESSION_RATE, limit_seconds)
        self._network = Probe[bool]("network", sensors.network, NETWORK_RATE, limit_seconds)
        self._running = Probe[frozenset[str]]("programs", sensors.programs, PROGRAMS_RATE, limit_seconds)

    async def run_forever(self, heard: Callable[[Surroundings], None], want: Callable[[], Wanted]) -> None:
        """Sample, tell `heard`, and again: soon or less soon, as `want` says, or at once after `wake`."""
        while True:
            self._woken.clear()
            began = self._clock()
            wanted = want()
            heard(await self.sample(wanted.settings, working=wanted.working))
            rest = began + want().pace_seconds - self._clock()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, rest)):
                    await self._woken.wait()

    def wake(self) -> None:
        """Sample at once: what the pace depends on, or the settings, have changed."""
        self._woken.set()

    async def sample(self, settings: Settings, *, working: bool) -> Surroundings:
        """Give what the sensors say now: within a moment, or two seconds where one is silent for the first time."""
        self._ask(settings, working=working)
        first = [self._idle, *(probe for probe in self._probes() if probe.is_new)]
        await _wait(first, self._limit + MARGIN_SECONDS)
        await _wait(self._probes(), GRACE_SECONDS)
        now = self._clock()
        for probe in self._probes():
            probe.settle(now)
        return self._surroundings(now)

    async def close(self) -> None:
        """Let the sensors let go of connections and drivers, each in its own thread; one that hangs is left behind."""
        sensors = self._sensors
        closers = (
            (self._idle, sensors.user_idle),
            (self._inhibitors, sensors.inhibitors),
            (self._full_screen, sensors.full_screen),
            (self._gpus, sensors.gpus),
            (self._session, sensors.session),
            (self._network, sensors.network),
        )
        closing = [probe.thread.ask(sensor.close) for probe, sensor in closers if sensor is not None]
        for probe in self._probes():
            probe.thread.end()
        if closing:
            await asyncio.wait(closing, timeout=self._limit)

    def _probes(self) -> tuple[Probe[Any], ...]:
        return (
            self._idle,
            self._inhibitors,
            self._full_screen,
            self._power,
            self._gpus,
            self._cpu,
            self._session,
            self._network,
            self._running,
        )

    def _ask(self, settings: Settings, *, working: bool) -> None:
        sensors, now = self._sensors, self._clock()
        if sensors.user_idle:
            self._idle.ask(sensors.user_idle.read, now)
        if sensors.inhibitors:
            self._inhibitors.ask(sensors.inhibitors.read, now)
        if sensors.full_screen:
            self._full_screen.ask(sensors.full_screen.read, now)
        if sensors.power:
            self._power.ask(sensors.power.read, now)
        if sensors.gpus:
            gpus = sensors.gpus
            self._gpus.ask(lambda: gpus.read(working=working), now)
        if sensors.cpu:
            self._cpu.ask(sensors.cpu.read, now)
        if sensors.session:
            self._session.ask(sensors.session.read, now)
        if sensors.network:
            self._network.ask(sensors.network.read, now)
        self._ask_programs(frozenset(settings.exclusive_programs), now)

    def _ask_programs(self, names: frozenset[str], now: float) -> None:
        if names != self._programs:
            self._programs = names
            self._running.forget()
        programs = self._sensors.programs
        if programs and names:
            self._running.ask(lambda: programs.read(names), now)

    def _surroundings(self, now: float) -> Surroundings:
        idle, source = self._idle.reading(now), self._sensors.user_idle
        return Surroundings(
            at=now,
            idle_seconds=idle,
            inhibitors=self._inhibitors.reading(now),
            full_screen=self._full_screen.reading(now),
            power=self._power.reading(now),
            gpus=self._gpus.reading(now),
            cpu_by_others=self._cpu.reading(now),
            session=self._session.reading(now),
            metered=self._network.reading(now),
            exclusive=self._running.reading(now) if self._programs else frozenset(),
            idle_source=source.name if source is not None and not isinstance(idle, Unknown) else "",
        )


async def _wait(probes: Iterable[Probe[Any]], seconds: float) -> None:
    """Wait until all have answered, for so long at most."""
    out = [probe.waits_for for probe in probes if probe.waits_for is not None]
    if out:
        await asyncio.wait(out, timeout=seconds)
