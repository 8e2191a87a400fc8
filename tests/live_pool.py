"""A whole pool for tests of what is seen from outside: real waitress, real SQLite file, real HTTP, any settings."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from flask import Flask
from werkzeug.routing import Map

from server.app import create_app, pool_of
from server.services.pool import Pool
from server.serving import Serving
from server.settings import Settings
from tests.factories import issue_client_key, make_invite, make_settings
from tests.scripted_agent import ANSWER_SECONDS, ScriptedAgent

EMBEDDINGS = "/v1/embeddings"

_PRINT_FILES = """
import pathlib, sys
for file in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    sys.stdout.buffer.write(file.read_bytes())
"""


@dataclass(frozen=True, slots=True)
class LivePool:
    """A server that answers on a free port, and whatever joined it."""

    settings: Settings
    pool: Pool
    serving: Serving
    app: Flask
    _open: ExitStack

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.serving.port}"

    @property
    def rules(self) -> Map:
        """Every route that it has."""
        return self.app.url_map

    def issue_key(self, *capabilities: str) -> str:
        """Issue a client key; without capabilities it may use everything."""
        return issue_client_key(self.pool, capabilities=capabilities or ("*",)).key

    def client(self, *capabilities: str, **headers: str) -> httpx.Client:
        """Return a plain HTTP client with a key of its own; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.caller({"Authorization": f"Bearer {self.issue_key(*capabilities)}", **named})

    def operator(self) -> httpx.Client:
        """Return a plain HTTP client with the management token."""
        return self.caller({"X-Mgmt-Token": self.settings.mgmt_token})

    def caller(self, headers: dict[str, str] | None = None) -> httpx.Client:
        """Return a plain HTTP client with nothing but the given headers."""
        # There is no TLS here, and reading the certificates takes longer than most requests.
        client = httpx.Client(base_url=self.url, timeout=ANSWER_SECONDS, trust_env=False, verify=False, headers=headers)
        return self._open.enter_context(client)

    def agent(self, *offers: dict[str, Any], invite: str | None = None, **changes: Any) -> ScriptedAgent:
        """Let an agent join; it offers the tests' usual model unless told otherwise."""
        agent = ScriptedAgent(self.url, invite or make_invite(self.pool), *offers, **changes)
        self._open.callback(agent.close)
        return agent

    def rows(self) -> dict[str, int]:
        """Count the rows of every table that a client's request could leave something in."""
        tables = ("jobs", "tasks", "payloads", "attempts", "results", "cached_vectors")
        with closing(sqlite3.connect(f"file:{self.settings.database_path}?mode=ro", uri=True)) as connection:
            return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}

    def statuses(self) -> list[str]:
        """Return how every task stands, oldest first."""
        with closing(sqlite3.connect(f"file:{self.settings.database_path}?mode=ro", uri=True)) as connection:
            return [status for (status,) in connection.execute("SELECT status FROM tasks ORDER BY id")]

    def on_disk(self) -> bytes:
        """Return every byte of the data folder: database, write-ahead log, secrets."""
        # Another process reads: closing a file of its own would take SQLite's locks from this one.
        folder = str(self.settings.database_root_path)
        return subprocess.run([sys.executable, "-c", _PRINT_FILES, folder], check=True, capture_output=True).stdout


@contextmanager
def live_pool(folder: Path, **changes: Any) -> Iterator[LivePool]:
    """Serve a pool over a data folder until the block ends; `changes` are settings."""
    settings = make_settings(folder, **changes)
    app = create_app(settings)
    serving = Serving(app, settings)
    serving.start()
    with ExitStack() as opened:
        opened.callback(serving.stop)
        yield LivePool(settings, pool_of(app), serving, app, opened)
