"""Desktops for the sensors to look at: a real X server, and real buses with stand-in services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_agent.core.sensors.linux.dbus import Bus, WhichBus
from tests.desktop_session import Desktop, bare, buses, x_session
from tests.fakes.dbus_services import DBusServices

__all__ = ["bare", "buses", "x_session"]


@pytest.fixture
def session_services(buses: Desktop) -> Iterator[DBusServices]:
    """Give services to be put on the session bus."""
    with DBusServices(buses.environ["DBUS_SESSION_BUS_ADDRESS"]) as services:
        yield services


@pytest.fixture
def system_services(buses: Desktop) -> Iterator[DBusServices]:
    """Give services to be put on the system bus."""
    with DBusServices(buses.environ["DBUS_SYSTEM_BUS_ADDRESS"]) as services:
        yield services


@pytest.fixture
def session_bus(buses: Desktop) -> Iterator[Bus]:
    """Give a sensor's line to the session bus."""
    bus = Bus(WhichBus.SESSION, buses.environ)
    yield bus
    bus.close()


@pytest.fixture
def system_bus(buses: Desktop) -> Iterator[Bus]:
    """Give a sensor's line to the system bus."""
    bus = Bus(WhichBus.SYSTEM, buses.environ)
    yield bus
    bus.close()


@pytest.fixture
def wayland_socket(bare: Desktop) -> Path:
    """Give the place for a compositor's socket; the environment names it."""
    bare.environ["WAYLAND_DISPLAY"] = "wayland-7"
    return Path(bare.environ["XDG_RUNTIME_DIR"], "wayland-7")
