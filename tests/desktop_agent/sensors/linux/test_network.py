"""Metered connections, as NetworkManager judges them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop_agent.core.sensors.base import Network, SensorFailed
from desktop_agent.core.sensors.linux import network
from tests.desktop_session import Desktop
from tests.fakes.dbus_services import DBusServices, FakeNetworkManager


@pytest.fixture
def sensor(buses: Desktop) -> Iterator[Network]:
    made = network(buses.environ)
    yield made
    made.close()


def test_told_and_guessed_count_alike(system_services: DBusServices, sensor: Network) -> None:
    """A phone's hotspot is metered by a guess, a cable is not."""
    manager = FakeNetworkManager(system_services)
    answers = {}
    for told in (1, 2, 3, 4):
        manager.metered = told
        answers[told] = sensor.read()
    assert answers == {1: True, 2: False, 3: True, 4: False}


@pytest.mark.parametrize("told", [0, 5, 99])
def test_what_networkmanager_does_not_know_is_unknown(
    system_services: DBusServices, sensor: Network, told: int
) -> None:
    """Its own “unknown”, and what later versions may invent, are neither yes nor no."""
    FakeNetworkManager(system_services, told)
    with pytest.raises(SensorFailed, match="NetworkManager does not know it either"):
        sensor.read()


def test_without_networkmanager_that_is_said(sensor: Network) -> None:
    """Other network services tell nobody."""
    with pytest.raises(SensorFailed, match=r"metered \(org\.freedesktop\.NetworkManager is not there\)\.$"):
        sensor.read()


def test_an_odd_answer_is_unknown(system_services: DBusServices, sensor: Network) -> None:
    """A value of another kind is not taken for a number."""
    manager = FakeNetworkManager(system_services)
    manager.bus.put(
        "/org/freedesktop/NetworkManager",
        {("org.freedesktop.DBus.Properties", "Get"): lambda _interface, _name: ("s", ["yes"])},
    )
    with pytest.raises(SensorFailed, match="something odd"):
        sensor.read()
