"""A pool to be asked nonsense, through the app itself: no sockets, so that thousands of requests take seconds."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema
from werkzeug.test import Client

from server.app import close_app, create_app, pool_of
from server.services import access
from server.services.pool import Pool
from server.settings import Settings
from tests.factories import (
    CAPABILITY,
    MODEL,
    Issued,
    delivery,
    enqueue,
    issue_client_key,
    make_agent,
    make_invite,
    make_settings,
    take_turn,
)
from tests.scripted_agent import description, offer

#: What stands in the prompt, and in the other things, of somebody who is none of the callers.
PROMPT_CANARY, CANARY = "canary-prompt-Zq7", "canary-thing-Zq7"
NOBODY, REVOKED, CLIENT, AGENT, WORKER, OPERATOR = "nobody", "revoked", "client", "agent", "worker", "operator"
ROLES = (NOBODY, REVOKED, CLIENT, AGENT, WORKER, OPERATOR)
CHAT_MODEL = "qwen2.5:7b"
WORKERS_TOKEN = "the-token-of-llmequeue-workers"

Headers = dict[str, str]


@dataclass(slots=True)
class FuzzedPool:
    """An app, somebody else's things in it, and the headers of every kind of caller."""

    app: Flask
    settings: Settings
    schema: OpenApiSchema
    client: Issued
    victim: Issued
    #: Path parameter → what really exists under that name, the victim's things first.
    real: dict[str, list[str]] = field(default_factory=dict)

    @property
    def pool(self) -> Pool:
        """The pool behind the app."""
        return pool_of(self.app)

    def operations(self) -> list[Any]:
        """Return every method of every path, as Schemathesis knows it."""
        results: list[Any] = list(self.schema.get_all_operations())
        return [result.ok() for result in results]

    def seed(self) -> None:
        """Put in what a caller could meet: models, a PC, the caller's own tasks, and the victim's."""
        models = offer(engine="ollama"), offer(CHAT_MODEL, kind="chat", dimensions=None)
        self._join(description(*models, displayName=CANARY))
        agent = make_agent(self.pool)
        done = enqueue(self.pool, self.client.client, "done")
        leases = take_turn(self.pool, agent, most=64).leases
        take_turn(self.pool, agent, *map(delivery, leases), most=0)
        own = enqueue(self.pool, self.client.client, "own")
        foreign = enqueue(self.pool, self.victim.client, PROMPT_CANARY)
        with self.pool.database.read() as connection:
            find = "SELECT id FROM tasks WHERE job_id IN (?, ?, ?)"
            tasks = [row[0] for row in connection.exec_driver_sql(find, (foreign, own, done))]
        self.real = {
            "job_id": [foreign, own, done],
            "task_id": [foreign, *tasks, own],
            "task": [foreign, *tasks],
            "cap": [CAPABILITY],
            "agent_id": [agent.agent.id],
            "key": [self.victim.client.id],
            "class_id": ["1"],
            "name": [MODEL, CHAT_MODEL],
        }

    def headers(self, role: str) -> Headers:
        """Return what a caller of a kind sends with each request."""
        if role == OPERATOR:
            return {"X-Mgmt-Token": self.settings.mgmt_token}
        if role == CLIENT:
            return bearer(self.client.key)
        if role == WORKER:
            return bearer(WORKERS_TOKEN)
        if role == REVOKED:
            return bearer(revoked_key(self.pool))
        return self._join(description()) if role == AGENT else {}

    def _join(self, described: dict[str, Any]) -> Headers:
        http = Client(self.app)
        joined = http.post("/agent/register", json={"apiKey": make_invite(self.pool), **described}).json
        assert joined is not None and "key" in joined, joined
        token = http.post("/agent/auth", json={"agentId": joined["agentId"], "key": joined["key"]}).json
        assert token is not None
        return bearer(token["token"])

    def secrets(self, role: str) -> list[str]:
        """Return what a caller of a kind must not find in any answer."""
        secrets = [self.settings.jwt_secret, self.victim.key]
        if role != OPERATOR:
            secrets += [CANARY, self.settings.mgmt_token, self.settings.metrics_token]
        # Who computes a text has to see it.
        return secrets if role in {AGENT, WORKER, OPERATOR} else [*secrets, PROMPT_CANARY]

    def foreign(self, case: Any) -> bool:
        """Whether a request names a task of the victim."""
        return self.real["job_id"][0] in (case.path_parameters or {}).values()

    def make_real(self, case: Any) -> None:
        """Exchange made-up names in every other request for names of things that exist."""
        chosen = zlib.crc32(repr((case.path_parameters, case.body)).encode("utf-8", "replace"))
        if chosen % 2:
            return
        for name in case.path_parameters or ():
            known = self.real.get(name)
            if known:
                case.path_parameters[name] = known[chosen // 2 % len(known)]
        if isinstance(case.body, dict):
            if isinstance(case.body.get("model"), str):
                case.body["model"] = CHAT_MODEL if "messages" in case.body else MODEL
            if isinstance(case.body.get("capability"), str) and not case.body.get("urgent"):
                case.body["capability"] = CAPABILITY


def bearer(key: str) -> Headers:
    """Return the header that a key is sent in."""
    return {"Authorization": f"Bearer {key}"}


def revoked_key(pool: Pool) -> str:
    """Return a client key that was revoked."""
    issued = issue_client_key(pool, "revoked")
    access.revoke_key(pool, issued.client.id, pool.clock.wall())
    return issued.key


def tame(case: Any) -> None:
    """Take out of a request what would make its answer wait."""
    if case.query and "wait" in case.query:
        case.query["wait"] = "0"
    for name in [name for name in case.headers or () if name.lower() == "prefer"]:
        del case.headers[name]
    if isinstance(case.body, dict):
        for name in ("wait", "stream"):
            # Of another type it is refused, and refusing is quick.
            if isinstance(case.body.get(name), int | float):
                case.body[name] = type(case.body[name])(0)


@contextmanager
def fuzzed_pool(folder: Path) -> Iterator[FuzzedPool]:
    """Build an app over a data folder, with its description as a schema for requests."""
    settings = make_settings(
        folder, default_wait=0, cache_mib=0, max_body_mib=1, auth_token=WORKERS_TOKEN, docs="operator"
    )
    app = create_app(settings)
    try:
        pool, operator = pool_of(app), {"X-Mgmt-Token": settings.mgmt_token}
        # Who asks is decided here, not by chance.
        generation = GenerationConfig(with_security_parameters=False)
        config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
        schema = schemathesis.openapi.from_wsgi("/docs/openapi.json", app, headers=operator, config=config)
        yield FuzzedPool(app, settings, schema, issue_client_key(pool), issue_client_key(pool, CANARY))
    finally:
        close_app(app)
