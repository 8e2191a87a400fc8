"""CORS: which pages in a browser may read what the pool answers.

Keys travel in headers and never in cookies, so no answer ever allows credentials, and any origin may be let in: a page
can do no more than whoever gave it a key. The operator's, the agents' and the monitoring's paths are for no page.
"""

from __future__ import annotations

from flask import Flask, Response, request

from server.settings import Settings

#: First segments of the paths that pages may ask.
OPEN = frozenset({"v1", "tasks", "health"})
#: OffloadMQ's: any method, any header, and a preflight that is answered with 200.
OFFLOADMQ = "api"

#: What official OpenAI libraries and browsers send, and our own.
ALLOWED_HEADERS = ", ".join(
    (
        "Authorization",
        "Content-Type",
        "User-Agent",
        "Accept",
        "X-Requested-With",
        "X-API-Key",
        "Prefer",
        "OpenAI-Beta",
        "OpenAI-Organization",
        "OpenAI-Project",
        "X-Client-Request-Id",
        *(
            f"x-stainless-{name}"
            for name in (
                *("arch", "async", "custom-poll-interval", "helper-method", "lang", "os", "package-version"),
                *("poll-helper", "read-timeout", "retry-count", "runtime", "runtime-version", "timeout"),
            )
        ),
    )
)
ALLOWED_METHODS = "GET, POST, OPTIONS"
#: A star stands for every header but this one.
ANY_HEADER = "*, Authorization"
EXPOSED_HEADERS = ", ".join(
    (
        *("x-request-id", "openai-processing-ms", "openai-version", "retry-after", "retry-after-ms", "x-should-retry"),
        *(f"x-ratelimit-{what}-{of}" for of in ("requests", "tokens") for what in ("limit", "remaining", "reset")),
        *(f"x-embedpool-{name}" for name in ("agents", "cached", "ignored", "model-digest", "truncated", "warning")),
        "Location",
    )
)
#: Seconds that a browser may remember a preflight's answer.
MAX_AGE = "600"


def register(app: Flask, settings: Settings) -> None:
    """Let the pages of the origins that the settings name ask an app."""
    origins = settings.origins

    def preflight() -> Response | None:
        if request.method != "OPTIONS" or _allowed_origin(origins) is None:
            return None
        surface = _surface()
        if surface == OFFLOADMQ:
            return _preflight(200, "*", ANY_HEADER)
        return _preflight(204, ALLOWED_METHODS, ALLOWED_HEADERS) if surface in OPEN else None

    def mark(response: Response) -> Response:
        if _surface() not in OPEN | {OFFLOADMQ}:
            return response
        if origins and "*" not in origins:
            response.vary.add("Origin")
        allowed = _allowed_origin(origins)
        if allowed is not None:
            response.headers["Access-Control-Allow-Origin"] = allowed
            response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        return response

    app.before_request(preflight)
    app.after_request(mark)


def _surface() -> str:
    return request.path.split("/", 2)[1] if request.path.startswith("/") else ""


def _allowed_origin(origins: frozenset[str]) -> str | None:
    """Return what to answer the page's origin with; None when it is not let in. Only an exact match is repeated."""
    if "*" in origins:
        return "*"
    origin = request.headers.get("Origin", "")
    return origin if origin in origins else None


def _preflight(status: int, methods: str, headers: str) -> Response:
    response = Response(status=status)
    response.headers["Access-Control-Allow-Methods"] = methods
    response.headers["Access-Control-Allow-Headers"] = headers
    response.headers["Access-Control-Max-Age"] = MAX_AGE
    return response
