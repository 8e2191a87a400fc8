"""A server and one headless agent on this PC, run as the two real programs that they are."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

import httpx

ROOT = Path(__file__).resolve().parents[2]
#: The model that needs no download: its weights come with a Python package.
MODEL = "wordllama-256"
#: Seconds for the server to answer, and for the agent to offer its model; a slow disk needs a few.
START_SECONDS = 60.0
#: Seconds for one command of ours, such as `keys create`.
COMMAND_SECONDS = 60.0
#: Seconds a program gets to end by itself; the server answers its waiting clients first.
STOP_SECONDS = 15.0
#: Seconds between two looks at something that is coming up.
LOOK_SECONDS = 0.1
LOG_TAIL_LINES = 20

#: What a program needs of its surroundings; everything else could be a setting meant for another server.
NEUTRAL_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
)


class LocalPoolError(Exception):
    """The pool did not come up, or broke: the reason in words, and the end of the log that says more."""

    def __init__(self, reason: str, log: Path | None = None) -> None:
        super().__init__(reason)
        self.log_name = log.name if log else ""
        # Read now: a temporary folder is gone by the time somebody prints this.
        self.log_tail: list[str] = []
        if log and log.exists():
            with log.open(encoding="utf-8", errors="replace") as lines:
                self.log_tail = [line.rstrip() for line in deque(lines, maxlen=LOG_TAIL_LINES)]


class Program:
    """One child process, in a session of its own so that Ctrl-C reaches it only through us, in our order."""

    def __init__(self, name: str, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def stay(self, seconds: float) -> None:
        """Wait that long; LocalPoolError as soon as the program has ended."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise LocalPoolError(f"the {self.name} ended by itself with exit code {code}.", self.log)

    def stop(self) -> None:
        """Ask the program to end and wait until it did; insist after STOP_SECONDS."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the program at once; harmless when it has ended."""
        self._process.kill()
        self._process.wait()


class LocalPool:
    """The two programs with their data below one folder; leaving the context stops both, the agent first."""

    def __init__(self, folder: Path, address: str, environment: Mapping[str, str]) -> None:
        host, _, port = address.rpartition(":")
        self.folder = folder
        self.url = f"http://{'127.0.0.1' if host in {'', '0.0.0.0', '[::]'} else host}:{port}"  # noqa: S104 - compared only
        self.agent_folder = folder / "agent"
        self._server_folder = folder / "server"
        self._address = address
        # Both run inside the data folder, away from a .env that belongs to another server.
        self._environment = {
            **environment,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "SERVER_ADDRESS": address,
            "DATABASE_ROOT_PATH": str(self._server_folder),
        }
        self._agent_options = ["--engine", "embedded", "--data-dir", str(self.agent_folder)]
        self._programs: list[Program] = []

    def __enter__(self) -> Self:
        for part in (self.folder, self._server_folder, self.agent_folder):
            part.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for program in reversed(self._programs):
                program.stop()
        finally:
            # Whoever presses Ctrl-C a second time does not want to wait for the manners above.
            for program in self._programs:
                program.kill()

    def start_server(self) -> None:
        """Start the server and wait until it answers."""
        require_free(self._address)
        if not any(self._server_folder.iterdir()):
            # Any command makes the secrets; the server itself would also print the new token, here into its log.
            self._run("server", "keys", "list")
        server = self._start("server", "-m", "server")
        self._await(server, self._is_healthy, f"the server did not answer at {self.url} within {START_SECONDS:.0f} s.")

    def create_key(self, name: str) -> str:
        """Make a client key with the server's own command."""
        return str(self._run_json("server", "keys", "create", "--name", name, "--json")["key"])

    def join_agent(self, name: str) -> None:
        """Make an invite and let the agent join with it."""
        invite = self._run_json("server", "invites", "create", "--name", name, "--json")
        link = str(invite["link"])
        self._run("desktop_agent", "join", link, "--key-file", "--name", name, *self._agent_options)

    def start_agent(self, key: str) -> None:
        """Start the agent with its embedded engine and wait until its model is offered."""
        agent = self._start("agent", "-m", "desktop_agent", "run", "--headless", *self._agent_options)
        late = f"the agent did not offer the model {MODEL} within {START_SECONDS:.0f} s."
        self._await(agent, lambda: MODEL in (self.models(key) or []), late)

    def models(self, key: str) -> list[str] | None:
        """Return the ids of the models that this key can use now; None where the server does not know the key."""
        answer = self._get("/v1/models", headers={"Authorization": f"Bearer {key}"})
        return [model["id"] for model in answer.json()["data"]] if answer.status_code == 200 else None

    def stay(self, seconds: float) -> None:
        """Wait about that long; LocalPoolError as soon as one of the programs has ended."""
        for program in self._programs:
            program.stay(seconds / len(self._programs))

    def log_of(self, name: str) -> Path:
        """Return the log of `server` or `agent`."""
        return self.folder / f"{name}.log"

    def _start(self, name: str, *arguments: str) -> Program:
        program = Program(name, [sys.executable, *arguments], self.folder, self._environment)
        self._programs.append(program)
        return program

    def _await(self, program: Program, is_up: Callable[[], bool], late: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not is_up():
            if time.monotonic() > deadline:
                raise LocalPoolError(late, program.log)
            self.stay(LOOK_SECONDS)

    def _is_healthy(self) -> bool:
        try:
            return self._get("/health").status_code == 200
        except httpx.TransportError:
            return False

    def _get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        # A proxy that is set for the Internet knows nothing of this PC.
        with httpx.Client(trust_env=False, timeout=COMMAND_SECONDS) as client:
            return client.get(self.url + path, headers=headers)

    def _run(self, *arguments: str) -> str:
        """Run one of our commands to its end and return what it printed; its own words are the error otherwise."""
        command = [sys.executable, "-m", *arguments]
        said = f"`python -m {' '.join(arguments[:2])}`"
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, timeout=COMMAND_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise LocalPoolError(f"{said} did not end within {COMMAND_SECONDS:.0f} s.", self.log_of("server")) from None
        if done.returncode:
            words = (done.stderr or done.stdout).strip().splitlines()
            raise LocalPoolError(f"{said} failed: {' '.join(words[-2:]) or 'it said nothing.'}", self.log_of("server"))
        return done.stdout

    def _run_json(self, *arguments: str) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self._run(*arguments))
        return result


def require_engine() -> None:
    """LocalPoolError where the embedded engine's weights cannot be installed."""
    if importlib.util.find_spec("wordllama") is None:
        raise LocalPoolError(
            "the embedded engine has no package for this Python on this processor. It runs with Python 3.11 to 3.13 on "
            "x86-64 (Linux, Windows, macOS) and on Apple's processors."
        )


def require_free(address: str) -> None:
    """LocalPoolError where something listens at the address already: we would talk to a stranger."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), timeout=2):
            raise LocalPoolError(
                f"another program listens at {address}. Choose another: make run ADDRESS=127.0.0.1:8001"
            )
    except ValueError:
        raise LocalPoolError(f"{address} is not an address such as 127.0.0.1:8000.") from None
    except OSError:
        return


def free_address() -> str:
    """Return an address of this PC at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def neutral_environment() -> dict[str, str]:
    """Return the surroundings a program needs, without any setting of this shell."""
    return {name: os.environ[name] for name in NEUTRAL_VARIABLES if name in os.environ}


def exit_code_of(name: str, action: Callable[[], None], *, interrupted: int) -> int:
    """Run an action that uses a pool and return the exit code; whatever goes wrong is said in words.

    A closed terminal and a plain `kill` clean up exactly as Ctrl-C does; `interrupted` is the exit code of all three.
    """
    for stop_signal in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, stop_signal):
            signal.signal(getattr(signal, stop_signal), _interrupt)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    try:
        action()
    except LocalPoolError as failure:
        _explain(name, failure)
    except (OSError, ValueError, KeyError, httpx.HTTPError) as error:
        _explain(name, LocalPoolError(f"{type(error).__name__}: {error}"))
    except KeyboardInterrupt:
        print(f"\n{name}: stopped", file=sys.stderr)
        return interrupted
    else:
        return 0
    return 1


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _explain(name: str, failure: LocalPoolError) -> None:
    """Print the tail of the failure's log and then, as the last line, its reason."""
    if failure.log_tail:
        print(f"--- the end of the {failure.log_name} ---", *failure.log_tail, "---", sep="\n", file=sys.stderr)
    print(f"{name}: failed: {failure}", file=sys.stderr)
