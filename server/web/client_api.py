"""`/api`: what OffloadMQ's clients call."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from server.domain import offload
from server.domain.errors import InvalidRequest
from server.domain.lifecycle import FINAL, TaskStatus
from server.services import foreign_capabilities, offload_standing, offload_submission
from server.services.offload_standing import Standing
from server.services.offload_submission import Submission
from server.web import health
from server.web.connection import client_gone
from server.web.describing import describe
from server.web.json_body import json_response
from server.web.offload_auth import Caller, caller
from server.web.offload_requests import read_submission
from server.web.offload_shapes import assigned_task, result_of, task_id, typical_runtime
from server.web.parts import pool
from server.web.schemas import offload as schemas
from server.web.schemas.monitoring import Health
from server.web.timestamps import timestamp

blueprint = Blueprint("client_api", __name__, url_prefix="/api")


@blueprint.get("/ping")
@describe(answers={200: Health}, errors=(400, 415, 422))
def ping() -> Response:
    """Say that the server is alive and the key is good."""
    caller()
    return json_response(health.health_json("healthy"))


@blueprint.post("/task/submit")
@describe(
    body=schemas.TaskSubmission,
    answers={200: schemas.Submitted | schemas.Vanished | schemas.AssignedTask},
    errors=(404, 415, 422),
)
def submit() -> Response:
    """Queue a task that is asked for later; an urgent one is waited for."""
    asking = caller(needs_body=True)
    wanted = read_submission(asking.body)
    return _submit_and_wait(asking, wanted) if wanted.urgent else _submit(asking, wanted)


@blueprint.post("/task/submit_blocking")
@describe(body=schemas.TaskSubmission, answers={200: schemas.Vanished | schemas.AssignedTask}, errors=(404, 415, 422))
def submit_blocking() -> Response:
    """Have an urgent task done, and answer when it is over."""
    asking = caller(needs_body=True)
    wanted = read_submission(asking.body)
    if not wanted.urgent:
        raise InvalidRequest("Only urgent tasks can be submitted to this endpoint")
    return _submit_and_wait(asking, wanted)


@blueprint.post("/task/poll/<path:cap>/<task>")
@describe(body=schemas.KeyInBody, body_required=False, answers={200: schemas.PolledTask}, errors=(404, 415, 422))
def poll(cap: str, task: str) -> Response:
    """Say how a task of the caller stands."""
    asking = caller()
    found = offload_standing.standing(pool(), offload.queue_in_path(cap), task, key_id=asking.key_id)
    view = found.view
    output = _result(found)
    return json_response(
        {
            "id": task_id(view),
            "status": offload.status_name(view.status, view.told),
            "createdAt": timestamp(view.created_at),
            **({"stage": view.stage} if view.stage and view.status not in FINAL else {}),
            **({"output": output} if output is not None else {}),
            "log": view.log or None,
            "typicalRuntimeSeconds": typical_runtime(found.typical_seconds),
        }
    )


@blueprint.post("/task/cancel/<path:cap>/<task>")
@describe(body=schemas.KeyInBody, body_required=False, answers={200: schemas.Canceled}, errors=(404, 409, 415, 422))
def cancel(cap: str, task: str) -> Response:
    """Cancel a task of the caller."""
    asking, capability = caller(), offload.queue_in_path(cap)
    was_running = offload_standing.cancel(pool(), capability, task, key_id=asking.key_id)
    status, message = (
        ("cancelRequested", "Cancellation requested") if was_running else ("canceled", "Task cancelled (was queued)")
    )
    return json_response({"id": {"cap": capability, "id": task}, "status": status, "message": message})


@blueprint.post("/capabilities/online")
@describe(body=schemas.KeyInBody, body_required=False, answers={200: list[str]}, errors=(415, 422))
def capabilities_online() -> Response:
    """List what agents online run, as far as the caller may use it."""
    client = caller().client
    found = foreign_capabilities.online(pool(), client.capabilities, pool().clock.now(), client.trust)
    return json_response(found)


@blueprint.post("/capabilities/list/online_ext")
@describe(body=schemas.KeyInBody, body_required=False, answers={200: list[str]}, errors=(415, 422))
def capabilities_online_ext() -> Response:
    """List what agents online run, with attributes, as far as the caller may use it."""
    client, now = caller().client, pool().clock.now()
    found = foreign_capabilities.online_with_attributes(pool(), client.capabilities, now, client.trust)
    return json_response(found)


def _submit(asking: Caller, wanted: Submission) -> Response:
    new_id = offload_submission.submit_regular(pool(), asking.client, wanted)
    return json_response(
        {
            "id": {"cap": wanted.capability, "id": new_id},
            "capability": wanted.capability,
            "status": "queued",
            "message": "Added to tasks queue",
        }
    )


def _submit_and_wait(asking: Caller, wanted: Submission) -> Response:
    gone = client_gone(request.environ)
    new_id = offload_submission.submit_and_wait(pool(), asking.client, wanted, gone)
    found = offload_standing.standing(pool(), wanted.capability, new_id, key_id=asking.client.id)
    if found.view.status == TaskStatus.EXPIRED:
        return json_response(
            {
                "id": task_id(found.view),
                "status": "failed",
                "message": "Task completed but full info unavailable",
            }
        )
    return json_response(_whole(found, wanted))


def _whole(found: Standing, wanted: Submission) -> dict[str, Any]:
    """Describe a task that is over, with what was submitted: the queue has forgotten that."""
    whole = assigned_task(found.view, result=found.embeddings, typical_seconds=found.typical_seconds)
    sent = {**wanted.envelope, "payload": wanted.payload}
    return {**whole, "data": {name: sent.get(name, value) for name, value in whole["data"].items()}}


def _result(found: Standing) -> Any:
    """Return what came of a task; nothing while it is under way."""
    if found.view.status not in FINAL:
        return None
    return found.embeddings or result_of(found.view)
