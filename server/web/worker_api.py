"""`/worker`: LLMeQueue's workers fetch tasks and bring results."""

from __future__ import annotations

from flask import Blueprint, Response

from server.domain.errors import InvalidRequest
from server.services import workers
from server.web import auth
from server.web.describing import describe
from server.web.json_body import json_response, read_object
from server.web.parts import pool
from server.web.schemas import worker as schemas

blueprint = Blueprint("worker_api", __name__)

#: What is kept of a failure whose worker does not say why.
NO_REASON = "The worker gave no reason."


@blueprint.post("/worker/next")
@describe(answers={200: schemas.NextTask})
def next_task() -> Response:
    """Hand out a task; null at once when there is nothing to do."""
    auth.require_worker()
    handed = workers.next_task(pool(), pool().clock.now())
    if handed is None:
        return json_response({"task": None})
    return json_response({"task": {"id": handed.id, "task_type": handed.kind, "payload": handed.payload}})


@blueprint.post("/worker/complete/<task_id>")
@describe(body=schemas.Completion, answers={200: schemas.Completed}, errors=(400,))
def complete(task_id: str) -> Response:
    """Take a worker's result; a wrong one is refused, and its task goes to somebody else."""
    auth.require_worker()
    result, flaw = _read_result()
    workers.complete(pool(), task_id, result, pool().clock.now(), flaw=flaw)
    return json_response({"status": "completed"})


@blueprint.post("/worker/fail/<task_id>")
@describe(body=schemas.Failure, body_required=False, answers={200: schemas.Failed}, errors=(400,))
def fail(task_id: str) -> Response:
    """Take a worker's word that it cannot do a task; it is tried elsewhere."""
    auth.require_worker()
    reason = read_object().get("error")
    workers.fail(pool(), task_id, reason if isinstance(reason, str) and reason else NO_REASON, pool().clock.now())
    return json_response({"status": "failed"})


def _read_result() -> tuple[object, str | None]:
    """Return what the body brings as the result, or why there is none: that too is a wrong result."""
    try:
        body = read_object()
    except InvalidRequest as error:
        return None, error.message
    if "result" not in body:
        return None, 'The result is missing: send {"result": …}.'
    return body["result"], None
