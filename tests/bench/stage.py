"""The stage of a measurement: real server, real agents, fake Ollama, each a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
import psutil

ROOT = Path(__file__).resolve().parents[2]
#: Seconds for a program to come up.
START_SECONDS = 60


class Stage:
    """Processes over one temporary folder; leaving the context ends them."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.port = free_port()
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SERVER_ADDRESS": f"127.0.0.1:{self.port}",
            "DATABASE_ROOT_PATH": str(folder / "server"),
            **settings,
        }

    def __enter__(self) -> Self:
        (self._folder / "server").mkdir(parents=True)
        self.server = psutil.Process(self._start("server", "-m", "server").pid)
        self._until("the server", lambda: self._get("/ready") is not None)
        self.key = str(self._ask("keys", "create", "--name", "bench", "--json")["key"])
        self._invite = self._ask("invites", "create", "--name", "bench", "--uses", "1000", "--json")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(30)

    @property
    def invite_code(self) -> str:
        """A code with which up to 1000 agents may join."""
        return str(self._invite["code"])

    def start_ollama(self, **options: float | str) -> int:
        """Start a fake Ollama and return its port."""
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.ollama", "--port=0", *arguments],
            cwd=ROOT, env=self._environment, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._processes.append(process)
        assert process.stdout is not None
        return int(process.stdout.readline())

    def start_agent(self, ollama_port: int, model: str) -> psutil.Process:
        """Join and start a real headless agent on an Ollama, and wait until it offers the model."""
        number = len(self._processes)
        data = str(self._folder / f"agent-{number}")
        command = [sys.executable, "-m", "desktop_agent"]
        subprocess.run(
            [*command, "join", self._invite["link"], "--key-file", "--data-dir", data],
            cwd=ROOT, env=self._environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        before = self._online(model)
        process = self._start(
            f"agent-{number}", "-m", "desktop_agent", "run", "--headless", "--engine", "ollama",
            "--ollama-url", f"http://127.0.0.1:{ollama_port}", "--data-dir", data,
        )  # fmt: skip
        self._until("the agent", lambda: self._online(model) > before)
        return psutil.Process(process.pid)

    def _online(self, model: str) -> int:
        ready = self._get("/ready") or {}
        return int(ready.get("models", {}).get(model, {}).get("online_agents", 0))

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        self._processes.append(process)
        return process

    def _ask(self, *command: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "server", *command],
            cwd=ROOT, env=self._environment, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        answer: dict[str, Any] = orjson.loads(done.stdout)
        return answer

    def _get(self, path: str) -> dict[str, Any] | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
                answer: dict[str, Any] = orjson.loads(response.read())
                return answer
        except urllib.error.URLError:
            return None

    def _until(self, what: str, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not come up; see {self._folder}")
            time.sleep(0.1)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(process: psutil.Process) -> float:
    """Return the processor time a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)
