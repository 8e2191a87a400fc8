"""How an OffloadMQ client's task stands, and canceling it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from server.domain.capability import model_of
from server.domain.errors import Conflict, NotFound
from server.domain.lifecycle import JobStatus, TaskStatus, job_status
from server.domain.offload import task_text
from server.services import cancelling
from server.services.assembling import Embeddings, stored_answer
from server.services.pool import Pool
from server.storage import foreign_tasks, jobs
from server.storage.foreign_tasks import TaskView

_STATUS = {
    JobStatus.PENDING: TaskStatus.QUEUED,
    JobStatus.PROCESSING: TaskStatus.LEASED,
    JobStatus.COMPLETED: TaskStatus.COMPLETED,
    JobStatus.FAILED: TaskStatus.FAILED,
    JobStatus.CANCELED: TaskStatus.CANCELED,
    JobStatus.EXPIRED: TaskStatus.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A client's job, seen as the one task that its client submitted."""

    #: With the job's id and status. Of an embeddings job with several tasks: what is known of the most telling one.
    view: TaskView
    #: Result of an embeddings job, JSON with numpy arrays in it; None for anything else.
    embeddings: dict[str, Any] | None
    #: How long such a task takes; None where nobody knows.
    typical_seconds: float | None


def standing(pool: Pool, capability: str, job_id: str, *, key_id: str | None) -> Standing:
    """Say how a job stands; NotFound when there is none of that id and capability, or it is another key's.

    Without a `key_id` the operator asks, who may see everybody's.
    """
    with pool.database.read() as connection:
        view, embeddings = _look(connection, capability, job_id, key_id)
    if view.status in {TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.EXPIRED} and key_id is not None:
        pool.fetched.add(job_id)
    return Standing(view, embeddings, pool.runtimes.typical_seconds(view.capability))


def cancel(pool: Pool, capability: str, job_id: str, *, key_id: str | None) -> bool:
    """Cancel a job; returns whether an agent was at it, which hears of it with its next word.

    Raises NotFound as `standing` does, and Conflict when it is over already.
    """
    text = task_text(capability, job_id)
    with pool.database.read() as connection:
        _look(connection, capability, job_id, key_id)
    try:
        before = cancelling.cancel_job(pool, job_id, key_id=key_id, now=pool.clock.now())
    except Conflict:
        raise Conflict(f"Task {text} is over already") from None
    return before is not JobStatus.PENDING


def _look(
    connection: Connection, capability: str, job_id: str, key_id: str | None
) -> tuple[TaskView, dict[str, Any] | None]:
    job = jobs.find(connection, job_id=job_id, key_id=key_id)
    views = foreign_tasks.of_job(connection, job_id) if job else []
    if job is None or not views or views[0].capability != capability:
        raise NotFound(task_text(capability, job_id))
    status = _STATUS[job_status([TaskStatus(view.status) for view in views])]
    view = _told_of(views, status, job_id)
    if status is not TaskStatus.COMPLETED:
        return view, None
    answer = stored_answer(job, [outcome.part for outcome in jobs.outcomes(connection, job_id)])
    if answer is None:
        raise NotFound(
            f"{task_text(capability, job_id)}: its result was deleted; it is kept for an hour after it was fetched"
        )
    return view, _as_ollama(model_of(capability), answer) if isinstance(answer, Embeddings) else None


def _told_of(views: list[TaskView], status: TaskStatus, job_id: str) -> TaskView:
    """Return the task that tells most of its job, under the job's name."""
    of_status = [view for view in views if view.status == status]
    return replace((of_status or views)[0], id=job_id, status=status)


def _as_ollama(model: str, answer: Embeddings) -> dict[str, Any]:
    return {"model": model, "embeddings": answer.vectors, "prompt_eval_count": answer.tokens}
