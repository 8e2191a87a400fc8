"""`/tasks`: how a client fetches what it did not wait for, as LLMeQueue has it."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response

from server.domain.chat_output import check_output
from server.domain.chat_worker import worker_result
from server.domain.errors import InvalidRequest
from server.domain.lifecycle import JobStatus
from server.services import answers
from server.services.answers import JobReport
from server.services.assembling import Answer, Output
from server.web import auth
from server.web.describing import describe
from server.web.json_body import json_response
from server.web.parts import pool
from server.web.schemas import tasks as schemas
from server.web.timestamps import timestamp

blueprint = Blueprint("tasks_api", __name__)

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
@describe(answers={200: schemas.Task}, errors=(404,))
def get_task(job_id: str) -> Response:
    """Say how a task of the caller stands, with its result or its error once it has one."""
    found = _fetch(job_id)
    return json_response(
        {
            "id": found.id,
            "task_type": found.kind,
            "status": _STATUS[found.status],
            "result": _result(found.kind, found.answer) if found.answer else None,
            "error": found.error.message if found.error else None,
            "created_at": timestamp(found.created_at),
            "updated_at": timestamp(found.updated_at),
        }
    )


@blueprint.get("/tasks/<job_id>/result")
@describe(answers={200: schemas.TaskResult}, errors=(400, 404))
def get_result(job_id: str) -> Response:
    """Return the result of a completed task of the caller."""
    found = _fetch(job_id)
    if found.answer is None:
        raise InvalidRequest(f"Task is not completed (status: {_STATUS[found.status]})")
    return json_response({"id": found.id, "result": _result(found.kind, found.answer)})


def _fetch(job_id: str) -> JobReport:
    parts, client = pool(), auth.client()
    found = answers.report(parts, client, job_id)
    if found.answer or found.error:
        parts.fetched.add(found.id)
    return found


def _result(kind: str, answer: Answer) -> object:
    """Return a result in LLMeQueue's form.

    One input's is its vector, several inputs' a list of vectors, a chat's its text and why it ended. Any other is what
    the agent gave; so is a chat's that an OffloadMQ agent gave in a form of its own.
    """
    if not isinstance(answer, Output):
        return answer.vectors[0] if len(answer.vectors) == 1 else answer.vectors
    output = orjson.loads(answer.body)
    return worker_result(output) if kind == "chat" and check_output(output) is None else output
