"""`/management/tasks`: the queue as the operator sees it, and what the operator does with it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from server.domain.lifecycle import ACTIVE, FINAL, TaskStatus
from server.domain.offload import queue_in_path
from server.services import rerunning
from server.services.operator import operations_tasks, task_batches
from server.services.operator.operations_tasks import TaskDetails
from server.services.operator.task_batches import Done
from server.services.operator.task_timings import Timings
from server.services.operator.task_waits import Wait
from server.services.submission import REGULAR, URGENT
from server.storage.task_details import AttemptRecord, ResultRecord
from server.storage.task_records import LAST, TaskRecord, Wanted
from server.web import fields, offload_shapes, query
from server.web.describing import describe
from server.web.json_body import json_response, read_object
from server.web.parts import pool
from server.web.schemas import operations
from server.web.timestamps import timestamp

blueprint = Blueprint("management_tasks", __name__)

Json = dict[str, Any]

#: Tasks in a page: usually, and at most.
PAGE, LONGEST_PAGE = 50, 500
#: Largest age that is looked for (seconds): ten years.
MAX_AGE = 315_360_000
STATUSES = tuple(str(status) for status in (*ACTIVE, *FINAL))
KINDS = ("embedding", "chat", "task")


@blueprint.get("/tasks")
@describe(query=operations.TaskQuery, answers={200: operations.Tasks}, errors=(400,))
def page_tasks() -> Response:
    """Return a page of tasks, newest first, without their content.

    A page may have fewer entries than `limit`, even none, and yet a cursor: then there is more to look through.
    """
    limit = query.whole("limit", 1, LONGEST_PAGE) or PAGE
    wanted, before, after = _wanted(pool().clock.now()), query.text("cursor") or LAST, query.text("after")
    page = operations_tasks.page(pool(), wanted, before, limit, after=after)
    items = [task_json(record) for record in page.records]
    return json_response({"items": items, "cursor": page.cursor, "newer": page.newer})


@blueprint.get("/tasks/list")
@describe(answers={200: operations.TaskQueues})
def list_tasks() -> Response:
    """List the newest tasks as OffloadMQ does: at most 100 in each list, and of them no more than 8 MiB."""
    return json_response({"urgent": _queue_json(URGENT), "regular": _queue_json(REGULAR)})


@blueprint.post("/tasks/reset")
@describe(answers={200: operations.Reset})
def reset_tasks() -> Response:
    """Cancel everything that waits or is computed, and delete all tasks with their results."""
    operations_tasks.reset(pool(), pool().clock.now())
    return json_response({"result": "Reset successful"})


@blueprint.post("/tasks/cancel_many")
@describe(body=operations.NamedTasks, answers={200: operations.ManyDone}, errors=(400,))
def cancel_tasks() -> Response:
    """Cancel tasks, each with the rest of its job; one that is over already does not keep the others."""
    return _done_json(task_batches.cancel_many(pool(), _named(), pool().clock.now()))


@blueprint.post("/tasks/run_again_many")
@describe(body=operations.NamedTasks, answers={200: operations.ManyDone}, errors=(400,))
def run_tasks_again() -> Response:
    """Queue failed tasks anew; one that cannot be run again does not keep the others."""
    return _done_json(task_batches.run_many_again(pool(), _named(), pool().clock.now()))


@blueprint.post("/tasks/cancel/<path:cap>/<task_id>")
@describe(answers={200: operations.ForeignCancel}, errors=(404, 409))
def cancel_foreign_task(cap: str, task_id: str) -> Response:
    """Cancel a task, named as OffloadMQ does."""
    view = operations_tasks.cancel(pool(), task_id, pool().clock.now(), capability=queue_in_path(cap))
    waited = view.status == TaskStatus.QUEUED
    return json_response(
        {
            "id": {"cap": view.capability, "id": task_id},
            "status": "canceled" if waited else "cancelRequested",
            "message": "Task cancelled (was queued)" if waited else "Cancellation requested",
        }
    )


@blueprint.get("/tasks/<task_id>")
@describe(answers={200: operations.TaskDetails}, errors=(404,))
def get_task(task_id: str) -> Response:
    """Describe a task with its attempts, without its content."""
    return json_response(_details_json(operations_tasks.details(pool(), task_id, pool().clock.now())))


@blueprint.post("/tasks/<task_id>/cancel")
@describe(answers={200: operations.Canceled}, errors=(404, 409))
def cancel_task(task_id: str) -> Response:
    """Cancel a task, and with it the rest of its job; the id may also be the job's."""
    view = operations_tasks.cancel(pool(), task_id, pool().clock.now())
    return json_response({"id": view.id, "jobId": view.job_id, "status": "canceled"})


@blueprint.post("/tasks/<task_id>/run_again")
@describe(answers={200: operations.Rerun}, errors=(404, 409))
def run_task_again(task_id: str) -> Response:
    """Queue a failed task anew, as a new task of its client."""
    made = rerunning.run_again(pool(), task_id, pool().clock.now())
    return json_response({"id": made, "retryOf": task_id, "status": "queued"})


def _wanted(now: int) -> Wanted:
    older, newer = query.whole("older_than", 0, MAX_AGE), query.whole("newer_than", 0, MAX_AGE)
    return Wanted(
        status=query.choice("status", STATUSES),
        capability=query.text("capability"),
        agent_id=query.text("agent"),
        key_id=query.text("key"),
        before=None if older is None else now - older * 1000,
        since=None if newer is None else now - newer * 1000,
        kind=query.choice("kind", KINDS),
        error=query.text("error"),
        begins=operations_tasks.beginning(query.text("id")),
    )


def _named() -> list[str]:
    return fields.texts(read_object(), "ids", most=task_batches.MOST_NAMED)


def _done_json(done: Done) -> Response:
    return json_response({"done": done.done, "refused": done.refused})


def _queue_json(priority: int) -> Json:
    listed = operations_tasks.listed(pool(), priority)
    return {
        "assigned": [offload_shapes.assigned_task(view, hide_logins=True) for view in listed.others],
        "unassigned": [offload_shapes.unassigned_task(view, hide_logins=True) for view in listed.waiting],
    }


def task_json(record: TaskRecord) -> Json:
    """Describe a task without its content."""
    return {
        "id": record.id,
        "jobId": record.job_id,
        "key": {"id": record.key_id, "name": record.client},
        "kind": record.kind,
        "capability": record.capability,
        "classId": record.class_id,
        "status": record.status,
        "urgent": record.priority == URGENT,
        "texts": record.texts,
        "jobTasks": record.job_tasks,
        "createdAt": timestamp(record.created_at),
        "notBefore": timestamp(record.not_before),
        "expiresAt": timestamp(record.expires_at),
        "finishedAt": _time(record.finished_at),
        "attemptsMade": record.attempts_made,
        "attemptsCharged": record.attempts_charged,
        "releases": record.releases,
        "errorCode": record.error_code,
        "retryOf": record.retry_of,
    }


def _details_json(details: TaskDetails) -> Json:
    record = details.record
    return {
        **task_json(record),
        "errorMessage": operations_tasks.telling(record.error_code, record.error_message),
        "attempts": [_attempt_json(attempt) for attempt in details.attempts],
        "retriedAs": details.retried_as,
        "keptUntil": _time(details.kept_until),
        "result": details.result and _result_json(details.result),
        "timings": _timings_json(details.timings),
        "wait": details.wait and _wait_json(details.wait),
    }


def _result_json(result: ResultRecord) -> Json:
    return {
        "agentId": result.agent_id,
        "agentName": result.agent,
        "storedAt": timestamp(result.stored_at),
        "bytes": result.size,
        "dimensions": result.dimensions,
        "tokens": result.tokens,
        "completionTokens": result.completion_tokens,
    }


def _timings_json(timings: Timings) -> Json:
    return {name: getattr(timings, name) for name in ("waited", "held", "engine", "overhead", "total")}


def _wait_json(wait: Wait) -> Json:
    return {"why": wait.why, "ahead": wait.ahead, "agents": wait.agents, "until": _time(wait.until)}


def _attempt_json(attempt: AttemptRecord) -> Json:
    return {
        "agentId": attempt.agent_id,
        "agentName": attempt.agent,
        "status": attempt.status,
        "startedAt": timestamp(attempt.started_at),
        "leaseUntil": timestamp(attempt.lease_until),
        "endedAt": _time(attempt.ended_at),
        "errorCode": attempt.error_code,
        "errorMessage": operations_tasks.telling(attempt.error_code, attempt.error_message),
        "engineMs": attempt.engine_ms,
    }


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else timestamp(milliseconds)
