"""The server as a process on one data folder and one port, through any number of kills and restarts."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.programs import PATIENCE_SECONDS, Program, free_port, neutral_environment, run

MANAGEMENT_TOKEN = "management-token-of-the-tests"
#: Seconds within which the server promises to end after SIGTERM.
STOP_SECONDS = 12.0


class PoolServer:
    """A server process, its operator's calls and a look into its database."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        # Few places to wait mean few threads, and a quick start.
        defaults = {"MAX_AGENT_POLLS": "30", "MAX_CLIENT_WAITS": "40", "MGMT_TOKEN": MANAGEMENT_TOKEN}
        self.environment = neutral_environment(
            SERVER_ADDRESS=f"127.0.0.1:{port}", DATABASE_ROOT_PATH=str(folder / "pool"), **{**defaults, **settings}
        )
        self.program = Program("server", folder, [sys.executable, "-m", "server"], self.environment)

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "pool" / "embedpool.db"

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self.program.start()
        self.program.until(self._is_up, "the server answers")

    def stop(self) -> int:
        """End it as an operator does; returns its exit code. Fails when it takes longer than it promises."""
        return self.program.terminate(STOP_SECONDS)

    def command(self, *arguments: str) -> str:
        """Run `python -m server …` to its good end and return what it printed."""
        done = run([sys.executable, "-m", "server", *arguments], self.folder, self.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def issue_key(self, name: str = "client") -> str:
        """Issue a client key that may use everything."""
        return str(self._manage("POST", "client_api_keys/update", {"name": name})["key"])

    def issue_invite(self, name: str = "agent") -> str:
        """Issue an invite for one PC and return its link."""
        return str(self._manage("POST", "invites/create", {"name": name, "uses": 1})["link"])

    def agents(self) -> dict[str, dict[str, Any]]:
        """What the operator sees of the agents, by their names."""
        return {agent["displayName"]: agent for agent in self._manage("GET", "agents/list")}

    def remove_agent(self, agent_id: str) -> None:
        """Take an agent out of the pool."""
        self._manage("POST", f"agents/delete/{agent_id}")

    def models(self, key: str) -> set[str]:
        """The models that a client's key can use now."""
        answer = self._call("GET", "/v1/models", {"Authorization": f"Bearer {key}"})
        return {model["id"] for model in answer.json()["data"]}

    def online_agents(self, key: str, model: str) -> int:
        """How many agents offer a model now, as far as a client can see."""
        answer = self._call("GET", "/v1/models", {"Authorization": f"Bearer {key}"})
        offered = {one["id"]: one["embedpool"]["online_workers"] for one in answer.json()["data"]}
        return int(offered.get(model, 0))

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Read the database while the server runs or not; nothing is written, not even to the log's index."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=PATIENCE_SECONDS)) as reader:
            reader.row_factory = sqlite3.Row
            return [dict(row) for row in reader.execute(query, values)]

    def tasks(self, job_id: str | None = None) -> list[dict[str, Any]]:
        """The tasks, of one job or of all, in the order of their making."""
        return self.rows("SELECT * FROM tasks WHERE ?1 IS NULL OR job_id = ?1 ORDER BY id", job_id)

    def count_tasks(self, *statuses: str) -> int:
        """How many tasks are in one of these statuses."""
        counts = {row["status"]: row["n"] for row in self.rows("SELECT status, count(*) AS n FROM tasks GROUP BY 1")}
        return sum(counts.get(status, 0) for status in statuses)

    def leased_to(self, agent_id: str) -> int:
        """How many tasks an agent holds now."""
        query = "SELECT count(*) AS held FROM attempts WHERE agent_id = ? AND status = 'leased'"
        return int(self.rows(query, agent_id)[0]["held"])

    def let_leases_lapse(self) -> None:
        """While the server is dead: make its running leases as old as an outage longer than a lease makes them."""
        assert not self.program.is_running
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute("UPDATE attempts SET lease_until = lease_until - 90000 WHERE status = 'leased'")

    def was_seen_in_database(self, agent_id: str) -> bool:
        """Whether the database knows that an agent was seen after it registered."""
        query = "SELECT id FROM agents WHERE id = ? AND last_seen_at > registered_at"
        return bool(self.rows(query, agent_id))

    def check_soundness(self) -> None:
        """Assert what must hold in every database that no task is under way in, whatever happened to its server."""
        assert [row["integrity_check"] for row in self.rows("PRAGMA integrity_check")] == ["ok"]
        assert self.rows("PRAGMA foreign_key_check") == []
        assert self.rows("SELECT id, status FROM tasks WHERE status IN ('queued', 'leased')") == []
        # A task's result is that of the one attempt which completed it.
        assert self.rows(_ODD_RESULTS) == []

    def _manage(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._call(method, f"/management/{path}", {"X-Mgmt-Token": MANAGEMENT_TOKEN}, body).json()

    def _call(
        self, method: str, path: str, headers: dict[str, str], body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        with httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS, trust_env=False) as client:
            return client.request(method, path, json=body, headers=headers).raise_for_status()

    def _is_up(self) -> bool:
        try:
            return self._call("GET", "/health", {}).status_code == 200
        except httpx.TransportError:
            return False


_ODD_RESULTS = """
SELECT tasks.id FROM tasks LEFT JOIN results ON results.task_id = tasks.id
WHERE tasks.status = 'completed' AND (
    results.attempt_id IS NULL
    OR (SELECT count(*) FROM attempts WHERE task_id = tasks.id AND status = 'completed') <> 1
    OR (SELECT status FROM attempts WHERE id = results.attempt_id) <> 'completed'
)
"""
