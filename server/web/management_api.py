"""`/management`: the operator's API. Every route wants the management token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Blueprint, Response

from server.domain.errors import NotFound
from server.services import access, enrolment, invitations, overview
from server.services.overview import AgentReport
from server.storage.invites import StoredInvite
from server.storage.keys import StoredKey
from server.web import auth, fields
from server.web.json_body import json_response, read_object
from server.web.parts import pool
from server.web.timestamps import timestamp

blueprint = Blueprint("management_api", __name__, url_prefix="/management")
blueprint.before_request(auth.require_operator)

MAX_EPOCH = 253_402_300_799


@blueprint.get("/client_api_keys/list")
def list_keys() -> Response:
    """List the active client keys, masked."""
    return json_response([key_json(stored) for stored in access.list_keys(pool())])


@blueprint.post("/client_api_keys/update")
def update_key() -> Response:
    """Make a client key (shown this once), or change what a given one may do."""
    body = read_object()
    given = fields.optional_text(body, "key", longest=512)
    issued = access.issue_key(
        pool(),
        name=fields.text(body, "name", "client"),
        capabilities=fields.texts(body, "capabilities", most=access.MAX_PATTERNS, default=["*"]),
        expires_at=_milliseconds(fields.optional_whole(body, "expiresAt", 0, MAX_EPOCH)),
        now=pool().clock.wall(),
        key=given,
    )
    return json_response({**key_json(issued.stored), "key": issued.key})


@blueprint.post("/client_api_keys/revoke/<path:key>")
def revoke_key(key: str) -> Response:
    """Make a client key worthless; it is named by itself or by its id."""
    return json_response(key_json(access.revoke_key(pool(), key, pool().clock.wall())))


@blueprint.get("/invites/list")
def list_invites() -> Response:
    """List the invites that are not revoked, masked."""
    return json_response([invite_json(stored) for stored in invitations.list_invites(pool())])


@blueprint.post("/invites/create")
def create_invite() -> Response:
    """Make an invite; its code is shown this once."""
    body = read_object()
    issued = invitations.issue_invite(
        pool(),
        name=fields.text(body, "name", "invite"),
        tier=fields.optional_whole(body, "tier", 0, invitations.MAX_TIER),
        capabilities=fields.texts(body, "capabilities", most=access.MAX_PATTERNS, default=["*"]),
        max_uses=fields.optional_whole(body, "uses", 1, invitations.MAX_USES),
        expires_at=_milliseconds(fields.optional_whole(body, "expiresAt", 0, MAX_EPOCH)),
        now=pool().clock.wall(),
    )
    return json_response({**invite_json(issued.stored), "code": issued.code, "link": issued.link})


@blueprint.post("/invites/revoke/<path:code>")
def revoke_invite(code: str) -> Response:
    """Make an invite worthless; it is named by its code or by its id."""
    return json_response(invite_json(invitations.revoke_invite(pool(), code, pool().clock.wall())))


@blueprint.get("/agents/list")
def list_agents() -> Response:
    """List the agents."""
    return json_response([agent_json(one) for one in overview.list_agents(pool(), pool().clock.now())])


@blueprint.get("/agents/list/online")
def list_agents_online() -> Response:
    """List the agents that were heard of lately."""
    found = overview.list_agents(pool(), pool().clock.now(), online_only=True)
    return json_response([agent_json(one) for one in found])


@blueprint.post("/agents/delete/<agent_id>")
def delete_agent(agent_id: str) -> Response:
    """Take an agent out of the pool: its leases go back, its key is worthless."""
    if not enrolment.leave(pool(), agent_id, pool().clock.now()):
        raise NotFound(f"There is no agent {agent_id[:64]}.")
    return json_response("Agent deleted")


def key_json(stored: StoredKey) -> dict[str, object]:
    """Describe a client key; the key itself is masked."""
    return {
        "id": stored.id,
        "key": stored.shown,
        "name": stored.name,
        "capabilities": orjson.loads(stored.capabilities),
        "isPredefined": stored.predefined,
        "created": timestamp(stored.created_at),
        "expiresAt": stored.expires_at // 1000 if stored.expires_at else None,
        "isRevoked": stored.revoked_at is not None,
    }


def invite_json(stored: StoredInvite) -> dict[str, object]:
    """Describe an invite; its code is masked."""
    return {
        "id": stored.id,
        "code": stored.shown,
        "name": stored.name,
        "tier": stored.tier,
        "capabilities": orjson.loads(stored.capabilities),
        "uses": stored.uses,
        "maxUses": stored.max_uses,
        "isPredefined": stored.predefined,
        "created": timestamp(stored.created_at),
        "expiresAt": stored.expires_at // 1000 if stored.expires_at else None,
        "isRevoked": stored.revoked_at is not None,
    }


def agent_json(report: AgentReport) -> Mapping[str, Any]:
    """Describe an agent as OffloadMQ does, with what only our agents tell."""
    record = report.record
    return {
        "uid": record.id,
        "uidShort": record.id[-6:],
        "registeredAt": timestamp(record.registered_at),
        "lastContact": timestamp(report.last_seen) if report.last_seen else None,
        "capabilities": orjson.loads(record.capabilities),
        "tier": record.tier,
        "capacity": record.capacity,
        "systemInfo": orjson.loads(record.system_info),
        "appVersion": record.app_version,
        "displayName": record.display_name,
        "connected": report.online,
        "state": orjson.loads(report.state),
        "tasksCompleted": record.tasks_completed,
        "tasksFailed": record.tasks_failed,
        "tasksLost": record.tasks_lost,
        "tasksReleased": record.tasks_released,
        "resultsRefused": record.results_refused,
        "texts": record.texts,
        "tokens": record.tokens,
    }


def _milliseconds(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000
