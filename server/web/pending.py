"""How long a client waits, and the answer to one whose wait is over before its work is."""

from __future__ import annotations

from flask import Response, request

from server.domain.patience import Patience, patience
from server.services.calls import Pending
from server.web.json_body import json_response
from server.web.parts import pool


def how_long() -> Patience:
    """Read from the request how long its client waits."""
    settings = pool().settings
    asked = request.args.get("wait")
    return patience(request.headers, asked, default=settings.default_wait, longest=settings.max_wait)


def come_back(pending: Pending) -> Response:
    """Answer as LLMeQueue does: with the id under which the result can be fetched."""
    response = json_response({"id": pending.job_id, "status": "pending"}, 202)
    response.headers["Location"] = f"/tasks/{pending.job_id}"
    response.headers["Retry-After"] = "1"
    return response
