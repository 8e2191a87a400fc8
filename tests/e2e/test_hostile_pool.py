"""A pool that means harm cannot make the agent open a file, start a process or reach a third address.

The agent runs in a network of its own, in which every address leads to a trap. What it connects to, writes and starts
is told by Python's audit, besides.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.agent_process import AgentProcess
from tests.e2e.audit import Audit
from tests.e2e.conftest import Stage
from tests.e2e.hostile_pool import ELSEWHERE, OLLAMA, POOL, attacks
from tests.e2e.programs import Program, neutral_environment, run, until
from tests.fakes.pool import INVITE

SERVER = f"http://{POOL[0]}:{POOL[1]}"


@pytest.fixture
def network() -> Iterator[str]:
    """Make a network with this PC alone in it, to which every address belongs; gives its name."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("making a network of one's own takes Linux, `ip` (iproute2) and root")
    name = f"hostile-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody make networks")
    try:
        for command in ("link set lo up", f"addr add {POOL[0]}/32 dev lo", "route add local default dev lo"):
            subprocess.run(["ip", "-n", name, *command.split()], check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


class CaughtAgent(AgentProcess):
    """An agent that can reach nothing but what is in its network."""

    def __init__(self, folder: Path, network: str, audit: Audit) -> None:
        super().__init__(folder, "caught", "--engine", "ollama", **audit.environment)
        self._inside = ["ip", "netns", "exec", network, sys.executable, "-m", "desktop_agent"]
        self._where = folder
        command = [*self._inside, "run", "--headless", "--engine", "ollama"]
        self.program = Program("caught", folder, command, self.environment)

    def command(self, *arguments: str, code: int = 0) -> str:
        """Run a command in the network."""
        done = run([*self._inside, *arguments], self._where, self.environment)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr


def lines_of(log: Path) -> list[list[Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def test_a_hostile_pool_gets_nothing_but_its_work_done(stage: Stage, network: str) -> None:
    """Redirects, floods, nonsense, links, tasks that are none: the agent survives all, and then works as before.

    It connects to its pool and to Ollama, writes into its folder, and starts nothing; no trap is sprung.
    """
    log, audit = stage.folder / "hostile.jsonl", Audit(stage.folder)
    inside = ["ip", "netns", "exec", network]
    hostile = stage.program("hostile", *inside, sys.executable, "-m", "tests.e2e.hostile_pool", str(log))
    hostile.until(lambda: lines_of(log), "the hostile pool listens")
    agent = CaughtAgent(stage.folder, network, audit)
    stage.watch(agent)

    join = ("join", f"{SERVER}/join/{INVITE}", "--name", "caught", "--key-file", "--insecure-http")
    assert "that is never followed" in agent.command(*join, code=1)
    assert "does not understand" in agent.command(*join, code=1)
    agent.command(*join)
    agent.program.start()
    agent.program.until(lambda: ["worked", True] in lines_of(log), "it works after all attacks", 140)

    told = lines_of(log)
    assert [name for what, name in told if what == "attack"] == list(attacks())
    assert [what for what, _ in told if what == "trapped"] == []
    assert agent.program.terminate() == 0
    assert audit.connections == {POOL, OLLAMA}
    assert [path for path in audit.written if not path.is_relative_to(agent.data.resolve())] == []
    assert audit.started == []


def test_the_traps_are_set(stage: Stage, network: str) -> None:
    """What goes elsewhere in that network is caught: without that, the test above would prove nothing."""
    log = stage.folder / "hostile.jsonl"
    inside = ["ip", "netns", "exec", network]
    hostile = stage.program("hostile", *inside, sys.executable, "-m", "tests.e2e.hostile_pool", str(log))
    hostile.until(lambda: lines_of(log), "the hostile pool listens")
    code = "import sys, urllib.request as r, contextlib\nwith contextlib.suppress(OSError): r.urlopen(sys.argv[1])"
    run([*inside, sys.executable, "-c", code, f"{ELSEWHERE}/x"], stage.folder, neutral_environment())
    until(lambda: [what for what, _ in lines_of(log)] == ["up", "trapped"], "the trap is sprung")
