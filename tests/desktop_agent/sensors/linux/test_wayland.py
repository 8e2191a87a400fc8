"""The idle time from a Wayland compositor, spoken to over its real protocol, in both versions of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_agent.core.sensors.base import SensorFailed
from desktop_agent.core.sensors.linux import user_idle
from desktop_agent.core.sensors.linux.wayland_sensors import WaylandIdle
from tests.desktop_session import Desktop, wait_until
from tests.fakes.compositor import Compositor

ROOT = Path(__file__).parents[4]

#: A program that reads once and ends with everything open.
CARELESS = """
import sys
from desktop_agent.core.sensors.linux.wayland_sensors import WaylandIdle
idle = WaylandIdle(sys.argv[1])
print(idle.read())
"""


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=[1, 2], ids=["version 1", "version 2"])
def compositor(request: pytest.FixtureRequest, wayland_socket: Path) -> Iterator[Compositor]:
    with Compositor(wayland_socket, request.param) as running:
        yield running


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def idle(wayland_socket: Path, clock: Time) -> Iterator[WaylandIdle]:
    sensor = WaylandIdle(str(wayland_socket), clock)
    yield sensor
    sensor.close()


def test_the_idle_time_counts_from_the_last_input(compositor: Compositor, idle: WaylandIdle, clock: Time) -> None:
    """Told a second after the last input, it counts that second too, and input takes it back at once."""
    assert idle.read() == 0
    compositor.nobody_there()
    assert idle.read() == 1
    clock.now += 300
    assert idle.read() == 301
    compositor.input()
    assert idle.read() == 0


def test_input_between_two_readings_counts(compositor: Compositor, idle: WaylandIdle, clock: Time) -> None:
    """Somebody who came and went while nobody looked was there: it is counted from the look."""
    idle.read()
    compositor.nobody_there()
    clock.now += 300
    idle.read()
    clock.now += 300
    compositor.input()
    compositor.nobody_there()
    assert idle.read() == 1


@pytest.mark.parametrize("compositor", [2], indirect=True)
def test_a_film_is_no_input_in_version_two(compositor: Compositor, idle: WaylandIdle, clock: Time) -> None:
    """Input is counted alone, and that a program keeps the screen on is told besides, once it is certain."""
    idle.read()
    compositor.nobody_there()
    assert (idle.read(), idle.screen_kept_on()) == (1, False)
    compositor.inhibit(on=True)
    clock.now += 300
    assert (idle.read(), idle.screen_kept_on()) == (301, True)
    compositor.inhibit(on=False)
    assert (idle.read(), idle.screen_kept_on()) == (301, False)


@pytest.mark.parametrize("compositor", [1], indirect=True)
def test_a_film_counts_as_input_in_version_one(compositor: Compositor, idle: WaylandIdle) -> None:
    """The old version cannot tell one from the other: it errs to “somebody is there”, and names no program."""
    idle.read()
    compositor.inhibit(on=True)
    compositor.nobody_there()
    assert idle.read() == 0
    with pytest.raises(SensorFailed):
        idle.screen_kept_on()


def test_any_seat_counts(compositor: Compositor, idle: WaylandIdle, clock: Time) -> None:
    """A keyboard that comes or goes is noticed without a failed reading; the time starts anew."""
    idle.read()
    compositor.nobody_there()
    clock.now += 50
    compositor.plug_in_a_seat()
    assert idle.read() == 0
    compositor.unplug_the_seat()
    assert idle.read() == 0
    compositor.input()
    compositor.nobody_there()
    assert idle.read() == 1


def test_nothing_is_left_at_the_compositor(compositor: Compositor, idle: WaylandIdle) -> None:
    """Closing takes back what was asked for; reading again asks for it anew."""
    idle.read()
    asked_for = compositor.watchers
    assert asked_for > 0
    idle.close()
    wait_until(lambda: compositor.watchers == 0, "everything to be taken back")
    assert idle.read() == 0
    assert compositor.watchers == asked_for


def test_a_dead_compositor_is_told_and_a_new_one_found(wayland_socket: Path, idle: WaylandIdle) -> None:
    """After its end there is no idle time, least of all one that goes on rising; a new one is asked by itself."""
    with Compositor(wayland_socket) as first:
        idle.read()
        first.nobody_there()
        assert idle.read() > 0
        first.end()
        with pytest.raises(SensorFailed, match="does not answer"):
            idle.read()
    with Compositor(wayland_socket):
        assert idle.read() == 0


def test_a_compositor_that_hangs_is_told(compositor: Compositor, idle: WaylandIdle) -> None:
    """Its silence is not taken for somebody's absence, and is not waited out."""
    idle.read()
    compositor.nobody_there()
    assert idle.read() == 1
    compositor.hang()
    began = time.monotonic()
    with pytest.raises(SensorFailed, match="does not answer"):
        idle.read()
    assert time.monotonic() - began < 30


def test_a_compositor_without_the_protocol_is_told(bare: Desktop, wayland_socket: Path) -> None:
    """GNOME's compositor and old ones: the reason names what is missing."""
    with (
        Compositor(wayland_socket, version=0),
        pytest.raises(SensorFailed, match=r"\(the Wayland compositor does not offer ext-idle-notify\)"),
    ):
        user_idle(bare.environ).read()


def test_the_chain_takes_the_compositor(bare: Desktop, wayland_socket: Path, compositor: Compositor) -> None:
    """On a Wayland desktop it is found by the environment, also by a whole path, and named."""
    for name in ("wayland-7", str(wayland_socket)):
        sensor = user_idle({**bare.environ, "WAYLAND_DISPLAY": name, "DISPLAY": ":0"})
        assert sensor.read() == 0
        assert sensor.name == "the Wayland compositor (ext-idle-notify)"
        sensor.close()


def test_any_thread_may_read_and_close(compositor: Compositor, idle: WaylandIdle) -> None:
    """Readings and closings from several threads never meet inside the library, which would crash the program."""

    def use() -> None:
        for _ in range(20):
            idle.read()
            idle.close()

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert idle.read() == 0


def test_a_program_may_end_without_closing(compositor: Compositor, wayland_socket: Path) -> None:
    """The library's own order at the end of a program crashes it; ours does not."""
    ended = subprocess.run(
        [sys.executable, "-c", CARELESS, str(wayland_socket)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "0.0\n", "")
