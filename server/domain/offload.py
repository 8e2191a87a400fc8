"""OffloadMQ's words: how its clients and agents name a task, and what they say of how it stands."""

from __future__ import annotations

from urllib.parse import unquote

from server.domain.capability import queue_of
from server.domain.lifecycle import TaskStatus

#: What an agent may say of a task under way.
TOLD = ("starting", "running")

#: Every status that OffloadMQ knows.
STATUSES = frozenset({"pending", "queued", "assigned", *TOLD, "completed", "failed", "cancelRequested", "canceled"})

#: What stands for the agent's id where no agent ever had the task.
CANCELED_BY_NOBODY, TIMED_OUT = "(cancelled)", "(timeout)"

_NAMES = {
    TaskStatus.QUEUED: "queued",
    TaskStatus.COMPLETED: "completed",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELED: "canceled",
    # OffloadMQ knows no expiry: what was not done in time has failed.
    TaskStatus.EXPIRED: "failed",
}


def status_name(status: str, told: str | None) -> str:
    """Return OffloadMQ's name of a task's status; `told` is what its agent said, if it is under way."""
    if status == TaskStatus.LEASED:
        return told or "assigned"
    return _NAMES[TaskStatus(status)]


def history_name(status: str) -> str:
    """Return a status as OffloadMQ's histories write it: `cancelRequested` is `CancelRequested`."""
    return status[:1].upper() + status[1:]


def task_text(capability: str, task_id: str) -> str:
    """Return a task's name in messages, such as `llm.mistral[01M80…]`."""
    return f"{capability}[{task_id}]"


def queue_in_path(segment: str) -> str:
    """Return the capability that a path names, which the web server decoded once.

    OffloadMQ's Python agents encode it twice, others once; so it is decoded once more. A `+` is a `+`.
    """
    return queue_of(unquote(segment))
