"""The agent with its windows: how fast it yields, starts and joins, and what it costs while nobody needs it."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.desktop_session import Desktop, add_bus, add_panel, add_window_manager, add_x_server, bare_desktop
from tests.e2e.clients import plain, texts_of
from tests.e2e.ollama_service import OllamaProcess
from tests.e2e.pool_server import PoolServer
from tests.e2e.programs import until
from tests.e2e.tray_app import TrayApp, add_key_store
from tests.fakes.ollama_models import FakeModel

#: Times that somebody comes back, and seconds for which the idle program is watched.
TRIES = 20
IDLE_SECONDS = 30.0
#: Seconds between two looks at what is being timed.
LOOK_SECONDS = 0.005
NEEDED = ("Xvfb", "xdotool", "openbox", "tint2", "wmctrl", "xwininfo", "gnome-keyring-daemon")


@dataclass(frozen=True, slots=True)
class TrayCost:
    """Seconds, MiB, and processor time as a percentage of one core."""

    start_seconds: float
    join_seconds: float
    released_p50_seconds: float
    released_p99_seconds: float
    #: The program's own memory, and its part of what it shares.
    memory_mib: float
    resident_mib: float
    cpu_percent: float


def missing() -> list[str]:
    """Give the programs that a measurement needs and that are not here."""
    return [name for name in NEEDED if not shutil.which(name)]


def measure(folder: Path) -> TrayCost:
    """Start, join, come back again and again, then leave it alone."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        desktop = stack.enter_context(_desktop())
        server, ollama = PoolServer(folder), OllamaProcess(folder, "ollama", (FakeModel(),))
        app = TrayApp(desktop, folder, "desk", ollama)
        for program in (server.program, ollama.program, app.program):
            stack.callback(program.kill)
        server.start()
        ollama.start()
        start_seconds = _time(app.program.start, lambda: _has_tray_icon(desktop))
        join_seconds = _join(app, server)
        released = sorted(_yields(app, server, ollama))
        app.leave_alone()
        cost = _idle(psutil.Process(app.program.pid))
        return TrayCost(
            start_seconds,
            join_seconds,
            statistics.median(released),
            # Of 20 tries the slowest but one is beyond the 95th percentile; the slowest stands for the 99th.
            released[-1],
            *cost,
        )


@contextmanager
def _desktop() -> Iterator[Desktop]:
    with bare_desktop() as desktop:
        add_bus(desktop)
        add_x_server(desktop)
        add_window_manager(desktop)
        add_panel(desktop)
        add_key_store(desktop)
        yield desktop


def _time(begin: Callable[[], object], reached: Callable[[], bool]) -> float:
    """Give the seconds from the beginning until something holds."""
    began_at = time.monotonic()
    begin()
    while not reached():
        assert time.monotonic() < began_at + 60, "it takes longer than a minute"
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - began_at


def _has_tray_icon(desktop: Desktop) -> bool:
    """Tell whether the panel has our icon: a window of our class, as large as its icons."""
    tree = subprocess.run(
        ["xwininfo", "-root", "-tree"], env=desktop.environ, capture_output=True, text=True, check=False
    ).stdout
    return any('"embedpool-agent")' in line and " 22x22+" in line for line in tree.splitlines())


def _join(app: TrayApp, server: PoolServer) -> float:
    """Give the seconds from the link to the first computed text, with somebody who takes no time to press keys."""
    link = server.issue_invite()
    with plain(server.url, server.issue_key()) as client:

        def submitted() -> bool:
            body = {"model": "nomic-embed-text", "input": texts_of(1)}
            return client.post("/v1/embeddings?wait=0", json=body).status_code == 202

        def begin() -> None:
            app.set_up(link)
            app.command("work-now")
            # Refused until the pool has heard of the model.
            until(submitted, "the pool knows the model")

        return _time(begin, lambda: server.count_tasks("completed") == 1)


def _yields(app: TrayApp, server: PoolServer, ollama: OllamaProcess) -> Iterator[float]:
    """Give for each try the seconds from a key to the server's knowing that the task is free."""
    app.command("resume")
    with plain(server.url, server.issue_key()) as client:
        for number in range(TRIES):
            ollama.hold()
            client.post("/v1/embeddings?wait=0", json={"model": "nomic-embed-text", "input": f"held {number}"})
            until(lambda: ollama.held and server.leased_to(app.id) == 1, "it computes")
            yield _time(lambda: app.press("Shift_L"), lambda: server.leased_to(app.id) == 0)
            ollama.let_go()
            until(lambda: server.count_tasks("queued", "leased") == 0, "the task is done")


def _idle(process: psutil.Process) -> tuple[float, float, float]:
    """Give MiB of its own, MiB resident, and percent of a core, while there is no work."""
    before = process.cpu_times()
    time.sleep(IDLE_SECONDS)
    after = process.cpu_times()
    memory = process.memory_full_info()
    used = after.user + after.system - before.user - before.system
    return memory.pss / 2**20, memory.rss / 2**20, used * 100 / IDLE_SECONDS
