"""Who asks: client, agent or operator. Keys come in headers only."""

from __future__ import annotations

import hmac

from flask import request

from server.domain.errors import Forbidden, Unauthenticated
from server.services.known_keys import Client
from server.services.roster import Present
from server.web.parts import pool, tokens


def client() -> Client:
    """Return the client whose key the request carries, as `Authorization: Bearer` or `X-API-Key`."""
    key = _bearer() or request.headers.get("X-API-Key", "")
    if not key:
        raise Unauthenticated(
            "Incorrect API key provided: none was sent. You need to provide your API key in an Authorization header "
            "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
        )
    return pool().keys.recognise(key, pool().clock.wall())


def agent() -> Present:
    """Return the agent whose token the request carries."""
    token = _bearer()
    if not token:
        raise Forbidden("Unauthorized")
    return tokens().recognise(token, pool().clock.wall())


def require_operator() -> None:
    """Refuse a request without the management token, as `X-Mgmt-Token` or `Authorization: Bearer`."""
    token = request.headers.get("X-Mgmt-Token") or _bearer()
    if not hmac.compare_digest(token.encode(), pool().settings.mgmt_token.encode()):
        raise Forbidden("Unauthorized")


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
