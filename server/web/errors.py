"""Turning errors into answers, once, in the shape of the surface that was asked.

`/v1` answers as OpenAI does, `/worker` and `/tasks` as LLMeQueue, the pages with a page, everything else in OffloadMQ's
envelope.
"""

from __future__ import annotations

import logging
import math

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from server.domain.errors import (
    Forbidden,
    InsufficientQuota,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    PoolError,
    RequestTooLarge,
    Unauthenticated,
    WorkerFailed,
)
from server.web.describing import JSON
from server.web.json_body import json_response
from server.web.pages import errors as error_pages

log = logging.getLogger(__name__)

#: What is said of an error that nobody foresaw.
SURPRISE = "The server had an error while processing your request. Sorry about that!"


def register(app: Flask) -> None:
    """Answer every error of an app in the right shape."""
    app.register_error_handler(PoolError, answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_surprise)


def answer(error: PoolError) -> Response:
    """Answer one of our own errors."""
    response = error_pages.show(error) if error_pages.is_page(request.path) else _json(error)
    if error.retry_after is not None:
        # Whole seconds are what everybody understands; the SDKs also read the finer header.
        response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
        response.headers["retry-after-ms"] = str(int(error.retry_after * 1000))
    if isinstance(error, WorkerFailed | InsufficientQuota):
        # The pool has tried for the client already, on several PCs; or what the client may use is used up.
        response.headers["x-should-retry"] = "false"
    if isinstance(error, Unauthenticated) and response.mimetype == JSON:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _json(error: PoolError) -> Response:
    status, body = shaped(error, request.path)
    return json_response(body, status)


def shaped(error: PoolError, path: str) -> tuple[int, dict[str, object]]:
    """Return the status and the JSON body of an error in the shape of the surface that a path belongs to."""
    if path.startswith("/v1"):
        return error.status, _openai(error)
    if path.startswith(("/worker", "/tasks")):
        return error.status, {"detail": error.message}
    # OffloadMQ knows no 401.
    status = 403 if isinstance(error, Unauthenticated) else error.status
    return status, _envelope(error, status)


def _openai(error: PoolError) -> dict[str, object]:
    return {"error": {"message": error.message, "type": error.type, "param": error.param, "code": error.code}}


def _envelope(error: PoolError, status: int) -> dict[str, object]:
    message = f"{error.envelope_prefix}: {error.message}"
    return {"error": {"type": error.envelope_type, "message": message, "status": status}}


def _answer_http(error: HTTPException) -> Response:
    """Answer what Flask itself refuses: it would send HTML."""
    response = answer(_translated(error))
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    return response


def _translated(error: HTTPException) -> PoolError:
    where = f"{request.method} {request.path[:200]}"
    if error.code == 404:
        is_page = error_pages.is_page(request.path)
        return NotFound("There is no page at this address." if is_page else f"Invalid URL ({where})")
    if error.code == 405:
        return MethodNotAllowed(
            f"Not allowed to {request.method} on {request.path[:200]}. "
            "(HINT: Perhaps you meant to use a different HTTP method?)"
        )
    if error.code == 413:
        return RequestTooLarge("Request too large: the body is over this server's limit. Send fewer texts at once.")
    if error.code == 403:
        return Forbidden(error.description or "Forbidden")
    if error.code is not None and 400 <= error.code < 500:
        return InvalidRequest(error.description or error.name)
    return InternalError(SURPRISE)


def _answer_surprise(error: Exception) -> Response:
    """Answer what nobody foresaw, without saying what it was; the log has it under the request's id."""
    log.error("unforeseen error at %s %s", request.method, request.url_rule or "?", exc_info=error)
    return answer(InternalError(SURPRISE))
