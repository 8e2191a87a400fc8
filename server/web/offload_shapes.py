"""Tasks in the shapes of OffloadMQ: AssignedTask and UnassignedTask."""

from __future__ import annotations

from typing import Any

import orjson

from server.domain import offload
from server.domain.lifecycle import FINAL, AttemptStatus, TaskStatus
from server.storage.foreign_tasks import AttemptView, TaskView
from server.web.timestamps import timestamp

Json = dict[str, Any]

#: What an OffloadMQ client may send beside capability and payload, and what holds when it does not.
ENVELOPE_DEFAULTS: Json = {
    "urgent": False,
    "restartable": False,
    "fetchFiles": [],
    "file_bucket": [],
    "output_bucket": None,
    "timeoutSecs": None,
    "maxWaitSecs": None,
    "runtimeSecs": None,
    "artifacts": [],
    "dataPreparation": {},
}

#: Fields of a file reference that carry a login.
_SECRET_FIELDS = ("httpLogin", "httpPassword", "httpAuthHeader", "customHeader", "customAuth")
_HIDDEN = "(hidden)"


def task_id(view: TaskView) -> Json:
    """Return OffloadMQ's TaskId."""
    return {"cap": view.capability, "id": view.id}


def unassigned_task(view: TaskView, *, payload: Any = None, hide_logins: bool = False) -> Json:
    """Describe a task that waits.

    Args:
        view: the task.
        payload: what it asks of its agent, where that is not the stored payload as it stands.
        hide_logins: leave out the logins to files that its client named; only the agent that runs it needs them.
    """
    return {
        "id": task_id(view),
        "data": task_data(view, payload=payload, hide_logins=hide_logins),
        "createdAt": timestamp(view.created_at),
    }


def assigned_task(
    view: TaskView,
    *,
    payload: Any = None,
    result: Any = None,
    typical_seconds: float | None = None,
    hide_logins: bool = False,
) -> Json:
    """Describe a task that an agent has or had, or that ended without one.

    Args:
        view: the task.
        payload: as for `unassigned_task`.
        result: its result, where that is not the stored output as it stands (embeddings).
        typical_seconds: how long such tasks take; None where nobody knows.
        hide_logins: as for `unassigned_task`.
    """
    status, last = offload.status_name(view.status, view.told), view.last_attempt
    over = view.status in FINAL
    return {
        "id": task_id(view),
        "data": task_data(view, payload=payload, hide_logins=hide_logins),
        "agentId": last.agent_id if last else _nobody(view.status),
        "status": status,
        "history": _history(view, status),
        "createdAt": timestamp(view.created_at),
        "assignedAt": timestamp(last.started_at if last else view.finished_at or view.created_at),
        "result": result if result is not None else result_of(view),
        "log": view.log or None,
        "stage": None if over else view.stage,
        "typicalRuntimeSeconds": typical_runtime(typical_seconds),
        "typicalRuntimeParameters": None,
        "cancelRequestedAt": _time(view.finished_at) if view.status == TaskStatus.CANCELED and last else None,
        "finishedAt": _time(view.finished_at),
        "lastUpdateAt": _time(max(view.told_at or 0, last.started_at) if last else None),
    }


def task_data(view: TaskView, *, payload: Any = None, hide_logins: bool = False) -> Json:
    """Return what was submitted. A client's key is never in it; a payload is deleted when its task ends."""
    sent: Json = orjson.loads(view.envelope) if view.envelope else {"urgent": not view.priority}
    if hide_logins:
        sent = {**sent, **{name: _hidden(sent[name]) for name in ("fetchFiles", "artifacts") if name in sent}}
    if payload is None and view.body is not None:
        payload = orjson.Fragment(view.body)
    both = {**ENVELOPE_DEFAULTS, **sent}
    first = {name: both.pop(name) for name in ("urgent", "restartable")}
    return {"capability": view.capability, **first, "payload": payload, **both, "apiKey": ""}


def result_of(view: TaskView) -> Any:
    """Return what came of a task, JSON; of a failure what its agent left, or else what is known of it."""
    kept = view.output if view.output is not None else view.failure_output
    if kept is not None:
        return orjson.Fragment(kept)
    if view.status in {TaskStatus.FAILED, TaskStatus.EXPIRED}:
        return {"error": view.error_message or "No agent did this in time."}
    return None


def typical_runtime(seconds: float | None) -> Json | None:
    """Write a duration as OffloadMQ does."""
    if seconds is None:
        return None
    whole = int(seconds)
    return {"secs": whole, "nanos": int((seconds - whole) * 1e9)}


def _nobody(status: str) -> str:
    return {TaskStatus.CANCELED: offload.CANCELED_BY_NOBODY, TaskStatus.QUEUED: ""}.get(
        TaskStatus(status), offload.TIMED_OUT
    )


def _history(view: TaskView, status: str) -> list[Json]:
    # How the last attempt ended stands in the task's own status.
    entries = [entry for attempt in view.attempts for entry in _story(attempt) if entry[0] != view.finished_at]
    if view.told and not view.finished_at and view.told_at:
        entries.append((view.told_at, _set_to(status)))
    if view.finished_at:
        entries.append((view.finished_at, _set_to(status)))
    return [{"timestamp": timestamp(at), "description": words} for at, words in entries]


def _story(attempt: AttemptView) -> list[tuple[int, str]]:
    begun = (attempt.started_at, f"Assigned to {attempt.agent_id}")
    back = {
        AttemptStatus.LOST: f"Lost by {attempt.agent_id}",
        AttemptStatus.RELEASED: f"Given back by {attempt.agent_id}",
        AttemptStatus.FAILED: f"Failed at {attempt.agent_id}",
    }.get(AttemptStatus(attempt.status))
    return [begun] if back is None or attempt.ended_at is None else [begun, (attempt.ended_at, back)]


def _set_to(status: str) -> str:
    return f"Status set to {offload.history_name(status)}"


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else timestamp(milliseconds)


def _hidden(files: list[Json]) -> list[Json]:
    return [
        {name: _HIDDEN if name in _SECRET_FIELDS and value else value for name, value in file.items()} for file in files
    ]
