"""Starting the Ollama of this PC, when its owner asks for it and never by itself."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .. import messages
from ..errors import EngineError, EngineUnavailable
from ..system.child_environment import for_other_programs
from .ollama_client import OllamaClient

log = logging.getLogger(__name__)

#: Seconds that a started Ollama has until it answers, and between two tries.
PATIENCE_SECONDS = 15.0
TRY_SECONDS = 0.25
#: Where Ollama listens when nobody says anything else.
DEFAULT_PORT = 11434


class OllamaStarter:
    """Starts Ollama, and remembers what it started so that nothing is started twice."""

    def __init__(self, environment: Mapping[str, str] | None = None, system: str = sys.platform) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._system = system
        self._is_frozen = bool(getattr(sys, "frozen", False))
        self._started: subprocess.Popen[bytes] | None = None

    async def start(self, url: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Start Ollama and wait until it answers at its address; nothing is started where it answers already.

        Raises:
            EngineUnavailable: it is not installed, is not of this PC, or does not come up; the message says which.
        """
        if not is_this_pc(url):
            raise EngineUnavailable(messages.engine.ollama_elsewhere(url))
        client = OllamaClient(url)
        try:
            if await _answers(client):
                return
            program = self._begin(url)
            await self._until_it_answers(client, program, patience_seconds)
        finally:
            await client.close()

    def _begin(self, url: str) -> Path:
        program = find_ollama(self._environment, self._system)
        if program is None:
            raise EngineUnavailable(messages.engine.OLLAMA_NOT_FOUND)
        if self._started is not None and self._started.poll() is None:
            return program  # it is slow, or the address is not the one that it listens at
        log.info("Starting %s, as its owner asked", program)
        try:
            self._started = subprocess.Popen(  # noqa: S603  (a fixed name in fixed places, and no shell)
                command(program),
                env=clean_environment(self._environment, url, is_frozen=self._is_frozen),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=Path.home(),
                **_detached(self._system),
            )
        except OSError as error:
            reason = (error.strerror or str(error)).rstrip(".")
            raise EngineUnavailable(messages.engine.ollama_start_failed(str(program), reason)) from error
        return program

    async def _until_it_answers(self, client: OllamaClient, program: Path, patience_seconds: float) -> None:
        give_up_at = time.monotonic() + patience_seconds
        while not await _answers(client):
            code = self._started.poll() if self._started is not None else None
            # What only hands over to an app that is there already ends well, and at once.
            if code:
                raise EngineUnavailable(messages.engine.ollama_ended_at_once(str(program), code))
            if time.monotonic() >= give_up_at:
                raise EngineUnavailable(messages.engine.ollama_start_slow(client.url, round(patience_seconds)))
            await asyncio.sleep(TRY_SECONDS)


def is_this_pc(url: str) -> bool:
    """Tell whether an address of Ollama can only be this PC's own."""
    host = _parts(url)[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified


def find_ollama(environment: Mapping[str, str], system: str = sys.platform) -> Path | None:
    """Give the program that brings Ollama up; its app where there is one, which is how its owner would start it."""
    apps, programs = _places(environment, system)
    found = shutil.which("ollama", path=environment.get("PATH", ""))
    candidates = [*apps, *([Path(found)] if found else []), *programs]
    return next((place for place in candidates if place.exists()), None)


def _places(environment: Mapping[str, str], system: str) -> tuple[list[Path], list[Path]]:
    """Give where Ollama's app may be, and where its program may be when it is not on the path."""
    if system == "win32":
        folders = [Path(environment[name]) for name in ("LOCALAPPDATA", "ProgramFiles") if environment.get(name)]
        apps = [folder / "Programs" / "Ollama" / "ollama app.exe" for folder in folders[:1]]
        apps += [folder / "Ollama" / "ollama app.exe" for folder in folders[1:]]
        return apps, [app.with_name("ollama.exe") for app in apps]
    if system == "darwin":
        home = [Path(environment["HOME"], "Applications/Ollama.app")] if environment.get("HOME") else []
        return [Path("/Applications/Ollama.app"), *home], [
            Path("/opt/homebrew/bin/ollama"),
            Path("/usr/local/bin/ollama"),
        ]
    return [], [Path("/usr/local/bin/ollama"), Path("/usr/bin/ollama"), Path("/opt/ollama/bin/ollama")]


def command(program: Path) -> list[str]:
    """Give the command that brings it up: an app by itself, the program as a server."""
    if program.suffix == ".app":
        return ["/usr/bin/open", "-g", "-a", str(program)]
    return [str(program)] if program.stem.lower() == "ollama app" else [str(program), "serve"]


def clean_environment(environment: Mapping[str, str], url: str, *, is_frozen: bool) -> dict[str, str]:
    """Give the variables for Ollama: without those that a frozen program made for itself, and with its address."""
    clean = for_other_programs(environment, is_frozen=is_frozen)
    host, port = _parts(url)
    if port != DEFAULT_PORT or host not in ("127.0.0.1", "localhost"):
        # An address that means "any of this PC's" would open Ollama to the network.
        host = "127.0.0.1" if host == "localhost" or ipaddress.ip_address(host).is_unspecified else host
        clean["OLLAMA_HOST"] = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return clean


def _parts(url: str) -> tuple[str, int]:
    """Give host and port of an address; nothing and 0 where it is none."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "", 0


def _detached(system: str) -> dict[str, Any]:
    """Give what has the program live on when this one ends, and hear nothing of its signals."""
    if system == "win32":
        flags = ("DETACHED_PROCESS", "CREATE_NEW_PROCESS_GROUP")
        return {"creationflags": sum(getattr(subprocess, flag, 0) for flag in flags), "close_fds": True}
    return {"start_new_session": True}


async def _answers(client: OllamaClient) -> bool:
    try:
        await client.get("/api/version")
    except EngineError:
        return False
    return True
