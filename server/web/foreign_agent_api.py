"""`/private/agent` as OffloadMQ's agents use it: look what there is, take it, report on it, write to the log."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from server.domain import offload
from server.domain.capability import model_of
from server.domain.errors import InvalidRequest
from server.domain.offload_embedding import agents_payload
from server.services import foreign_logs, foreign_reports, foreign_work
from server.storage.agent_logs import SEVERITIES
from server.storage.foreign_tasks import TaskView
from server.web import auth, fields
from server.web.describing import describe
from server.web.json_body import json_response
from server.web.offload_requests import check_task_id, read_body, read_resolution, read_word, unprocessable
from server.web.offload_shapes import assigned_task, unassigned_task
from server.web.parts import pool
from server.web.schemas import offload as schemas
from server.web.schemas.agents import Message
from server.web.timestamps import timestamp

blueprint = Blueprint("foreign_agent_api", __name__, url_prefix="/private/agent")


@blueprint.get("/task/poll")
@describe(answers={200: schemas.UnassignedTask | None})
def poll() -> Response:
    """Show an agent the task that it should take next, or null; it is not reserved."""
    return _shown(foreign_work.next_task(pool(), auth.agent()))


@blueprint.get("/task/poll_urgent")
@describe(answers={200: schemas.UnassignedTask | None})
def poll_urgent() -> Response:
    """Show an agent the urgent task that it should take next, or null."""
    return _shown(foreign_work.next_task(pool(), auth.agent(), urgent_only=True))


@blueprint.post("/take/<path:cap>/<task>")
@describe(answers={200: schemas.AssignedTask}, errors=(400, 404, 409))
def take(cap: str, task: str) -> Response:
    """Give an agent a task, if nobody was quicker."""
    view = foreign_work.take(pool(), auth.agent(), offload.queue_in_path(cap), task)
    typical = pool().runtimes.typical_seconds(view.capability)
    return json_response(assigned_task(view, payload=_payload(view), typical_seconds=typical))


@blueprint.post("/task/progress/<path:cap>/<task>")
@describe(body=schemas.ProgressReport, answers={200: Message}, errors=(404, 409, 415, 422, 499))
def progress(cap: str, task: str) -> Response:
    """Take what an agent says of a task under way."""
    present, body, capability = auth.agent(), read_body(), offload.queue_in_path(cap)
    check_task_id(body, capability, task)
    foreign_reports.advance(pool(), present, capability, task, read_word(body))
    return json_response({"message": "task update confirmed"})


@blueprint.post("/task/resolve/<path:cap>/<task>")
@describe(body=schemas.TaskResolution, answers={200: Message}, errors=(404, 409, 415, 422, 499))
def resolve(cap: str, task: str) -> Response:
    """Take what came of a task."""
    present, body, capability = auth.agent(), read_body(), offload.queue_in_path(cap)
    check_task_id(body, capability, task)
    foreign_reports.resolve(pool(), present, capability, task, read_resolution(body))
    return json_response({"message": "task report confirmed"})


@blueprint.post("/logs")
@describe(body=schemas.LogLine, answers={200: schemas.KeptLogLine}, errors=(415, 422))
def write_log() -> Response:
    """Keep a line that an agent writes for the operator."""
    present, body = auth.agent(), read_body()
    with unprocessable():
        severity = fields.text(body, "severity")
        text = fields.text(body, "text", longest=foreign_logs.MAX_TEXT)
        fields.optional_text(body, "agentId")
        name = fields.optional_text(body, "agentName")
        machine = fields.optional_text(body, "machineFingerprint")
    if severity.upper() not in SEVERITIES:
        raise InvalidRequest(f"invalid severity: {severity[:50]}")
    kept = foreign_logs.write(pool(), present, severity=severity.upper(), text=text, name=name, machine=machine)
    return json_response(
        {
            "recordId": kept.id,
            "agentId": kept.agent_id,
            "agentName": kept.agent_name,
            "machineFingerprint": kept.machine,
            "severity": kept.severity,
            "text": kept.text,
            "timestamp": timestamp(kept.at),
        }
    )


def _shown(view: TaskView | None) -> Response:
    return json_response(unassigned_task(view, payload=_payload(view)) if view else None)


def _payload(view: TaskView) -> Any:
    """Return an embeddings task's payload as Ollama knows it; None for any other, which is handed on as it is."""
    if view.kind != "embedding" or view.body is None:
        return None
    return agents_payload(view.body, model_of(view.capability))
