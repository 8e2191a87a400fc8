"""Full screen on a real X server with a real window manager, and on a real sway."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from Xlib import X, Xatom, Xutil
from Xlib.display import Display

from desktop_agent.core.sensors.base import FullScreen, SensorFailed
from desktop_agent.core.sensors.linux import full_screen, user_idle
from tests.desktop_session import Desktop, add_window_manager, add_x_server, end, wait_until


@pytest.fixture
def sensor(x_session: Desktop) -> Iterator[FullScreen]:
    made = full_screen(x_session.environ)
    yield made
    made.close()


def open_window(desktop: Desktop, title: str) -> str:
    """Open a window, wait until it is the one in front, and give its id."""
    desktop.start("xev", "-name", title, "-geometry", "200x100+20+20")
    window = desktop.window(title)
    wait_until(lambda: desktop.answer("xdotool", "getactivewindow").strip() == window, "the window to be in front")
    return window


def test_a_full_screen_window_is_noticed(x_session: Desktop, sensor: FullScreen) -> None:
    """From the moment that it fills the screen until it does no longer."""
    assert sensor.read() is False
    open_window(x_session, "Film")
    assert sensor.read() is False
    x_session.run("wmctrl", "-r", "Film", "-b", "add,fullscreen")
    wait_until(sensor.read, "the full screen")
    x_session.run("wmctrl", "-r", "Film", "-b", "remove,fullscreen")
    wait_until(lambda: not sensor.read(), "the end of full screen")


def test_only_the_window_in_front_counts(x_session: Desktop, sensor: FullScreen) -> None:
    """A film behind the window that somebody works in is not what fills the screen; nor is one put away."""
    film = open_window(x_session, "Film")
    x_session.run("wmctrl", "-r", "Film", "-b", "add,fullscreen")
    wait_until(sensor.read, "the full screen")
    letter = open_window(x_session, "Letter")
    assert sensor.read() is False
    x_session.xdotool("windowactivate", "--sync", film)
    assert sensor.read() is True
    x_session.xdotool("windowminimize", film)
    wait_until(lambda: not sensor.read(), "the film to be put away")
    assert letter != film


def test_a_maximised_window_is_none(x_session: Desktop, sensor: FullScreen) -> None:
    """Somebody who works in a large window still works."""
    open_window(x_session, "Letter")
    x_session.run("wmctrl", "-r", "Letter", "-b", "add,maximized_vert,maximized_horz")
    wait_until(lambda: "MAXIMIZED_VERT" in x_session.answer("xprop", "-name", "Letter", "_NET_WM_STATE"), "its size")
    assert sensor.read() is False


@contextlib.contextmanager
def game(desktop: Desktop, place: tuple[int, int, int, int], bypass: int) -> Iterator[None]:
    """Open a window without a frame at left, top, with width and height, that wants (1) or shuns (2) the bypass."""
    display = Display(desktop.environ["DISPLAY"])
    window = display.screen().root.create_window(*place, 0, X.CopyFromParent)
    window.set_wm_normal_hints(flags=Xutil.USPosition | Xutil.USSize, x=place[0], y=place[1])
    for name, values in (("_MOTIF_WM_HINTS", [2, 0, 0, 0, 0]), ("_NET_WM_BYPASS_COMPOSITOR", [bypass])):
        kind = display.intern_atom(name) if name.startswith("_MOTIF") else Xatom.CARDINAL
        window.change_property(display.intern_atom(name), kind, 32, values)
    window.map()
    display.sync()
    wait_until(lambda: desktop.answer("xdotool", "getactivewindow").strip() == str(window.id), "the game")
    try:
        yield
    finally:
        display.close()


@pytest.mark.parametrize(
    ("place", "bypass", "fills"),
    [
        ((0, 0, 1280, 960), 1, True),
        ((0, 0, 1280, 960), 2, False),
        ((0, 0, 1280, 900), 1, False),
        ((20, 20, 200, 100), 1, False),
    ],
    ids=["whole screen", "without the wish", "nearly whole", "small"],
)
def test_a_game_that_bypasses_the_compositor_counts_by_its_size(
    x_session: Desktop, sensor: FullScreen, place: tuple[int, int, int, int], bypass: int, fills: bool
) -> None:
    """Without the state of a full screen: the wish is not enough, and neither is the size."""
    with game(x_session, place, bypass):
        wait_until(lambda: sensor.read() is fills, "the game in its place")


@pytest.mark.parametrize(("left", "fills"), [(640, True), (300, False)])
def test_one_of_two_monitors_is_enough(x_session: Desktop, sensor: FullScreen, left: int, fills: bool) -> None:
    """A game fills one monitor while the other shows the mail; between both it fills none."""
    for name, place, output in (("left", "640/100x960/100+0+0", "screen"), ("right", "640/100x960/100+640+0", "none")):
        x_session.run("xrandr", "--setmonitor", name, place, output)
    with game(x_session, (left, 0, 640, 960), bypass=1):
        wait_until(lambda: sensor.read() is fills, "the game in its place")


def test_without_a_window_manager_it_is_not_known(bare: Desktop) -> None:
    """Nobody keeps which window is in front; one that comes later is asked, and one that died no longer."""
    add_x_server(bare)
    sensor = full_screen(bare.environ)

    def nobody_says() -> bool:
        try:
            sensor.read()
        except SensorFailed as failed:
            return "no window manager says" in failed.reason
        return False

    assert nobody_says()
    manager = add_window_manager(bare)
    assert sensor.read() is False
    manager.kill()
    manager.wait()
    wait_until(nobody_says, "the X server to notice that the window manager is dead")
    sensor.close()


def test_a_dead_server_is_told_and_a_new_one_found(bare: Desktop) -> None:
    """Killed in the middle, like the idle time's."""
    server = add_x_server(bare)
    add_window_manager(bare)
    sensor = full_screen(bare.environ)
    sensor.read()
    end(server)
    with pytest.raises(SensorFailed, match="the X server does not answer"):
        sensor.read()
    add_x_server(bare, display=bare.environ["DISPLAY"])
    add_window_manager(bare)
    assert sensor.read() is False
    sensor.close()


#: A program with one window on a Wayland desktop.
WINDOW = """
from PySide6.QtWidgets import QApplication, QLabel
application = QApplication([])
label = QLabel("Film")
label.show()
application.exec()
"""


@pytest.fixture
def sway(bare: Desktop) -> Desktop:
    """Give a desktop with a real sway that has no screen."""
    if shutil.which("sway") is None:
        pytest.skip("sway is not installed")
    settings, run = bare.folder / "sway.conf", Path(bare.environ["XDG_RUNTIME_DIR"])
    settings.write_text("xwayland disable\n", encoding="utf-8")
    command = ["sway", "-c", str(settings)]
    if os.geteuid() == 0:
        # It will not run as root.
        for folder in (bare.folder, run):
            os.chown(folder, 65534, 65534)
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    headless = {"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman"}
    bare.start(*command, environ={**bare.environ, **headless})
    wait_until(lambda: any(run.glob("sway-ipc.*")) and any(run.glob("wayland-?")), "sway")
    bare.environ["WAYLAND_DISPLAY"] = next(run.glob("wayland-?")).name
    bare.environ["SWAYSOCK"] = str(next(run.glob("sway-ipc.*")))
    return bare


def test_sway_tells(sway: Desktop) -> None:
    """An empty screen, a window, the window full screen, and back."""
    sensor = full_screen(sway.environ)
    assert sensor.read() is False
    sway.start(sys.executable, "-c", WINDOW, environ={**sway.environ, "QT_QPA_PLATFORM": "wayland"})
    wait_until(lambda: '"app_id"' in sway.answer("swaymsg", "-r", "-t", "get_tree"), "a window")
    assert sensor.read() is False
    sway.run("swaymsg", "fullscreen enable")
    assert sensor.read() is True
    sway.run("swaymsg", "fullscreen disable")
    assert sensor.read() is False


def test_the_idle_time_of_a_real_sway(sway: Desktop) -> None:
    """From version 1.8 on it rises and falls with a key; an older one has no way to tell, and that is said."""
    idle = user_idle(sway.environ)
    version = [int(part) for part in sway.run("sway", "--version").split()[-1].split("-")[0].split(".")]
    if version < [1, 8]:
        with pytest.raises(SensorFailed, match="does not offer ext-idle-notify"):
            idle.read()
        return
    wait_until(lambda: idle.read() > 1.5, "1.5 s without input")
    sway.run("wtype", "a")
    assert idle.read() < 1
    idle.close()


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "under Wayland, programs cannot see each other's windows"),
        ({"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, "under Wayland, programs cannot see each other's windows"),
        ({}, "no desktop session was found"),
        ({"SWAYSOCK": "/nowhere", "WAYLAND_DISPLAY": "wayland-0"}, "sway does not answer"),
    ],
)
def test_where_it_cannot_be_known_that_is_said(environ: dict[str, str], why: str) -> None:
    """With the reason of that desktop; Xwayland's windows are not all windows, so it is not asked."""
    with pytest.raises(SensorFailed) as failed:
        full_screen(environ).read()
    assert failed.value.reason == f"EmbedPool cannot tell whether an app is full screen ({why})."


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 400 Bad\r\n\r\n", b"i3-ipc\xff\xff\xff\xff\x04\0\0\0", b"i3-ipc\x02\0\0\0\x04\0\0\0[]"],
    ids=["nothing", "another protocol", "endless", "another shape"],
)
def test_what_is_not_sway_is_not_believed(tmp_path: Path, bare: Desktop, answer: bytes) -> None:
    """Whatever answers at that socket, the worst is that it is not known."""
    path = f"{bare.environ['XDG_RUNTIME_DIR']}/sway"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()

        def serve() -> None:
            line, _ = listening.accept()
            with line:
                line.recv(100)
                line.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(SensorFailed, match="sway does not answer"):
            full_screen({"SWAYSOCK": path}).read()
        thread.join()
