"""The agent as its users have it: a data folder, the command line, and one headless process."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.e2e.programs import Program, neutral_environment, run

_AGENT = (sys.executable, "-m", "desktop_agent")


class AgentProcess:
    """One PC's agent; `name` is what the pool knows it by."""

    def __init__(self, folder: Path, name: str, *engine: str, **environment: str) -> None:
        self.name = name
        self.data = folder / name
        self._folder = folder
        self._engine = engine
        self.environment = neutral_environment(EMBEDPOOL_AGENT_DATA_DIR=str(self.data), **environment)
        self.program = Program(name, folder, [*_AGENT, "run", "--headless", *engine], self.environment)

    @property
    def id(self) -> str:
        """Its id in the pool it joined."""
        return str(self._stored("membership.json")["agent_id"])

    @property
    def server(self) -> str:
        """The address of the pool it joined."""
        return str(self._stored("membership.json")["server"])

    @property
    def signature(self) -> str:
        """How the header of an answer names it."""
        return f"agent-{self.id[-6:]}"

    def join(self, link: str, *options: str, code: int = 0) -> str:
        """Join a pool, with its name and engine; returns what was printed."""
        return self.command("join", link, "--name", self.name, *options, *self._engine, code=code)

    def command(self, *arguments: str, code: int = 0) -> str:
        """Run one of its commands to the given end and return everything it printed."""
        done = run([*_AGENT, *arguments], self._folder, self.environment)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def status(self) -> str:
        """What it says to its user."""
        return self.command("status")

    def until_it_says(self, words: str) -> str:
        """Wait until its status holds these words; returns the status."""
        return self.program.until(lambda: self._said(words), f"{self.name} says “{words}”")

    def until_it_is(self, state: str) -> None:
        """Wait until it is in a state: ready, working, paused, offline, error."""
        self.program.until(lambda: self.state["state"] == state, f"{self.name} is {state}")

    @property
    def state(self) -> dict[str, Any]:
        """What it last wrote down about itself."""
        return self._stored("state.json")

    @property
    def counters(self) -> dict[str, int]:
        """What it counts since its start."""
        counters: dict[str, int] = self.state["counters"]
        return counters

    @property
    def own_log(self) -> str:
        """Its log files' text."""
        return "".join(file.read_text(encoding="utf-8") for file in sorted((self.data / "logs").glob("*")))

    def _said(self, words: str) -> str:
        said = self.status()
        return said if words in said else ""

    def _stored(self, name: str) -> dict[str, Any]:
        file = self.data / name
        stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"state": ""}
        return stored
