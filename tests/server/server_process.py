"""The server as its operator starts it: `python -m server` in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

ROOT = Path(__file__).resolve().parents[2]
#: Seconds for the process to come up, and for a command to end; they only end a test that hangs.
PATIENCE_SECONDS = 60
MANAGEMENT_TOKEN = "management-token-of-the-tests"

_LISTENS = re.compile(r"listens on (http://127\.0\.0\.1:(\d+))")


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a process whose data folder is `folder`: nothing of ours but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "TEMP") if name in os.environ}
    defaults = {
        "PYTHONPATH": str(ROOT),
        "SERVER_ADDRESS": "127.0.0.1:0",
        "DATABASE_ROOT_PATH": str(folder / "data"),
        "MGMT_TOKEN": MANAGEMENT_TOKEN,
        "MAX_AGENT_POLLS": "20",
        "MAX_CLIENT_WAITS": "20",
    }
    return {**kept, **defaults, **settings}


def command(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m server …` in `folder` until it ends."""
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        cwd=folder,
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


class ServerProcess:
    """A server in a process; it is told to stop when the block ends. `url` is where it answers."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server"],
            cwd=folder,
            env=environment(folder, **settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._listening = threading.Event()
        self._readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("stdout", self.process.stdout), ("stderr", self.process.stderr))
        ]
        for reader in self._readers:
            reader.start()
        assert self._listening.wait(PATIENCE_SECONDS), self.errors
        match = _LISTENS.search(self.output)
        assert match, self.output + self.errors
        self.url, self.port = match[1], int(match[2])

    @property
    def output(self) -> str:
        """What it printed for its operator."""
        return "".join(self._lines["stdout"])

    @property
    def errors(self) -> str:
        """What it logged."""
        return "".join(self._lines["stderr"])

    def logged(self) -> list[dict[str, Any]]:
        """The log's lines as events, where it is written as JSON."""
        return [orjson.loads(line) for line in self.errors.splitlines()]

    def stop(self) -> int:
        """Ask it to stop; returns its exit code once all it printed was read."""
        self.process.terminate()
        code = self.process.wait(PATIENCE_SECONDS)
        for reader in self._readers:
            reader.join(PATIENCE_SECONDS)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def _read(self, name: str, stream: IO[str] | None) -> None:
        assert stream is not None
        for line in stream:
            self._lines[name].append(line)
            if _LISTENS.search(line):
                self._listening.set()
        self._listening.set()
