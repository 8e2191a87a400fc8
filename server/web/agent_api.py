"""`/agent` and `/private/agent`: what agents and the server say to each other. See docs/agent-protocol.md."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, request

from server import __version__
from server.domain import retry
from server.domain.capability import model_of
from server.services import dispatch, enrolment, overview
from server.services.dispatch import Reply, Turn
from server.services.progress import advance
from server.storage.attempts import Lease
from server.web import auth, fields
from server.web.agent_descriptions import bounded_json, read_description
from server.web.connection import client_gone
from server.web.describing import describe
from server.web.fields import Body
from server.web.json_body import json_response, read_object
from server.web.limits import throttled
from server.web.offload_requests import unprocessable
from server.web.parts import pool
from server.web.reports import read_report, read_update
from server.web.schemas import agents as schemas
from server.web.schemas.monitoring import Version

blueprint = Blueprint("agent_api", __name__)

#: Bounds of what an agent may ask for and report at once.
MAX_REPORTS, MAX_TASKS, MAX_TEXTS, MAX_WAIT_SECONDS, MAX_LEASES = 256, 256, 256, 30, 1024
MAX_UPDATES = 64


@blueprint.post("/agent/register")
@describe(body=schemas.Registration, answers={200: schemas.Registered}, errors=(415, 422))
def register() -> Response:
    """Let a PC join with an invite."""
    body = read_object()
    with unprocessable():
        code = fields.text(body, "apiKey", longest=512)
    wanted = read_description(body)
    with throttled(code):
        enrolled = enrolment.enrol(pool(), code, wanted, pool().clock.wall())
    return json_response(
        {
            "agentId": enrolled.agent_id,
            "key": enrolled.key,
            "message": "Registered",
            "pool": pool().settings.pool_name,
        }
    )


@blueprint.post("/agent/invite")
@describe(body=schemas.InviteCode, answers={200: schemas.InvitePreview}, errors=(415, 422))
def preview_invite() -> Response:
    """Say which pool an invite is for, without using it."""
    body = read_object()
    with unprocessable():
        code = fields.text(body, "code", longest=512)
    with throttled(code):
        volunteers = enrolment.volunteers_of(pool(), code, pool().clock.wall())
    return json_response({"pool": pool().settings.pool_name, "volunteers": volunteers})


@blueprint.get("/agent/version")
@describe(answers={200: Version})
def version() -> Response:
    """Say which version of the agent goes with this server."""
    return json_response({"version": __version__})


@blueprint.post("/agent/auth")
@describe(body=schemas.Credentials, answers={200: schemas.Token}, errors=(415, 422))
def authenticate() -> Response:
    """Exchange an agent's key for a token."""
    body = read_object()
    with unprocessable():
        agent_id, key = fields.text(body, "agentId", longest=64), fields.text(body, "key", longest=512)
    with throttled(f"{agent_id} {key}"):
        token, expires_at = enrolment.authenticate(pool(), agent_id, key, pool().clock.wall())
    return json_response({"token": token, "expiresIn": expires_at})


@blueprint.get("/private/agent/ping")
@describe(answers={200: schemas.Status})
def ping() -> Response:
    """Say that the token is good."""
    present = auth.agent()
    pool().roster.touch(present, pool().clock.now())
    return json_response({"status": "ok"})


@blueprint.get("/private/agent/pool")
@describe(answers={200: schemas.PoolStanding})
def pool_standing() -> Response:
    """Say how the pool stands, and what the agent did for it."""
    present = auth.agent()
    # The agent is not touched: who only looks takes no work, and must not count as being here for it.
    found = overview.standing(pool(), present.agent.id, pool().clock.now())
    return json_response(
        {
            "pool": pool().settings.pool_name,
            "agentsOnline": found.agents_online,
            "textsWaiting": found.texts_waiting,
            "mine": {"texts": found.texts_done, "tasks": found.tasks_done},
        }
    )


@blueprint.post("/private/agent/info/update")
@describe(body=schemas.AgentDescription, answers={200: schemas.Updated}, errors=(415, 422))
def update_info() -> Response:
    """Replace what is known of an agent's PC and models."""
    present = auth.agent()
    enrolment.update_description(pool(), present, read_description(read_object()), pool().clock.now())
    return json_response({"agentId": present.agent.id, "key": "", "message": "Updated"})


@blueprint.post("/private/agent/leave")
@describe(answers={200: schemas.Message})
def leave() -> Response:
    """End an agent's membership."""
    present = auth.agent()
    enrolment.leave(pool(), present.agent.id, pool().clock.now())
    return json_response({"message": "Left"})


@blueprint.post("/private/agent/turn")
@describe(body=schemas.Turn, body_required=False, answers={200: schemas.TurnReply})
def take_turn() -> Response:
    """Take results and hand out tasks."""
    present = auth.agent()
    reply = dispatch.turn(pool(), present, _turn(read_object()), client_gone(request.environ))
    return json_response(_reply(reply, pool().clock.now()))


@blueprint.post("/private/agent/heartbeat")
@describe(body=schemas.Leases, answers={200: schemas.Held})
def heartbeat() -> Response:
    """Let leases run on."""
    present, body = auth.agent(), read_object()
    return json_response({"leases": dispatch.heartbeat(pool(), present, _leases(body), _state(body))})


@blueprint.post("/private/agent/progress")
@describe(body=schemas.Progress, body_required=False, answers={200: schemas.Held})
def progress() -> Response:
    """Take what was written of chats under way; their leases run on."""
    present, body = auth.agent(), read_object()
    updates = [read_update(entry) for entry in fields.entries(body, "updates", most=MAX_UPDATES)]
    return json_response({"leases": advance(pool(), present, updates)})


@blueprint.post("/private/agent/release")
@describe(body=schemas.Leases, answers={200: schemas.Released})
def release() -> Response:
    """Take leases back without a charge."""
    present, body = auth.agent(), read_object()
    return json_response({"leases": dispatch.release(pool(), present, _leases(body))})


def _turn(body: Body) -> Turn:
    return Turn(
        reports=[read_report(entry) for entry in fields.entries(body, "results", most=MAX_REPORTS)],
        max_tasks=fields.whole(body, "max_tasks", 0, MAX_TASKS, 1),
        max_texts=fields.whole(body, "max_texts", 1, MAX_TEXTS, 32),
        wait_seconds=fields.number(body, "wait", 0, MAX_WAIT_SECONDS, 0),
        holding=frozenset(fields.texts(body, "holding", most=MAX_LEASES, longest=100, default=[])),
        state=_state(body),
    )


def _leases(body: Body) -> list[str]:
    return fields.texts(body, "leases", most=MAX_LEASES, longest=100)


def _state(body: Body) -> str | None:
    return bounded_json(fields.mapping(body, "state"), "state") if body.get("state") is not None else None


def _reply(reply: Reply, now: int) -> dict[str, object]:
    return {
        "results": [
            {"lease_id": one.lease_id, "outcome": one.outcome, **({"message": one.message} if one.message else {})}
            for one in reply.outcomes
        ],
        "tasks": [_task(lease, now) for lease in reply.leases],
        "skipped": reply.skipped,
        **({"paused": reply.paused} if reply.paused is not None else {}),
        "poll_after": reply.poll_after,
    }


def _task(lease: Lease, now: int) -> dict[str, object]:
    return {
        "task_id": lease.task_id,
        "lease_id": lease.lease_id,
        "capability": lease.capability,
        "kind": lease.kind,
        "model": model_of(lease.capability),
        # The payload was stored as JSON and travels on as it is.
        "payload": orjson.Fragment(lease.body),
        "lease_seconds": retry.LEASE_SECONDS,
        "deadline_seconds": max(0, (lease.hard_until - now) // 1000),
    }
