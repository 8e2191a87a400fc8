"""The idle time from D-Bus: GNOME, Cinnamon, screen savers and logind, each in its unit and with its doubts."""

from __future__ import annotations

import time

import pytest

from desktop_agent.core.messages import sensors as messages
from desktop_agent.core.sensors.base import SensorFailed
from desktop_agent.core.sensors.linux.dbus import Bus, Service, ServiceMissing
from desktop_agent.core.sensors.linux.idle_dbus import MUFFIN, MUTTER, ZERO_FOR_S, CompositorIdle, ScreenSaverIdle
from desktop_agent.core.sensors.linux.idle_logind import LogindIdle
from tests.fakes.dbus_services import DBusServices, FakeIdleMonitor, FakeLogind, FakeScreenSaver


@pytest.mark.parametrize("service", [MUTTER, MUFFIN], ids=["GNOME", "Cinnamon"])
def test_gnome_and_cinnamon_count_milliseconds(
    session_services: DBusServices, session_bus: Bus, service: Service
) -> None:
    """Their idle monitors' milliseconds become seconds, and input takes them back."""
    monitor = FakeIdleMonitor(session_services, service.name)
    idle = CompositorIdle(session_bus, service, messages.FROM_GNOME)
    monitor.away_for(600)
    assert 600 <= idle.read() < 660
    monitor.away_for(0)
    assert idle.read() < 60


def test_a_screen_saver_counts_seconds(session_services: DBusServices, session_bus: Bus) -> None:
    """By the specification a screen saver tells seconds."""
    FakeScreenSaver(session_services, idle=90)
    idle = ScreenSaverIdle(session_bus)
    assert idle.read() == 90


def test_kdes_screen_saver_counts_milliseconds(session_services: DBusServices, session_bus: Bus) -> None:
    """KDE tells milliseconds; taken for seconds, a minute would look like a day."""
    FakeScreenSaver(session_services, ("org.freedesktop.ScreenSaver", "org.kde.screensaver"), idle=90_000)
    idle = ScreenSaverIdle(session_bus)
    assert idle.read() == 90


def test_a_screen_saver_that_only_knows_zero_is_found_out(session_services: DBusServices, session_bus: Bus) -> None:
    """Zero for ten minutes means that it does not know; after a single other value, zero is somebody at the keys."""
    saver = FakeScreenSaver(session_services, idle=0)
    now = 1000.0
    idle = ScreenSaverIdle(session_bus, clock=lambda: now)
    assert idle.read() == 0
    now += ZERO_FOR_S + 1
    with pytest.raises(SensorFailed, match="always zero"):
        idle.read()
    saver.idle = 5
    assert idle.read() == 5
    saver.idle = 0
    now += ZERO_FOR_S + 1
    assert idle.read() == 0


def test_a_screen_saver_without_the_method_is_missing(session_services: DBusServices, session_bus: Bus) -> None:
    """GNOME owns the name, but has no idle time there."""
    FakeScreenSaver(session_services)
    with pytest.raises(ServiceMissing):
        ScreenSaverIdle(session_bus).read()


def test_logind_tells_the_time_since_its_hint(system_services: DBusServices, system_bus: Bus) -> None:
    """With the hint, the time since it was given; without it, somebody is there."""
    logind = FakeLogind(system_services, idle_hint=True)
    logind.idle_since_us = int((time.monotonic() - 30) * 1_000_000)
    idle = LogindIdle(system_bus, {})
    assert 30 <= idle.read() < 90
    logind.idle_hint = False
    assert idle.read() == 0


def test_a_desktop_that_never_gives_a_hint_is_not_believed(system_services: DBusServices, system_bus: Bus) -> None:
    """KDE never tells logind: its “not idle” must not count as somebody who never leaves."""
    FakeLogind(system_services)
    with pytest.raises(SensorFailed, match="never tells the system"):
        LogindIdle(system_bus, {}).read()


@pytest.mark.parametrize("session_id", [None, "1", "99"])
def test_the_own_session_is_found(system_services: DBusServices, system_bus: Bus, session_id: str | None) -> None:
    """By its id, by the process, or by the person's screen, also when an id of another log-in was handed down."""
    logind = FakeLogind(system_services, idle_hint=False, idle_since_us=1, knows_process=False)
    idle = LogindIdle(system_bus, {"XDG_SESSION_ID": session_id} if session_id else {})
    assert idle.read() == 0
    logind.idle_hint = True
    assert idle.read() > 0


def test_without_logind_that_is_said(system_bus: Bus) -> None:
    """A system bus on which no logind answers."""
    with pytest.raises(ServiceMissing, match=r"org\.freedesktop\.login1 is not there"):
        LogindIdle(system_bus, {}).read()
