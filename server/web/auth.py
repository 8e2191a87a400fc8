"""Who asks: client, agent or operator. Keys come in headers only."""

from __future__ import annotations

import hmac

from flask import g, request

from server.domain.errors import Forbidden, Unauthenticated
from server.services.known_keys import Client
from server.services.roster import Present
from server.web.limits import throttled
from server.web.parts import pool, tokens


def client() -> Client:
    """Return the client whose key the request carries, as `Authorization: Bearer` or `X-API-Key`."""
    key = client_key()
    if not key:
        raise Unauthenticated(
            "Incorrect API key provided: none was sent. You need to provide your API key in an Authorization header "
            "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
        )
    return recognise(key)


def client_key() -> str:
    """Return the client key that a request's headers carry; empty when there is none."""
    return _bearer() or request.headers.get("X-API-Key", "")


def recognise(key: str) -> Client:
    """Return the client that a key belongs to, wherever the request carries it; wrong ones are slowed down."""
    with throttled(key):
        g.client = pool().keys.recognise(key, pool().clock.wall())
    client: Client = g.client
    return client


def agent() -> Present:
    """Return the agent whose token the request carries."""
    token = _bearer()
    if not token:
        raise Forbidden("Unauthorized")
    return tokens().recognise(token, pool().clock.wall())


def require_worker() -> None:
    """Refuse a request that does not carry AUTH_TOKEN as LLMeQueue's workers do; wrong ones are slowed down.

    Forbidden where the operator set none: then there are no such workers.
    """
    known = pool().settings.auth_token.strip()
    if not known:
        raise Forbidden("This server takes no LLMeQueue workers: its operator has set no AUTH_TOKEN.")
    token = _bearer()
    if not token:
        raise Unauthenticated("No token was sent. Send AUTH_TOKEN as Authorization: Bearer <token>.")
    with throttled(token):
        if not hmac.compare_digest(token.encode(), known.encode()):
            raise Unauthenticated("Invalid token")


def require_operator() -> None:
    """Refuse a request without the management token, as `X-Mgmt-Token` or `Authorization: Bearer`."""
    require_one_of(operators_token(), pool().settings.mgmt_token)


def require_one_of(token: str, *known: str) -> None:
    """Raise Forbidden for a token that is none of those known; wrong ones are slowed down."""
    if not token:
        raise Forbidden("Unauthorized")
    with throttled(token):
        # Each of them is compared, so that the time tells nothing.
        if not sum(hmac.compare_digest(token.encode(), one.encode()) for one in known):
            raise Forbidden("Unauthorized")


def is_one_of(token: str, *known: str) -> bool:
    """Whether a token is one of those known; wrong ones are slowed down."""
    try:
        require_one_of(token, *known)
    except Forbidden:
        return False
    return True


def operators_token() -> str:
    """Return the token that a request carries as the operator's requests do; empty when there is none."""
    return request.headers.get("X-Mgmt-Token") or _bearer()


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
