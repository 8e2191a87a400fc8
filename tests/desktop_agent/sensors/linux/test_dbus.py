"""Questions on D-Bus end in time, whatever is wrong at the other end, and the line comes back by itself."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from desktop_agent.core.sensors.linux.dbus import LIMIT_S, Bus, DBusFailed, Service, ServiceMissing, WhichBus, only
from tests.desktop_session import Desktop, add_bus, end
from tests.fakes.dbus_services import Answer, DBusServices, Silence

CLOCK = Service("org.example.Clock", "/org/example/Clock", "org.example.Clock")
#: Seconds within which a bounded question is over even on a busy machine; an unbounded one never is.
BOUNDED_S = 20 * LIMIT_S


def put_clock(services: DBusServices) -> None:
    """Offer a service that tells a number, one that is silent, and one that breaks."""

    def silent() -> Answer:
        raise Silence

    services.put(
        CLOCK.path,
        {
            (CLOCK.interface, "Now"): lambda: ("u", [12]),
            (CLOCK.interface, "Add"): lambda a, b: ("i", [a + b]),
            (CLOCK.interface, "Silent"): silent,
        },
    )
    services.own(CLOCK.name)


def test_an_answer_comes_with_its_values(session_services: DBusServices, session_bus: Bus) -> None:
    """Arguments arrive at the service, and its answer here."""
    put_clock(session_services)
    assert session_bus.ask(CLOCK, "Add", "ii", 3, 4) == (7,)


def test_a_service_that_is_not_there_is_missing(session_services: DBusServices, session_bus: Bus) -> None:
    """No owner, no such object and no such method are all told apart from a service that fails."""
    with pytest.raises(ServiceMissing, match=r"org\.example\.Clock is not there"):
        session_bus.ask(CLOCK, "Now")
    put_clock(session_services)
    with pytest.raises(ServiceMissing):
        session_bus.ask(CLOCK, "Nonsense")
    with pytest.raises(ServiceMissing):
        session_bus.ask(Service(CLOCK.name, "/elsewhere", CLOCK.interface), "Now")
    assert session_bus.ask(CLOCK, "Now") == (12,)


def test_no_service_is_started(bare: Desktop) -> None:
    """Asking wakes nobody: the bus could start this service, and does for another program."""
    started = bare.folder / "started"
    (bare.folder / "services").mkdir()
    (bare.folder / "services" / "clock.service").write_text(
        f"[D-BUS Service]\nName={CLOCK.name}\nExec=/usr/bin/touch {started}\n", encoding="utf-8"
    )
    add_bus(bare)
    bus = Bus(WhichBus.SESSION, bare.environ)
    with pytest.raises(ServiceMissing):
        bus.ask(CLOCK, "Now")
    bus.close()
    assert not started.exists()
    bare.answer("dbus-send", "--session", "--print-reply", f"--dest={CLOCK.name}", CLOCK.path, f"{CLOCK.name}.Now")
    assert started.exists()


def test_a_silent_service_is_not_waited_for(session_services: DBusServices, session_bus: Bus) -> None:
    """A service that never answers costs the time limit, and the next question gets its own answer."""
    put_clock(session_services)
    began = time.monotonic()
    with pytest.raises(DBusFailed, match="does not answer") as failed:
        session_bus.ask(CLOCK, "Silent")
    assert not isinstance(failed.value, ServiceMissing)
    assert LIMIT_S * 0.9 < time.monotonic() - began < BOUNDED_S
    assert session_bus.ask(CLOCK, "Now") == (12,)


@pytest.mark.parametrize("first_words", [b"", b"OK 0123456789abcdef0123456789abcdef\r\n"], ids=["never", "then silent"])
def test_a_bus_that_never_greets_is_not_waited_for(bare: Desktop, first_words: bytes) -> None:
    """A socket that accepts and says nothing, or lets us in and then says nothing, ends in a failure too."""
    path = f"{bare.environ['XDG_RUNTIME_DIR']}/bus"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()

        def serve() -> None:
            line, _ = listening.accept()
            with line, contextlib.suppress(ConnectionError):
                line.sendall(first_words)
                while line.recv(4096):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        began = time.monotonic()
        with pytest.raises(ServiceMissing, match="there is no D-Bus session bus"):
            Bus(WhichBus.SESSION, bare.environ).ask(CLOCK, "Now")
        assert time.monotonic() - began < BOUNDED_S
        thread.join()


def test_no_bus_at_all_is_said(bare: Desktop) -> None:
    """Without an address and without a socket there is no bus."""
    with pytest.raises(ServiceMissing, match="there is no D-Bus session bus"):
        Bus(WhichBus.SESSION, bare.environ).ask(CLOCK, "Now")
    for address in ("nonsense", "tcp:host=example.org,port=1", ""):
        environ = {"DBUS_SYSTEM_BUS_ADDRESS": address or "unix:path=/nowhere"}
        with pytest.raises(ServiceMissing, match="there is no D-Bus system bus"):
            Bus(WhichBus.SYSTEM, environ).ask(CLOCK, "Now")


def test_the_bus_beside_the_runtime_folder_is_found(bare: Desktop) -> None:
    """A service of the person's systemd has no address in its environment: the socket's usual place is taken."""
    add_bus(bare)
    address = bare.environ.pop("DBUS_SESSION_BUS_ADDRESS")
    (bare.folder / "run" / "bus").symlink_to(address.removeprefix("unix:path="))
    bus = Bus(WhichBus.SESSION, bare.environ)
    assert bus.owner("org.freedesktop.DBus") == "org.freedesktop.DBus"
    bus.close()


def test_a_restarted_bus_is_found_again(bare: Desktop) -> None:
    """The first question after the bus came back is answered; while it is away, that is said."""
    process = add_bus(bare)
    bus = Bus(WhichBus.SESSION, bare.environ)
    assert bus.owner("org.example.Clock") is None
    end(process)
    with pytest.raises(ServiceMissing, match="there is no D-Bus session bus"):
        bus.ask(CLOCK, "Now")
    second = add_bus(bare)
    assert bus.owner("org.freedesktop.DBus")
    end(second)
    add_bus(bare)
    assert bus.owner("org.freedesktop.DBus"), "the line that was cut in between was not laid again"
    bus.close()


@pytest.mark.parametrize("reply", [(), ("text",), (1, 2)])
def test_an_odd_answer_is_a_failure(reply: tuple[object, ...]) -> None:
    """A reply of another kind or length never becomes a value."""
    with pytest.raises(DBusFailed, match="something odd"):
        only(reply, int, "org.example.Clock")
