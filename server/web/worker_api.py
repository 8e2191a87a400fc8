"""`/tasks`: how a client fetches what it did not wait for, as LLMeQueue has it."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response

from server.domain.errors import InvalidRequest
from server.domain.lifecycle import JobStatus
from server.services import answers
from server.services.answers import JobReport
from server.services.assembling import Answer, Output
from server.web import auth
from server.web.json_body import json_response
from server.web.parts import pool
from server.web.timestamps import timestamp

blueprint = Blueprint("worker_api", __name__)

#: LLMeQueue knows four statuses; what else ends without a result has failed there.
_STATUS = {
    JobStatus.PENDING: "pending",
    JobStatus.PROCESSING: "processing",
    JobStatus.COMPLETED: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELED: "failed",
    JobStatus.EXPIRED: "failed",
}


@blueprint.get("/tasks/<job_id>")
def get_task(job_id: str) -> Response:
    """Say how a task of the caller stands, with its result or its error once it has one."""
    found = _fetch(job_id)
    return json_response(
        {
            "id": found.id,
            "task_type": found.kind,
            "status": _STATUS[found.status],
            "result": _result(found.answer) if found.answer else None,
            "error": found.error.message if found.error else None,
            "created_at": timestamp(found.created_at),
            "updated_at": timestamp(found.updated_at),
        }
    )


@blueprint.get("/tasks/<job_id>/result")
def get_result(job_id: str) -> Response:
    """Return the result of a completed task of the caller."""
    found = _fetch(job_id)
    if found.answer is None:
        raise InvalidRequest(f"Task is not completed (status: {_STATUS[found.status]})")
    return json_response({"id": found.id, "result": _result(found.answer)})


def _fetch(job_id: str) -> JobReport:
    parts, client = pool(), auth.client()
    found = answers.report(parts, client, job_id)
    if found.answer or found.error:
        parts.fetched.add(found.id)
    return found


def _result(answer: Answer) -> object:
    """One input's result is its vector; several inputs' is a list of vectors; any other is what the agent gave."""
    if isinstance(answer, Output):
        return orjson.Fragment(answer.body)
    return answer.vectors[0] if len(answer.vectors) == 1 else answer.vectors
