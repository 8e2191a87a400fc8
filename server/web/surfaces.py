"""The surfaces of the API as the OpenAPI document tells of them: whose they are, who may call, how errors look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.web.schemas.errors import DetailError, EnvelopeError, OpenAIError

CLIENT, AGENT, OPERATOR, METRICS = "client", "agent", "operator", "metrics"

_MGMT = "The management token."
#: The ways to show who one is; each is named by the surfaces below.
SECURITY_SCHEMES: dict[str, dict[str, str]] = {
    CLIENT: {"type": "http", "scheme": "bearer", "description": "A client key."},
    "clientHeader": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A client key."},
    AGENT: {"type": "http", "scheme": "bearer", "description": "An agent's token, from `/agent/auth`."},
    OPERATOR: {"type": "http", "scheme": "bearer", "description": _MGMT},
    "operatorHeader": {"type": "apiKey", "in": "header", "name": "X-Mgmt-Token", "description": _MGMT},
    "operatorOverride": {"type": "apiKey", "in": "header", "name": "X-MGMT-API-KEY", "description": _MGMT},
    "operatorPassword": {"type": "http", "scheme": "basic", "description": "Any name, and the management token."},
    METRICS: {"type": "http", "scheme": "bearer", "description": "The metrics token."},
}


@dataclass(frozen=True, slots=True)
class Surface:
    """A part of the API that one kind of caller uses."""

    tag: str
    meaning: str
    #: Names of `SECURITY_SCHEMES`, one of which is needed; none where everybody may call.
    security: tuple[str, ...]
    #: What every error looks like.
    error: Any
    #: How a caller without the right to call is answered.
    refusals: tuple[int, ...]


_CLIENTS = (CLIENT, "clientHeader")

_OPENAI = Surface("OpenAI", "Clients, with any library for OpenAI's API.", _CLIENTS, OpenAIError, (401, 403, 429))
_TASKS = Surface(
    "Tasks", "Clients that fetch an answer later, as LLMeQueue has it.", _CLIENTS, DetailError, (401, 403, 429)
)
_WORKER = Surface("LLMeQueue worker", "LLMeQueue's workers.", (CLIENT,), DetailError, (401, 403, 429))
_OFFLOADMQ = Surface(
    "OffloadMQ",
    "Clients of OffloadMQ; the key may also stand in the body, as `apiKey`.",
    (CLIENT, "clientHeader", "operatorOverride"),
    EnvelopeError,
    (403, 429),
)
_JOINING = Surface("Agents", "Agents: ours and OffloadMQ's.", (), EnvelopeError, (403, 429))
_AGENTS = Surface("Agents", "Agents: ours and OffloadMQ's.", (AGENT,), EnvelopeError, (403,))
_OPERATOR = Surface("Operator", "The pool's operator.", (OPERATOR, "operatorHeader"), EnvelopeError, (403, 429))
_METRICS = Surface(
    "Monitoring", "Programs that watch the server.", (METRICS, OPERATOR, "operatorHeader"), EnvelopeError, (403, 429)
)
_OPEN = Surface("Monitoring", "Programs that watch the server.", (), EnvelopeError, ())
_DOCS = Surface(
    "Pages", "People with a browser.", ("operatorPassword", OPERATOR, "operatorHeader"), EnvelopeError, (429,)
)
_PAGES = Surface("Pages", "People with a browser.", (), EnvelopeError, ())

#: Beginning of the path → surface; the first that fits.
_BY_PATH = (
    ("/v1", _OPENAI),
    ("/tasks", _TASKS),
    ("/worker", _WORKER),
    ("/api", _OFFLOADMQ),
    ("/agent", _JOINING),
    ("/private", _AGENTS),
    ("/management", _OPERATOR),
    ("/metrics", _METRICS),
    ("/health", _OPEN),
    ("/ready", _OPEN),
    ("/stats", _OPEN),
    ("/version", _OPEN),
    ("/docs", _DOCS),
    ("/", _PAGES),
)


def surface_of(path: str) -> Surface:
    """Return the surface that a path belongs to."""
    return next(surface for beginning, surface in _BY_PATH if path.startswith(beginning))
