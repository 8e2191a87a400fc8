"""Chats with the official Python client, newest and previous major version, against the real server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.contract import openai_chat_checks
from tests.live_pool import LivePool, live_pool
from tests.scripted_agent import CHAT_MODEL, Result, ScriptedAgent, Task, chat_offer, chat_output

ROOT = Path(__file__).resolve().parents[2]
#: Where packaging/dev/setup.sh puts the previous major version.
OPENAI2 = ROOT / ".venv" / "openai2"
#: Seconds that a test gives a client to do what it is waited for.
PATIENCE_SECONDS = 30


def final(task: Task, content: str = "", **message: Any) -> Result:
    return {"lease_id": task["lease_id"], "output": chat_output(content, **message)}


class Model:
    """Plays the model: the first word of the question says what it does."""

    def __init__(self, live: LivePool, agent: ScriptedAgent) -> None:
        self._live, self._agent = live, agent

    def answer(self, task: Task) -> Result | None:
        """Answer a chat, or say nothing of it."""
        last = task["payload"]["messages"][-1]
        if last["role"] == "tool":
            return final(task, f"{last['tool_name']} said {last['content']}")
        word, _, rest = last["content"].partition(" ")
        play: Callable[[Task, str], Result | None] = getattr(self, f"_{word}")
        return play(task, rest)

    def _echo(self, task: Task, text: str) -> Result:
        return final(task, text)

    def _see(self, task: Task, _text: str) -> Result:
        return final(task, f"{len(task['payload']['messages'][-1]['images'])} picture")

    def _write(self, task: Task, text: str) -> Result:
        for seq, piece in enumerate(text.split("|"), start=1):
            assert self._agent.tell(task, seq, piece) == "held"
        return final(task, text.replace("|", ""))

    def _call(self, task: Task, cities: str) -> Result:
        assert task["payload"]["tools"] == [openai_chat_checks.WEATHER]
        calls = [{"function": {"name": "weather", "arguments": {"city": city}}} for city in cities.split("|")]
        return final(task, tool_calls=calls)

    def _think(self, task: Task, text: str) -> Result:
        if task["payload"]["stream"]:
            self._agent.tell(task, 1, thinking=text)
        return final(task, "So.", thinking=text)

    def _fill(self, task: Task, _text: str) -> Result:
        names = task["payload"]["format"]["properties"]
        return final(task, "{" + ",".join(f'"{name}": "{names[name]["type"]}"' for name in names) + "}")

    def _break(self, task: Task, text: str) -> None:
        self._agent.tell(task, 1, text)
        self._agent.post("release", {"leases": [task["lease_id"]], "reason": "user_active"})

    def _forever(self, task: Task, _text: str) -> None:
        deadline, seq = time.monotonic() + PATIENCE_SECONDS, 1
        while self._agent.tell(task, seq, "and on ") == "held":
            assert time.monotonic() < deadline, "nobody told the agent to stop"
            seq += 1

    def _pause(self, task: Task, _text: str) -> Result:
        threading.Event().wait(openai_chat_checks.SHORT_TIMEOUT * 1.5)
        return final(task, "At last.")

    def _wait(self, task: Task, _text: str) -> Result:
        gate, deadline = self._live.pool.jobs.gate, time.monotonic() + PATIENCE_SECONDS
        for waiting in (0, 1):
            while gate.in_use != waiting:
                assert time.monotonic() < deadline, "the client did not give up and come back"
                time.sleep(0.01)
        return final(task, "You came back.")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePool]:
    """Give a server with one agent whose model does what it is told."""
    with live_pool(tmp_path_factory.mktemp("chat")) as live, live.agent(chat_offer()) as agent:
        agent.behaviour = Model(live, agent).answer
        yield live


@pytest.mark.parametrize("name", openai_chat_checks.CHECKS)
def test_the_newest_client_works(served: LivePool, name: str) -> None:
    """Everything that its users do, in this process."""
    assert int(openai.__version__.partition(".")[0]) >= 3
    openai_chat_checks.CHECKS[name](served.url, served.issue_key(), CHAT_MODEL)


def test_the_previous_major_version_works(served: LivePool) -> None:
    """The same with openai 2, in a process of its own: many programs still have it."""
    assert OPENAI2.is_dir(), "run `make setup` first: it installs the previous version of the client"
    done = subprocess.run(
        [sys.executable, str(Path(openai_chat_checks.__file__)), served.url, served.issue_key(), CHAT_MODEL],
        env={**os.environ, "PYTHONPATH": str(OPENAI2)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("openai 2."), done.stdout
