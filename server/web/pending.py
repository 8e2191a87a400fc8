"""The answer to a client whose wait is over before its work is."""

from __future__ import annotations

from flask import Response

from server.services.calls import Pending
from server.web.json_body import json_response


def come_back(pending: Pending) -> Response:
    """Answer as LLMeQueue does: with the id under which the result can be fetched."""
    response = json_response({"id": pending.job_id, "status": "pending"}, 202)
    response.headers["Location"] = f"/tasks/{pending.job_id}"
    response.headers["Retry-After"] = "1"
    return response
