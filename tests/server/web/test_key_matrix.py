"""Every route against every kind of key: who gets in, who does not and how, and that a refusal changes nothing.

A route that is not in the table below fails: whoever adds one says here whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from server.app import close_app, create_app, pool_of
from server.services import access, enrolment, tokens
from server.services.pool import Pool
from tests.factories import description, issue_client_key, make_invite, make_settings

AUTH_TOKEN, METRICS_TOKEN = "an-auth-token-of-llmequeue", "a-token-for-the-metrics"

#: Kinds of callers; what each sends is made anew for every route, because a route may end it.
NOBODY, WRONG, CLIENT, REVOKED, DISABLED = "nobody", "wrong", "client", "revoked client", "disabled client"
AGENT, AGENT_KEY, GONE, INVITE = "agent", "agent's key", "agent that left", "invite"
OPERATOR, WORKER, METRICS = "operator", "AUTH_TOKEN", "metrics"
KINDS = (NOBODY, WRONG, CLIENT, REVOKED, DISABLED, AGENT, AGENT_KEY, GONE, INVITE, OPERATOR, WORKER, METRICS)


@dataclass(frozen=True, slots=True)
class Surface:
    """Who is let in, and with what status everybody else is not."""

    allowed: frozenset[str]
    refusal: int


OPEN = Surface(frozenset(KINDS), 0)
#: AUTH_TOKEN is also a client key.
CLIENTS = Surface(frozenset({CLIENT, WORKER}), 401)
OFFLOADMQ = Surface(frozenset({CLIENT, WORKER}), 403)
WORKERS = Surface(frozenset({WORKER}), 401)
AGENTS = Surface(frozenset({AGENT}), 403)
OPERATORS = Surface(frozenset({OPERATOR}), 403)
MONITORS = Surface(frozenset({OPERATOR, METRICS}), 403)
READERS = Surface(frozenset({OPERATOR}), 401)

ROUTES: dict[str, Surface] = {
    # Whoever knows the address. The invite's code, or the agent's key, is in the body.
    "GET /health": OPEN,
    "GET /ready": OPEN,
    "GET /stats": OPEN,
    "GET /version": OPEN,
    "GET /": OPEN,
    "GET /assets/<name>": OPEN,
    "GET /join/<code>": OPEN,
    "GET /downloads": OPEN,
    "GET /downloads/<name>": OPEN,
    "POST /agent/register": OPEN,
    "POST /agent/auth": OPEN,
    "POST /agent/invite": OPEN,
    "GET /agent/version": OPEN,
    # These say to everybody that they are not served.
    "POST /v1/completions": OPEN,
    "POST /v1/responses": OPEN,
    # Clients.
    "POST /v1/embeddings": CLIENTS,
    "POST /v1/chat/completions": CLIENTS,
    "GET /v1/models": CLIENTS,
    "GET /v1/models/<path:name>": CLIENTS,
    "GET /tasks/<job_id>": CLIENTS,
    "GET /tasks/<job_id>/result": CLIENTS,
    "GET /api/ping": OFFLOADMQ,
    "POST /api/task/submit": OFFLOADMQ,
    "POST /api/task/submit_blocking": OFFLOADMQ,
    "POST /api/task/poll/<path:cap>/<task>": OFFLOADMQ,
    "POST /api/task/cancel/<path:cap>/<task>": OFFLOADMQ,
    "POST /api/capabilities/online": OFFLOADMQ,
    "POST /api/capabilities/list/online_ext": OFFLOADMQ,
    # Those who compute.
    "POST /worker/next": WORKERS,
    "POST /worker/complete/<task_id>": WORKERS,
    "POST /worker/fail/<task_id>": WORKERS,
    "GET /private/agent/ping": AGENTS,
    "GET /private/agent/pool": AGENTS,
    "POST /private/agent/turn": AGENTS,
    "POST /private/agent/heartbeat": AGENTS,
    "POST /private/agent/progress": AGENTS,
    "POST /private/agent/release": AGENTS,
    "POST /private/agent/info/update": AGENTS,
    "POST /private/agent/leave": AGENTS,
    "POST /private/agent/logs": AGENTS,
    "GET /private/agent/task/poll": AGENTS,
    "GET /private/agent/task/poll_urgent": AGENTS,
    "POST /private/agent/take/<path:cap>/<task>": AGENTS,
    "POST /private/agent/task/progress/<path:cap>/<task>": AGENTS,
    "POST /private/agent/task/resolve/<path:cap>/<task>": AGENTS,
    # The operator.
    "GET /management/client_api_keys/list": OPERATORS,
    "POST /management/client_api_keys/update": OPERATORS,
    "POST /management/client_api_keys/revoke/<path:key>": OPERATORS,
    "GET /management/invites/list": OPERATORS,
    "POST /management/invites/create": OPERATORS,
    "POST /management/invites/revoke/<path:code>": OPERATORS,
    "GET /management/agents/list": OPERATORS,
    "GET /management/agents/list/online": OPERATORS,
    "GET /management/agents/<agent_id>": OPERATORS,
    "POST /management/agents/<agent_id>/pause": OPERATORS,
    "POST /management/agents/<agent_id>/resume": OPERATORS,
    "POST /management/agents/<agent_id>/override": OPERATORS,
    "POST /management/agents/<agent_id>/revoke_key": OPERATORS,
    "POST /management/agents/delete/<agent_id>": OPERATORS,
    "POST /management/agents/reset": OPERATORS,
    "POST /management/agents/cleanup/trigger": OPERATORS,
    "GET /management/capabilities/list/online": OPERATORS,
    "GET /management/capabilities/list/online_ext": OPERATORS,
    "GET /management/tasks": OPERATORS,
    "GET /management/tasks/list": OPERATORS,
    "GET /management/tasks/<task_id>": OPERATORS,
    "POST /management/tasks/<task_id>/cancel": OPERATORS,
    "POST /management/tasks/<task_id>/run_again": OPERATORS,
    "POST /management/tasks/cancel/<path:cap>/<task_id>": OPERATORS,
    "POST /management/tasks/cancel_many": OPERATORS,
    "POST /management/tasks/run_again_many": OPERATORS,
    "POST /management/tasks/reset": OPERATORS,
    "GET /management/usage": OPERATORS,
    "GET /management/models": OPERATORS,
    "POST /management/models/<class_id>/switch": OPERATORS,
    "GET /management/events": OPERATORS,
    "GET /management/agent_logs/latest": OPERATORS,
    "GET /management/agent_logs/by_agent": OPERATORS,
    "GET /management/agent_logs/by_severity": OPERATORS,
    "POST /management/agent_logs/cleanup/trigger": OPERATORS,
    "GET /management/version": OPERATORS,
    "POST /management/backups/create": OPERATORS,
    "GET /management/backups/list": OPERATORS,
    "GET /management/backups/<name>": OPERATORS,
    "POST /management/backups/delete/<name>": OPERATORS,
    # Those who watch and read.
    "GET /metrics": MONITORS,
    "GET /docs": READERS,
    "GET /docs/openapi.json": READERS,
    "GET /docs/assets/<name>": READERS,
}

#: What is looked at to see that a refusal changed nothing.
TABLES = ("client_keys", "invites", "agents", "offers", "jobs", "tasks", "events", "agent_logs", "key_counters")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give the whole app, with an AUTH_TOKEN for LLMeQueue's workers; its pages are shown to the operator only."""
    folder: Path = tmp_path_factory.mktemp("matrix")
    made = create_app(make_settings(folder, auth_token=AUTH_TOKEN, metrics_token=METRICS_TOKEN, docs="operator"))
    yield made
    close_app(made)


@pytest.fixture(scope="module")
def cast(app: Flask) -> Cast:
    """Give callers that many tests share, for requests that change nothing."""
    return cast_of(pool_of(app))


@dataclass(frozen=True, slots=True)
class Cast:
    """What each kind of caller sends, and the ids that stand in addresses."""

    secrets: dict[str, str]
    ids: dict[str, str]

    def address(self, rule: str) -> str:
        """An address of a route; what has no real thing behind it gets a name of nothing."""
        for variable, value in self.ids.items():
            rule = rule.replace(variable, value)
        return rule


def cast_of(pool: Pool) -> Cast:
    """Make a fresh one of every kind of caller."""
    now = pool.clock.now()
    invite = make_invite(pool)
    staying, gone = (enrolment.enrol(pool, invite, description(), now) for _ in range(2))
    known, revoked, disabled = (issue_client_key(pool, name) for name in ("known", "revoked", "disabled"))
    secrets = {
        NOBODY: "",
        WRONG: "wrong-but-as-long-as-a-real-one",
        CLIENT: known.key,
        REVOKED: revoked.key,
        DISABLED: disabled.key,
        AGENT: _token(pool, staying.agent_id),
        AGENT_KEY: staying.key,
        GONE: _token(pool, gone.agent_id),
        INVITE: invite,
        OPERATOR: pool.settings.mgmt_token,
        WORKER: AUTH_TOKEN,
        METRICS: METRICS_TOKEN,
    }
    access.revoke_key(pool, revoked.client.id, now)
    access.change_key(pool, disabled.client.id, now=now, disabled=True)
    enrolment.leave(pool, gone.agent_id, now)
    of_nothing = {"<path:cap>": "debug.echo", "<class_id>": "0", "<path:name>": "nothing", "<name>": "docs.js"}
    things = ("<job_id>", "<task>", "<task_id>", "<code>", "<path:code>", "<path:key>")
    return Cast(secrets, {"<agent_id>": staying.agent_id, **dict.fromkeys(things, "nothing"), **of_nothing})


def _token(pool: Pool, agent_id: str) -> str:
    return tokens.issue(pool.settings.jwt_secret, agent_id, native=True, now=pool.clock.wall())[0]


def call(app: Flask, route: str, cast: Cast, kind: str, header: str = "Authorization") -> TestResponse:
    """Send a request that asks for nothing in particular."""
    method, _, rule = route.partition(" ")
    secret = cast.secrets[kind]
    value = f"Bearer {secret}" if header == "Authorization" else secret
    body: Any = {} if method == "POST" else None
    return app.test_client().open(
        cast.address(rule), method=method, json=body, headers={header: value} if secret else {}
    )


def content(pool: Pool) -> list[Any]:
    """Every row of the tables that a request could change."""
    with pool.database.read() as connection:
        return [tuple(row) for table in TABLES for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]


def test_every_route_is_in_the_table(app: Flask) -> None:
    """A new route has to say here whose it is; one that is gone has to go."""
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    known = [(method, rule.rule) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) & methods]
    # The management page asks for a cookie: who gets to it is tested with the pages.
    rules = {f"{method} {rule}" for method, rule in known if not rule.startswith("/admin")}
    assert rules - ROUTES.keys() == set(), "routes that the table does not know"
    assert ROUTES.keys() - rules == set(), "entries of the table without a route"


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_lets_in_whom_it_is_for_and_nobody_else(app: Flask, route: str) -> None:
    """Everybody else gets the refusal of that surface, and no row of the database is another one after it."""
    pool, surface = pool_of(app), ROUTES[route]
    cast = cast_of(pool)
    before = content(pool)
    refused = {kind: call(app, route, cast, kind).status_code for kind in KINDS if kind not in surface.allowed}
    assert refused == dict.fromkeys(refused, surface.refusal)
    assert content(pool) == before
    for kind in surface.allowed - {NOBODY}:
        answer = call(app, route, cast_of(pool), kind)
        assert answer.status_code not in {401, 403, 405, 500}, f"{kind}: {answer.status_code} {answer.text[:300]}"


@pytest.mark.parametrize("route", [route for route, surface in ROUTES.items() if surface is not OPEN])
@pytest.mark.parametrize("header", ["X-API-Key", "X-Mgmt-Token", "X-MGMT-API-KEY"])
def test_no_other_header_lets_in_who_is_not_let_in(app: Flask, cast: Cast, route: str, header: str) -> None:
    """Whatever header a secret comes in: only a client's opens the clients', only the operator's the operator's."""
    surface = ROUTES[route]
    # OffloadMQ's own way for its page to stand in for a client.
    allowed = surface.allowed | ({OPERATOR} if surface is OFFLOADMQ and header == "X-MGMT-API-KEY" else set())
    for kind in set(KINDS) - allowed:
        assert call(app, route, cast, kind, header).status_code == surface.refusal, f"{kind} by {header}"
