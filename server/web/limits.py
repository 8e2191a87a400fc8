"""Limits as HTTP tells of them: the `x-ratelimit-*` headers, and the slowing down of wrong keys by address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, g, request

from server.domain.limits import go_duration, seconds_left_of_day, seconds_left_of_minute
from server.services import limits
from server.services.known_keys import Client
from server.services.limits import Standing
from server.services.pool import Pool
from server.web.parts import pool

#: Tokens that one request may carry, told where a key has no limit of its own.
TOKENS_PER_REQUEST = 300_000


def register(app: Flask) -> None:
    """Tell on every answer of `/v1` how the caller's key stands."""

    def tell(response: Response) -> Response:
        client: Client | None = g.get("client")
        if client is not None and request.path.startswith("/v1/"):
            now = pool().clock.now()
            response.headers.extend(_headers(pool(), limits.standing(pool(), client, now), now))
        return response

    app.after_request(tell)


def _headers(parts: Pool, standing: Standing | None, now: int) -> list[tuple[str, str]]:
    requests, tokens = _waiting_clients(parts), (TOKENS_PER_REQUEST, 0, 0.0)
    if standing is not None:
        limited, used = standing.limits, standing.used
        if limited.requests_per_minute is not None:
            requests = (limited.requests_per_minute, used.requests, seconds_left_of_minute(now))
        if limited.tokens_per_day is not None:
            tokens = (limited.tokens_per_day, used.tokens, seconds_left_of_day(now))
    return [*_numbers("requests", *requests), *_numbers("tokens", *tokens)]


def _waiting_clients(parts: Pool) -> tuple[int, int, float]:
    """Where requests are not limited, they are by how many may wait at once; their places are free again at once."""
    return parts.jobs.gate.limit, parts.jobs.gate.in_use, 0.0


def _numbers(what: str, limit: int, used: int, seconds: float) -> list[tuple[str, str]]:
    return [
        (f"x-ratelimit-limit-{what}", str(limit)),
        (f"x-ratelimit-remaining-{what}", str(max(0, limit - used))),
        # Nothing used, nothing to count anew.
        (f"x-ratelimit-reset-{what}", go_duration(seconds if used else 0)),
    ]


@contextmanager
def throttled(secret: str) -> Iterator[None]:
    """Check a secret inside; one that is wrong (whatever is raised) costs the caller's address a try.

    Raises RateLimited, and nothing is checked, when the address has none left. Behind TRUSTED_PROXY the address is the
    one that the proxy forwards.
    """
    guard, address, now = pool().throttle, request.remote_addr or "", pool().clock.now()
    guard.attempt(address, secret, now)
    yield
    guard.succeeded(address, secret, now)
