"""Who asks on OffloadMQ's client routes: the key is in a header, or in the body; the operator may override it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from server.domain.errors import Forbidden, InvalidJson, Unauthenticated
from server.services.known_keys import Client
from server.services.operators_client import operators_client
from server.web import auth
from server.web.fields import Body, optional_text
from server.web.json_body import read_json
from server.web.offload_requests import check_is_called_json, read_body, unprocessable
from server.web.parts import pool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a client, or the operator in a client's place."""

    client: Client
    body: Body
    #: Whether every task is this caller's business.
    is_operator: bool = False

    @property
    def key_id(self) -> str | None:
        """The id of the key whose tasks this caller may see; None for all."""
        return None if self.is_operator else self.client.id


def caller(*, needs_body: bool = False) -> Caller:
    """Return who asks: by `X-MGMT-API-KEY`, else `X-API-Key` or a bearer token, else `apiKey` in the body.

    Raises Forbidden; a wrong header is never made up for by the next way. Where the body says nothing but the key, it
    may be left out when a header has the key (`needs_body` false).
    """
    override = request.headers.get("X-MGMT-API-KEY")
    if override is not None:
        if not auth.is_one_of(override, pool().settings.mgmt_token):
            raise Forbidden("Invalid X-MGMT-API-KEY")
        return Caller(operators_client(pool(), pool().clock.now()), _body(needs_body), is_operator=True)
    key = auth.client_key()
    if key:
        return Caller(_client(key), _body(needs_body))
    body = _keyed_body()
    client = _client(body["apiKey"])
    check_is_called_json()
    return Caller(client, body)


def _client(key: str) -> Client:
    try:
        return auth.recognise(key)
    except Unauthenticated as error:
        raise Forbidden(f"Unauthorized. {error.message}", code=error.code) from None


def _body(needs_body: bool) -> Body:
    if not needs_body and not request.content_length and "chunked" not in request.headers.get("transfer-encoding", ""):
        return {}
    body = read_body()
    with unprocessable():
        optional_text(body, "apiKey")
    return body


def _keyed_body() -> Body:
    """Return the body, which has to say the key; OffloadMQ looks for that before it looks at anything else."""
    try:
        body = read_json()
    except InvalidJson as error:
        raise Forbidden(f"Failed to parse JSON body: {error.message}") from None
    if not isinstance(body, dict) or not isinstance(body.get("apiKey"), str):
        raise Forbidden("Failed to parse JSON body: it has no apiKey, and no X-API-Key header was sent")
    return body
