"""`/health` (alive) and `/ready` (can serve, per model in detail)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response

from server.services import overview
from server.web.json_body import json_response
from server.web.parts import pool

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Say that the process is alive; nothing is looked up."""
    now = pool().clock.now()
    return json_response(
        {
            "status": "ok",
            "agents": len(pool().roster.online(now)),
            "timestamp": datetime.fromtimestamp(now / 1000, UTC).isoformat().replace("+00:00", "Z"),
        }
    )


@blueprint.get("/ready")
def ready() -> Response:
    """Say whether work is taken, and which models somebody would run."""
    found = overview.readiness(pool(), pool().clock.now())
    body = {
        "ready": found.ready,
        "why": found.why,
        "agents_online": found.agents_online,
        "waiting_tasks": found.waiting_tasks,
        "agent_polls": {"in_use": found.polls[0], "limit": found.polls[1]},
        "client_waits": {"in_use": found.waits[0], "limit": found.waits[1]},
        "models": {
            served.stored.model: {"online_agents": served.online_agents, "waiting_tasks": served.waiting_tasks}
            for served in found.models
        },
    }
    return json_response(body, 200 if found.ready else 503)
