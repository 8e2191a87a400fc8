"""`make demo` and `make run` as a developer meets them, when all is well and when it is not."""

from __future__ import annotations

import socket
import sys
from contextlib import closing

import psutil

from tests.e2e.conftest import Stage
from tests.e2e.programs import ROOT, neutral_environment, run, until

DEMO, RUN = str(ROOT / "packaging" / "dev" / "demo.py"), str(ROOT / "packaging" / "dev" / "run.py")


def test_the_demo_embeds_and_ends_by_itself(stage: Stage) -> None:
    """It prints neighbours with cosines, who computed them and the time; exit code 0, last line `demo: ok`."""
    done = run([sys.executable, DEMO], stage.folder, neutral_environment())
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("demo: ok")
    assert "10 vectors of 256 dimensions, computed by: agent-" in done.stdout
    assert "A kitten naps on a soft cushion." in done.stdout
    assert done.stderr == ""


def test_the_demo_says_why_it_failed(stage: Stage) -> None:
    """When its server dies, it ends at once with exit code 1, the reason in words, and leaves no process behind."""
    demo = stage.program("demo", sys.executable, DEMO)
    (server,) = demo.until(lambda: servers_below(demo.pid), "the demo's server runs")
    server.kill()
    until(lambda: not demo.is_running, "the demo gives up")
    assert demo.exit_code == 1
    assert demo.output.splitlines()[-1] == "demo: failed: the server ended by itself with exit code -9."
    assert "Traceback" not in demo.output
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def servers_below(pid: int) -> list[psutil.Process]:
    """The server that a program has started: not its commands, which have more arguments."""
    return [child for child in psutil.Process(pid).children() if child.cmdline()[1:] == ["-m", "server"]]


def test_run_refuses_an_address_that_is_taken(stage: Stage) -> None:
    """`make run` beside another program at its address: words, exit code 1, and nothing started."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        data = str(stage.folder / "data")
        done = run([sys.executable, RUN, "--address", address, "--data-dir", data], stage.folder, neutral_environment())
    assert done.returncode == 1
    assert f"another program listens at {address}" in done.stderr
    assert "Traceback" not in done.stderr
