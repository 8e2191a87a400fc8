"""`/management/client_api_keys` and `/management/invites`: who may ask and who may join."""

from __future__ import annotations

from typing import Any, cast

import orjson
from flask import Blueprint, Response

from server.domain import trust
from server.domain.errors import InvalidRequest
from server.domain.trust import Trust
from server.services import access, invitations
from server.services.access import KeyReport, Terms
from server.storage.invites import StoredInvite
from server.storage.keys import StoredKey
from server.web import fields
from server.web.describing import describe
from server.web.fields import Body
from server.web.json_body import json_response, read_object
from server.web.parts import pool
from server.web.schemas import operator as schemas
from server.web.timestamps import timestamp

blueprint = Blueprint("management_keys", __name__)

MAX_EPOCH, MAX_LIMIT = 253_402_300_799, 2**53 - 1
#: A key's limits: their names here, and in the table.
LIMITS = {
    "requestsPerMinute": "requests_per_minute",
    "tokensPerDay": "tokens_per_day",
    "maxInFlight": "max_in_flight",
    "maxStoredBytes": "max_stored_bytes",
}


@blueprint.get("/client_api_keys/list")
@describe(answers={200: list[schemas.Key]})
def list_keys() -> Response:
    """List the active client keys, masked, with what they have used of their limits."""
    return json_response([key_json(report) for report in access.list_keys(pool(), pool().clock.now())])


@blueprint.post("/client_api_keys/update")
@describe(body=schemas.KeyBody, body_required=False, answers={200: schemas.Key}, errors=(404,))
def update_key() -> Response:
    """Make a client key (shown this once), or change what a given one may do."""
    body = read_object()
    given, key_id = fields.optional_text(body, "key", longest=512), fields.optional_text(body, "id", longest=64)
    if given is not None and key_id is not None:
        raise InvalidRequest("Send key or id, not both.", param="id")
    terms, now = _terms(body), pool().clock.wall()
    if key_id is not None:
        return json_response(_reported(access.change_key(pool(), key_id, now=now, **terms)))
    issued = access.issue_key(pool(), now=now, key=given, **terms)
    return json_response({**_reported(issued.stored), "key": issued.key})


@blueprint.post("/client_api_keys/revoke/<path:key>")
@describe(answers={200: schemas.Key}, errors=(404,))
def revoke_key(key: str) -> Response:
    """Make a client key worthless; it is named by itself or by its id."""
    return json_response(_reported(access.revoke_key(pool(), key, pool().clock.wall())))


def _terms(body: Body) -> Terms:
    """Read what a key may do; what the body does not name is not in the answer, so that it stays as it is."""
    terms: dict[str, Any] = {}
    if body.get("name") is not None:
        terms["name"] = fields.text(body, "name")
    if body.get("capabilities") is not None:
        terms["capabilities"] = fields.texts(body, "capabilities", most=access.MAX_PATTERNS)
    if body.get("disabled") is not None:
        terms["disabled"] = fields.flag(body, "disabled")
    if "expiresAt" in body:
        terms["expires_at"] = _milliseconds(fields.optional_whole(body, "expiresAt", 0, MAX_EPOCH))
    if body.get("trust") is not None:
        terms["trust"] = trust.parse(body["trust"])
    for name, field in LIMITS.items():
        if name in body:
            terms[field] = fields.optional_whole(body, name, 1, MAX_LIMIT)
    return cast(Terms, terms)


@blueprint.get("/invites/list")
@describe(answers={200: list[schemas.Invite]})
def list_invites() -> Response:
    """List the invites that are not revoked, masked."""
    return json_response([invite_json(stored) for stored in invitations.list_invites(pool())])


@blueprint.post("/invites/create")
@describe(body=schemas.InviteBody, body_required=False, answers={200: schemas.NewInvite})
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
        trust=Trust.PUBLIC if body.get("trust") is None else trust.parse(body["trust"]),
    )
    return json_response({**invite_json(issued.stored), "code": issued.code, "link": issued.link})


@blueprint.post("/invites/revoke/<path:code>")
@describe(answers={200: schemas.Invite}, errors=(404,))
def revoke_invite(code: str) -> Response:
    """Make an invite worthless; it is named by its code or by its id."""
    return json_response(invite_json(invitations.revoke_invite(pool(), code, pool().clock.wall())))


def _reported(stored: StoredKey) -> dict[str, object]:
    return key_json(access.report_key(pool(), stored, pool().clock.now()))


def key_json(report: KeyReport) -> dict[str, object]:
    """Describe a client key; the key itself is masked. What is not limited is not counted."""
    stored, used = report.stored, report.used
    limits = {name: getattr(stored, field) for name, field in LIMITS.items()}
    counts = (used.requests, used.tokens, used.in_flight, used.stored_bytes)
    return {
        "id": stored.id,
        "key": stored.shown,
        "name": stored.name,
        "capabilities": orjson.loads(stored.capabilities),
        "isPredefined": stored.predefined,
        "created": timestamp(stored.created_at),
        "expiresAt": stored.expires_at // 1000 if stored.expires_at else None,
        "isRevoked": stored.revoked_at is not None,
        "disabled": stored.disabled,
        "trust": Trust(stored.trust).word,
        **limits,
        "used": {name: None if limits[name] is None else count for name, count in zip(limits, counts, strict=True)},
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
        "trust": Trust(stored.trust).word,
    }


def _milliseconds(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000
