"""Real processes for tests: started with a log file, signalled, waited for, and ended whatever happens."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
#: Seconds for anything that a test waits for; far above what it takes, so that it only ends a test that hangs.
PATIENCE_SECONDS = 60.0
#: Seconds between two looks at what is being waited for.
LOOK_SECONDS = 0.05
#: Lines of each log that a failing test shows.
LOG_TAIL_LINES = 25
#: Ports that no system gives to outgoing connections: an agent that tries again while its server is down would
#: otherwise, once in a while, connect to itself.
_LISTENING_PORTS = range(15_000, 30_000)
_NEUTRAL_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "TEMP", "SYSTEMROOT")
#: Choose how numpy multiplies, and with that the last bit of its sums: the same here and in the processes.
_ARITHMETIC_PREFIX = "OPENBLAS_"

T = TypeVar("T")


def until(look: Callable[[], T], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Look again and again until there is something true, and return it; fails with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(LOOK_SECONDS)
    return found


def free_port() -> int:
    """Return a port of this PC at which nothing listens."""
    while True:
        port = random.SystemRandom().choice(_LISTENING_PORTS)
        with contextlib.closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def neutral_environment(**more: str) -> dict[str, str]:
    """Return the surroundings of a process: what every program needs, none of this shell's settings, and `more`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _NEUTRAL_VARIABLES or name.startswith(_ARITHMETIC_PREFIX)
    }
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **more}


def run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder to its end."""
    return subprocess.run(
        list(command),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


class Program:
    """One child process; its output is appended to `<name>.log` in its folder, across restarts."""

    def __init__(self, name: str, folder: Path, command: Sequence[str], environment: dict[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._folder = folder
        self._command = list(command)
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """Everything it wrote so far."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs, or was never started."""
        return None if self._process is None else self._process.poll()

    @property
    def is_running(self) -> bool:
        """Whether there is a process, stopped by a signal or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process, or a new one after its end."""
        assert not self.is_running, f"{self.name} runs already"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it, and whatever it started, as a power cut does; harmless when it has ended."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def terminate(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Ask it to end; returns its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(seconds)

    def freeze(self) -> None:
        """Stop it as a suspended PC does: connections stay open, nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def until(self, look: Callable[[], T], what: str, seconds: float = PATIENCE_SECONDS) -> T:
        """Wait as `until` does; fails at once when the process has ended."""

        def look_at_both() -> T:
            assert self.is_running, f"{self.name} ended with {self.exit_code} before: {what}"
            return look()

        return until(look_at_both, what, seconds)

    def log_tail(self) -> str:
        """The end of its log, under a heading."""
        lines = self.output.splitlines()[-LOG_TAIL_LINES:]
        return "\n".join([f"--- {self.name}.log, exit code {self.exit_code} ---", *lines])
