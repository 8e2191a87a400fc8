"""`/health` (alive), `/ready` (can serve, per model in detail), and OffloadMQ's `/stats` and `/version`."""

from __future__ import annotations

from flask import Blueprint, Response

from server import __version__
from server.services import overview
from server.web.describing import describe
from server.web.json_body import json_response
from server.web.parts import pool
from server.web.schemas.monitoring import Health, Readiness, Stats, Version
from server.web.timestamps import timestamp

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@describe(answers={200: Health})
def health() -> Response:
    """Say that the process is alive; nothing is looked up."""
    return json_response(health_json("ok"))


def health_json(status: str) -> dict[str, object]:
    """Describe the process as both generations of OffloadMQ do.

    Its word for being well is `healthy`, LLMeQueue's is `ok`: each hears its own where only it asks, and `/health`,
    which both have, says `ok`, because of OffloadMQ's programs none looks at more than the status code.
    """
    now = pool().clock.now()
    agents = len(pool().roster.online(now))
    return {
        "status": status,
        "agents": agents,
        "cached_agents": agents,
        "cached_tokens": 0,
        "timestamp": timestamp(now),
    }


@blueprint.get("/stats")
@describe(answers={200: Stats})
def stats() -> Response:
    """Give the few numbers that OffloadMQ gives."""
    agents = len(pool().roster.online(pool().clock.now()))
    return json_response(
        {
            "agents": agents,
            "cache_stats": {"agents": agents, "tokens": 0},
            # Anybody may ask: where the files lie is not told.
            "storage_paths": {"agents": "database", "tasks": "database"},
        }
    )


@blueprint.get("/version")
@describe(answers={200: Version})
def version() -> Response:
    """Say the server's version."""
    return json_response({"version": __version__})


@blueprint.get("/ready")
@describe(answers={200: Readiness, 503: Readiness})
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
