"""Locked screens and remote desktops, as logind and the desktops' screen savers tell them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from desktop_agent.core.sensors.base import SensorFailed, Session, SessionState
from desktop_agent.core.sensors.linux import session
from tests.desktop_session import Desktop
from tests.fakes.dbus_services import Answer, DBusServices, FakeLogind, FakeScreenSaver, Silence


@pytest.fixture
def sensor(buses: Desktop) -> Iterator[Session]:
    made = session(buses.environ)
    yield made
    made.close()


@pytest.mark.parametrize("knows_process", [True, False], ids=["of the session", "of the person's systemd"])
def test_logind_tells_lock_and_remote(system_services: DBusServices, sensor: Session, knows_process: bool) -> None:
    """Both hints are taken as they are, at every reading."""
    logind = FakeLogind(system_services, knows_process=knows_process)
    assert sensor.read() == SessionState()
    logind.locked = True
    assert sensor.read() == SessionState(locked=True)
    logind.locked, logind.remote = False, True
    assert sensor.read() == SessionState(remote=True)


@pytest.mark.parametrize(
    "name",
    [f"org.{desktop}.ScreenSaver" for desktop in ("gnome", "freedesktop", "cinnamon", "mate", "xfce")],
)
def test_a_screen_saver_is_enough_for_a_lock(
    session_services: DBusServices, system_services: DBusServices, sensor: Session, name: str
) -> None:
    """Not every desktop tells logind of its lock; one of both is enough, and both must be off for it to be off."""
    saver, logind = FakeScreenSaver(session_services, (name,), active=True), FakeLogind(system_services)
    assert sensor.read().locked
    saver.active, logind.locked = False, True
    assert sensor.read().locked
    logind.locked = False
    assert not sensor.read().locked


def test_a_screen_saver_alone_can_tell(session_services: DBusServices, sensor: Session) -> None:
    """Systems without logind."""
    saver = FakeScreenSaver(session_services)
    assert sensor.read() == SessionState()
    saver.active = True
    assert sensor.read() == SessionState(locked=True)


@pytest.mark.parametrize(
    ("active", "others_class", "somebody"),
    [
        ("1", "user", False),
        ("2", "user", True),
        ("2", "user-early", True),
        ("2", "greeter", False),
        ("", "user", False),
    ],
)
def test_somebody_else_at_the_screen_counts(
    system_services: DBusServices, sensor: Session, active: str, others_class: str, somebody: bool
) -> None:
    """After a change of user, our keyboard is idle and the PC is not. The log-in screen alone is nobody."""
    FakeLogind(system_services, active=active, others_class=others_class)
    assert sensor.read().remote is somebody


def test_where_nobody_may_know_that_is_said(sensor: Session) -> None:
    """“Not locked” would be a guess."""
    with pytest.raises(SensorFailed, match=r"cannot tell whether the screen is locked \(org\.freedesktop\.login1 is"):
        sensor.read()


def test_a_screen_saver_that_hangs_costs_its_time_once(
    session_services: DBusServices, system_services: DBusServices, sensor: Session
) -> None:
    """What logind says is told all the same, without waiting for one after the other."""

    def silent() -> Answer:
        raise Silence

    FakeLogind(system_services, locked=True)
    for desktop in ("gnome", "freedesktop", "cinnamon", "mate", "xfce"):
        name = f"org.{desktop}.ScreenSaver"
        FakeScreenSaver(session_services, (name,))
        session_services.put(f"/{name.replace('.', '/')}", {(name, "GetActive"): silent})
    began = time.monotonic()
    assert sensor.read() == SessionState(locked=True)
    assert time.monotonic() - began < 4


def test_a_restarted_logind_is_asked_again(system_services: DBusServices, sensor: Session) -> None:
    """While it is away that is said; when it is back, the session is looked up anew."""
    FakeLogind(system_services)
    sensor.read()
    system_services.disown("org.freedesktop.login1")
    with pytest.raises(SensorFailed):
        sensor.read()
    FakeLogind(system_services, locked=True)
    assert sensor.read().locked
