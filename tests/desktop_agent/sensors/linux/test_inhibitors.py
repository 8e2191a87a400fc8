"""Who keeps the screen on, as GNOME, KDE, Xfce, logind and Wayland compositors tell it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_agent.core.sensors.base import DisplayInhibitors, SensorFailed
from desktop_agent.core.sensors.linux import inhibitors
from desktop_agent.core.sensors.linux.wayland_sensors import WaylandInhibitors
from tests.desktop_session import Desktop
from tests.fakes.compositor import Compositor
from tests.fakes.dbus_services import (
    Answer,
    DBusServices,
    FakeKdePower,
    FakeLogind,
    FakeSessionManager,
    FakeXfcePower,
    Silence,
)

SCREEN, SLEEP = 8, 4


@pytest.fixture
def sensor(buses: Desktop) -> Iterator[DisplayInhibitors]:
    made = inhibitors(buses.environ)
    yield made
    made.close()


def install(desktop: Desktop, desktop_id: str, name: str) -> None:
    """Let a program be in the desktop's menu."""
    folder = desktop.folder / ".local/share/applications"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{desktop_id}.desktop").write_text(
        f"[Desktop Entry]\nName[de]=Anders\nName={name}\n\n[Desktop Action new]\nName=New window\n", encoding="utf-8"
    )


def test_gnome_names_the_programs(buses: Desktop, session_services: DBusServices, sensor: DisplayInhibitors) -> None:
    """Those that keep the session from being idle, by the names of the menu; one that stops sleep alone is none."""
    install(buses, "org.gnome.Totem", "Videos")
    manager = FakeSessionManager(session_services)
    assert sensor.read() == ()
    manager.inhibit(1, "org.gnome.Totem", SCREEN | SLEEP)
    manager.inhibit(2, "/usr/lib/firefox/firefox", SCREEN)
    manager.inhibit(3, "rhythmbox", SLEEP)
    assert sensor.read() == ("Firefox", "Videos")
    del manager.inhibitors["/org/gnome/SessionManager/Inhibitor1"]
    assert sensor.read() == ("Firefox",)


def test_an_inhibitor_that_goes_while_it_is_asked_for_is_still_somebody(
    session_services: DBusServices, sensor: DisplayInhibitors
) -> None:
    """When the desktop says that there is one and no name is left, it is a program without a name."""
    manager = FakeSessionManager(session_services)
    manager.inhibit(1, "totem", SCREEN)
    session_services.take_away("/org/gnome/SessionManager/Inhibitor1")
    assert sensor.read() == ("a program",)


def test_kde_names_the_programs_when_the_screen_is_meant(
    session_services: DBusServices, sensor: DisplayInhibitors
) -> None:
    """A download keeps the PC awake and the screen may go dark: that is nobody watching."""
    power = FakeKdePower(session_services, [("Ark", "unpacking", 1)])
    assert sensor.read() == ()
    power.inhibitions = [("Dragon Player", "a film", 5)]
    assert sensor.read() == ("Dragon Player",)


def test_xfce_names_the_programs(session_services: DBusServices, sensor: DisplayInhibitors) -> None:
    """Its power manager has one list."""
    power = FakeXfcePower(session_services)
    assert sensor.read() == ()
    power.inhibitors = ["parole"]
    assert sensor.read() == ("Parole",)


def test_logind_counts_what_blocks_idleness_for_this_person(
    system_services: DBusServices, sensor: DisplayInhibitors
) -> None:
    """Delays, other kinds, other people, our own process and GNOME's echo are no film."""
    logind, me, other = FakeLogind(system_services), os.getuid(), os.getuid() + 1
    logind.inhibitors = [
        ("sleep:shutdown", "Update", "installing", "block", me, 10),
        ("idle", "Saver", "wants to lock first", "delay", me, 11),
        ("idle", "dnf", "upgrading", "block", other, 12),
        ("idle:sleep", "EmbedPool helper", "keeps awake", "block", me, os.getpid()),
        ("idle", "somebody", "user session inhibited", "block", me, 13),
    ]
    assert sensor.read() == ()
    logind.inhibitors.append(("sleep:idle", "Caffeine", "asked to", "block", me, 14))
    assert sensor.read() == ("Caffeine",)


@pytest.mark.parametrize("name", ["wakepy", "EmbedPool", "io.embedpool.Agent"])
def test_our_own_wish_to_stay_awake_is_none(
    session_services: DBusServices, sensor: DisplayInhibitors, name: str
) -> None:
    """What keeps this PC awake for the pool's work must not stop that work."""
    FakeSessionManager(session_services).inhibit(1, name, SCREEN)
    FakeXfcePower(session_services, [name])
    assert sensor.read() == ()


def test_several_parts_of_the_desktop_are_one_list(
    session_services: DBusServices, system_services: DBusServices, sensor: DisplayInhibitors
) -> None:
    """A program that asked twice is named once, in the order of the alphabet."""
    FakeSessionManager(session_services).inhibit(1, "vlc", SCREEN)
    FakeXfcePower(session_services, ["vlc"])
    FakeLogind(system_services, inhibitors=[("idle", "caffeine", "", "block", os.getuid(), 1)])
    assert sensor.read() == ("Caffeine", "Vlc")


def test_where_nobody_may_know_that_is_said(sensor: DisplayInhibitors) -> None:
    """Empty buses: an empty list would mean that nobody is watching."""
    with pytest.raises(SensorFailed, match="cannot tell whether a program keeps the screen on"):
        sensor.read()


def test_a_desktop_that_hangs_hides_nobody(
    session_services: DBusServices, system_services: DBusServices, sensor: DisplayInhibitors
) -> None:
    """Logind's “nobody” is not enough while the session manager, which knows of films, does not answer."""

    def silent(_flags: int) -> Answer:
        raise Silence

    FakeLogind(system_services)
    FakeSessionManager(session_services)
    assert sensor.read() == ()
    session_services.put("/org/gnome/SessionManager", {("org.gnome.SessionManager", "IsInhibited"): silent})
    with pytest.raises(SensorFailed, match=r"org\.gnome\.SessionManager does not answer"):
        sensor.read()


def test_a_compositor_tells_that_there_is_somebody(bare: Desktop, wayland_socket: Path) -> None:
    """On sway and its kin the compositor is the only one that knows; it knows no names."""
    now = time.monotonic()
    way = WaylandInhibitors(str(wayland_socket))
    way._compositor._clock = lambda: now
    with Compositor(wayland_socket) as compositor:
        assert way.names() == []
        compositor.inhibit(on=True)
        compositor.nobody_there()
        way.names()
        now += 60
        assert way.names() == [""]
        way.close()
        sensor = inhibitors(bare.environ)
        assert sensor.read() == ()
        sensor.close()
