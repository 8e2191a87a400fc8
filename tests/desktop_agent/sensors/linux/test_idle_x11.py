"""The idle time of a real X server, moved by real events, through the death of the server and back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from desktop_agent.core.sensors.base import SensorFailed, UserIdle
from desktop_agent.core.sensors.linux import user_idle
from desktop_agent.core.sensors.linux.idle_x11 import XIdle
from desktop_agent.core.sensors.linux.x11 import XServer
from tests.desktop_session import Desktop, add_x_server, end, wait_until

#: Less than this is “just now” on a busy machine.
JUST_NOW_S = 1.0


@pytest.fixture
def idle(x_session: Desktop) -> Iterator[UserIdle]:
    """Give the idle time on an X desktop."""
    sensor = user_idle(x_session.environ)
    yield sensor
    sensor.close()


def wait_for_idleness(idle: UserIdle) -> None:
    wait_until(lambda: idle.read() > 1.5, "1.5 s without input")


def test_the_idle_time_rises_with_the_clock(idle: UserIdle) -> None:
    """Between two readings it rises by as much as the clock does, and the X server is named as the source."""
    wait_for_idleness(idle)
    before, began = idle.read(), time.monotonic()
    wait_until(lambda: idle.read() >= before + 1, "one second more")
    assert idle.read() - before <= time.monotonic() - began + 0.1
    assert idle.name == "X11 screen saver"


@pytest.mark.parametrize("input_event", [("key", "a"), ("mousemove_relative", "5", "5"), ("click", "1")])
def test_input_takes_the_idle_time_back(x_session: Desktop, idle: UserIdle, input_event: tuple[str, ...]) -> None:
    """A key, the mouse and its button each count as somebody there."""
    wait_for_idleness(idle)
    x_session.xdotool(*input_event)
    assert idle.read() < JUST_NOW_S


def test_a_dead_server_is_told_and_a_new_one_found(bare: Desktop) -> None:
    """Killed in the middle: no reading, no crash, no end of the program; the next server is asked again."""
    server = add_x_server(bare)
    idle = user_idle(bare.environ)
    assert idle.read() >= 0
    end(server)
    for _ in range(3):
        with pytest.raises(SensorFailed, match=r"\(the X server does not answer\)"):
            idle.read()
        assert idle.name == ""
    add_x_server(bare, display=bare.environ["DISPLAY"])
    assert idle.read() >= 0
    assert idle.name == "X11 screen saver"
    idle.close()


def test_a_server_that_hangs_holds_up_nobody_else(bare: Desktop) -> None:
    """A reading that is stuck makes the next one fail soon; when the server goes on, so do the readings."""
    server = add_x_server(bare)
    idle = XIdle(XServer(bare.environ["DISPLAY"]))
    idle.read()
    server.send_signal(19)
    stuck = threading.Thread(target=idle.read)
    stuck.start()
    try:
        wait_until(idle._server._lock.locked, "the reading that is stuck")
        with pytest.raises(SensorFailed, match="the X server does not answer"):
            idle.read()
    finally:
        server.send_signal(18)
        stuck.join()
    assert idle.read() >= 0
    idle.close()


def test_changes_of_the_keyboard_do_not_pile_up(x_session: Desktop) -> None:
    """Every layout change is told to every client; a sensor that runs for weeks must not keep them."""
    server = XServer(x_session.environ["DISPLAY"])
    idle = XIdle(server)
    idle.read()
    for layout in ("a = b", "b = a"):
        x_session.run("xmodmap", "-e", f"keysym {layout}")
    wait_until(lambda: _queued(server) > 0, "the news of the keyboard")
    idle.read()
    assert _queued(server) == 0
    idle.close()


def _queued(server: XServer) -> int:
    assert server._display is not None
    return server._display.pending_events()


def test_xwayland_is_never_trusted(x_session: Desktop) -> None:
    """With a Wayland compositor the X server sees only its own windows' input: it is not asked even if it answers."""
    environ = {**x_session.environ, "WAYLAND_DISPLAY": "wayland-gone"}
    with pytest.raises(SensorFailed, match=r"\(the Wayland compositor does not answer\)"):
        user_idle(environ).read()
    environ = {**x_session.environ, "XDG_SESSION_TYPE": "wayland"}
    with pytest.raises(SensorFailed, match=r"\(the Wayland compositor cannot be found\)"):
        user_idle(environ).read()


def test_a_server_without_the_extension_is_told(bare: Desktop) -> None:
    """Without the screen saver extension there is no reading, rather than a zero."""
    add_x_server(bare, "640x480", "-extension", "MIT-SCREEN-SAVER")
    with pytest.raises(SensorFailed, match="no screen saver extension"):
        user_idle(bare.environ).read()


@pytest.mark.parametrize("elsewhere", ["example.org:0", "localhost:10.0", "tcp/localhost:0", "nonsense"])
def test_no_display_elsewhere_is_opened(bare: Desktop, elsewhere: str) -> None:
    """A display over the network is another PC's, and the agent opens no connection to it."""
    with pytest.raises(SensorFailed, match="no X server on this PC"):
        user_idle({**bare.environ, "DISPLAY": elsewhere}).read()
