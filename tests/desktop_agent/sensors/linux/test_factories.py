"""The sensors as the agent gets them: cheap to make, and an answer or a reason on every desktop."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_agent.core.sensors.base import SensorFailed, UserIdle
from desktop_agent.core.sensors.linux import full_screen, inhibitors, network, session, user_idle
from tests.desktop_session import Desktop, add_bus, add_x_server, end
from tests.fakes.dbus_services import DBusServices, FakeIdleMonitor

ROOT = Path(__file__).parents[4]

#: Where the Wayland library has no build, its import fails; what is left must work and say why.
WITHOUT_WAYLAND = """
import sys
sys.modules["pywayland"] = None
from desktop_agent.core.sensors.linux import inhibitors, user_idle
from desktop_agent.core.sensors.base import SensorFailed
for sensor in (user_idle({"WAYLAND_DISPLAY": "wayland-0"}), inhibitors({"WAYLAND_DISPLAY": "wayland-0"})):
    try:
        sensor.read()
    except SensorFailed as failed:
        print(failed.reason)
"""


@pytest.fixture
def gnome(bare: Desktop) -> Iterator[FakeIdleMonitor]:
    """Put GNOME's idle monitor on a session bus, beside an X server as old as X itself."""
    add_bus(bare)
    add_x_server(bare)
    with DBusServices(bare.environ["DBUS_SESSION_BUS_ADDRESS"]) as services:
        yield FakeIdleMonitor(services)


def test_nothing_is_opened_before_it_is_read() -> None:
    """Sensors of a desktop that is not there are made without a complaint, and closed without having been read."""
    nowhere = {"DISPLAY": ":99999", "WAYLAND_DISPLAY": "/nowhere", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    for environ in ({}, nowhere):
        for sensor in (user_idle(environ), inhibitors(environ), full_screen(environ), session(environ)):
            sensor.close()
        network(environ).close()


def test_every_sensor_says_why_where_there_is_nothing() -> None:
    """No display, no bus: five reasons, each a whole sentence, and no other exception."""
    nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"}
    for sensor in (user_idle(nowhere), inhibitors(nowhere), full_screen(nowhere), session(nowhere), network(nowhere)):
        with pytest.raises(SensorFailed) as failed:
            sensor.read()
        assert failed.value.reason.startswith("EmbedPool cannot tell ")
        assert failed.value.reason.endswith(").")


def test_gnome_comes_before_x11_and_x11_stands_in(bare: Desktop, gnome: FakeIdleMonitor) -> None:
    """GNOME's own count is the better one; while its shell restarts, the X server is asked."""
    gnome.away_for(500)
    idle = user_idle(bare.environ)
    assert idle.read() >= 500
    assert idle.name == "GNOME's idle monitor"
    gnome.bus.disown(gnome.name)
    assert idle.read() < 400
    assert idle.name == "X11 screen saver"
    idle.close()


def test_gnome_is_found_when_the_bus_comes_back(bare: Desktop) -> None:
    """After the bus went down with the desktop, the next session's monitor is asked by itself."""
    process = add_bus(bare)
    idle: UserIdle = user_idle(bare.environ)
    with DBusServices(bare.environ["DBUS_SESSION_BUS_ADDRESS"]) as services:
        FakeIdleMonitor(services).away_for(50)
        assert idle.read() >= 50
    end(process)
    with pytest.raises(SensorFailed):
        idle.read()
    add_bus(bare)
    with DBusServices(bare.environ["DBUS_SESSION_BUS_ADDRESS"]) as services:
        FakeIdleMonitor(services).away_for(70)
        assert idle.read() >= 70
    idle.close()


def test_without_the_wayland_library_that_is_the_reason() -> None:
    """On processors without a build of it, everything else is still there."""
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_WAYLAND],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    first, second = ran.stdout.splitlines()
    assert first.endswith("(the library for Wayland is missing on this kind of PC).")
    assert second.startswith("EmbedPool cannot tell whether a program keeps the screen on")
