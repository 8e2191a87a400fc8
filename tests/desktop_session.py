"""A real desktop for a test alone: an X server, a window manager, a panel and D-Bus, on free displays and sockets.

The fixtures are taken into a folder by its conftest.py (`from tests.desktop_session import desktop` and the names that
it needs in turn); the context managers serve programs that are no tests.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from Xlib import X
from Xlib.display import Display

#: Seconds that a part of the desktop may take to come up or to go away, on a busy machine.
PATIENCE_S = 30
#: What tells programs about the desktop that the tests themselves run on: none of it may get in.
OUTSIDE = (
    "DISPLAY",
    "XAUTHORITY",
    "WAYLAND_DISPLAY",
    "WAYLAND_SOCKET",
    "SWAYSOCK",
    "DBUS_SESSION_BUS_ADDRESS",
    "DBUS_SYSTEM_BUS_ADDRESS",
    "DESKTOP_SESSION",
    "SESSION_MANAGER",
    "QT_QPA_PLATFORM",
    "QT_QPA_PLATFORMTHEME",
)
#: A bus that starts no service of this PC: what a test finds on it, the test has put there.
_BUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>{kind}</type>
  <listen>unix:path={socket}</listen>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def wait_until(condition: Callable[[], bool], what: str, limit_s: float = PATIENCE_S) -> None:
    """Wait until the condition holds; AssertionError names `what` when it does not within the limit."""
    give_up_at = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < give_up_at, f"waited in vain for {what}"
        time.sleep(0.02)


@dataclass(slots=True)
class Desktop:
    """What programs of this desktop are given, and the programs that run on it."""

    #: Home and everything below it; its path is short enough for sockets.
    folder: Path
    #: A whole environment for child processes, with nothing in it of the desktop that the tests run on.
    environ: dict[str, str]
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, *command: str, environ: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a program that ends with the desktop; its output goes to a file of its name in `folder`."""
        with self.log_of(command[0]).open("ab") as log:
            process = subprocess.Popen(
                command,
                env=dict(environ or self.environ),
                pass_fds=pass_fds,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._running.append(process)
        return process

    def log_of(self, program: str) -> Path:
        """Give the file with the output of the programs that were started by this name."""
        return self.folder / f"{Path(program).name}.log"

    def run(self, *command: str) -> str:
        """Run a program to its end and give what it printed; CalledProcessError when it failed."""
        return subprocess.run(
            command, env=self.environ, check=True, capture_output=True, text=True, timeout=PATIENCE_S
        ).stdout

    def answer(self, *command: str) -> str:
        """Run a program that may fail, as those do that find nothing, and give what it printed."""
        asked = subprocess.run(command, env=self.environ, check=False, capture_output=True, text=True)
        return asked.stdout

    def xdotool(self, *arguments: str) -> str:
        """Press keys, move the mouse, look for windows."""
        return self.run("xdotool", *arguments).strip()

    def window(self, title: str) -> str:
        """Wait for a visible window whose title fits this regular expression, and give its id."""
        found: list[str] = []

        def look() -> bool:
            found[:] = self.answer("xdotool", "search", "--onlyvisible", "--name", title).split()
            return bool(found)

        wait_until(look, f"a window called {title}")
        return found[0]

    def stop(self) -> None:
        """End every program that was started here, the last one first."""
        while self._running:
            end(self._running.pop())


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to go, and make it."""
    process.terminate()
    try:
        process.wait(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def bare_desktop() -> Iterator[Desktop]:
    """Give a home and a runtime folder that only we may read, without any server yet."""
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    inherited = {name: value for name, value in os.environ.items() if name not in OUTSIDE and name[:4] != "XDG_"}
    desktop = Desktop(folder, {**inherited, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run")})
    (folder / "run").mkdir(mode=0o700)
    try:
        yield desktop
    finally:
        desktop.stop()
        shutil.rmtree(folder, ignore_errors=True)


def add_bus(desktop: Desktop, kind: str = "session") -> subprocess.Popen[bytes]:
    """Start a private D-Bus of the kind `session` or `system` and put its address into the environment."""
    path = desktop.folder / "run" / f"{kind}-bus"
    configuration = desktop.folder / f"{kind}-bus.conf"
    # Programs that the bus may start when they are asked for; empty but for what a test puts in.
    services = desktop.folder / "services"
    services.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    configuration.write_text(_BUS_CONFIGURATION.format(kind=kind, socket=path, services=services), encoding="utf-8")
    process = desktop.start("dbus-daemon", "--nofork", "--nosyslog", f"--config-file={configuration}")
    wait_until(lambda: _listens(path), "the D-Bus daemon")
    desktop.environ[f"DBUS_{kind.upper()}_BUS_ADDRESS"] = f"unix:path={path}"
    return process


def _listens(path: Path) -> bool:
    """Tell whether a server takes connections; the socket's file is there a moment before it does."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.connect(str(path))
        return True
    return False


def add_x_server(desktop: Desktop, size: str = "1280x960", *extra: str, display: str = "") -> subprocess.Popen[bytes]:
    """Start an X server without a window manager on a free display, or on this one (as it starts again after a crash).

    The display is put into the environment.
    """
    reading, writing = os.pipe()
    screen = ["-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset", *extra]
    process = desktop.start("Xvfb", *filter(None, [display]), "-displayfd", str(writing), *screen, pass_fds=[writing])
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        number = answer.readline().decode().strip()
    assert number, f"no X server: {desktop.log_of('Xvfb').read_text()}"
    desktop.environ["DISPLAY"] = f":{number}"
    return process


def add_window_manager(desktop: Desktop) -> subprocess.Popen[bytes]:
    """Start openbox and wait until it manages windows: one that is opened while it starts is never managed."""
    ready = desktop.folder / "openbox-ready"
    ready.unlink(missing_ok=True)
    process = desktop.start("openbox", "--sm-disable", "--startup", f"touch {ready}")
    wait_until(ready.exists, "openbox")
    return process


def add_panel(desktop: Desktop) -> subprocess.Popen[bytes]:
    """Start tint2, whose tray takes XEMBED icons, and wait until that tray is there."""
    settings = desktop.folder / "tint2rc"
    settings.write_text(
        "panel_items = TS\npanel_size = 100% 40\npanel_position = bottom center\nsystray_icon_size = 22\n",
        encoding="utf-8",
    )
    process = desktop.start("tint2", "-c", str(settings))
    x = Display(desktop.environ["DISPLAY"])
    tray = x.intern_atom("_NET_SYSTEM_TRAY_S0")
    wait_until(lambda: x.get_selection_owner(tray) != X.NONE, "the tray of tint2")
    x.close()
    return process


@pytest.fixture
def bare() -> Iterator[Desktop]:
    """Give a desktop with nothing: neither display nor bus."""
    with bare_desktop() as made:
        yield made


@pytest.fixture
def buses(bare: Desktop) -> Desktop:
    """Give a desktop with a session bus and a system bus, both empty, and no display."""
    add_bus(bare)
    add_bus(bare, "system")
    return bare


@pytest.fixture
def x_session(bare: Desktop) -> Desktop:
    """Give a desktop with an X server, a session bus and openbox; no panel, so no tray."""
    add_bus(bare)
    add_x_server(bare)
    add_window_manager(bare)
    return bare


@pytest.fixture
def tray_session(x_session: Desktop) -> Desktop:
    """Give a desktop with an X server, a session bus, openbox and a panel with a tray."""
    add_panel(x_session)
    return x_session
