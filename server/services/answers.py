"""Answers: waiting for a job and collecting what came of it, or saying what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.domain import chat_request, embedding
from server.domain.errors import (
    ClassSwitched,
    DeadlineExceeded,
    InvalidRequest,
    NotFound,
    PoolError,
    ShuttingDown,
    WorkerFailed,
)
from server.domain.lifecycle import JobStatus, TaskStatus, job_status
from server.services.assembling import Answer, answer_of, stored_answer
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.waiting import Gone, JobWaiter, Woken
from server.storage import jobs
from server.storage.jobs import StoredJob, TaskOutcome
from server.storage.results import Cached

#: Seconds after which a retry makes sense: when agents failed, when the server restarts, when a model was switched.
WORKER_FAILED_RETRY, SHUTDOWN_RETRY, SWITCH_RETRY = 5, 2, 1


@dataclass(frozen=True, slots=True)
class JobReport:
    """How a job stands, for a client that asks."""

    id: str
    kind: str
    model: str
    status: JobStatus
    created_at: int
    updated_at: int
    answer: Answer | None = None
    error: PoolError | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """How the answer to a submitted request is collected."""

    waiter: JobWaiter
    #: How many tasks' results the waiter will be handed; 0 when it joined a job that was under way.
    tasks: int = 0
    #: What the cache had, by the position of the input.
    cached: dict[int, Cached] = field(default_factory=dict)
    #: How many inputs the request has.
    inputs: int = 0


def collect(pool: Pool, client: Client, collection: Collection, seconds: float, gone: Gone) -> Answer | None:
    """Wait for a job and return its answer; None when the time is over first (or the client hung up).

    Raises what became of the job if it has no answer, and ShuttingDown when the server goes down first.
    """
    waiter = collection.waiter
    try:
        if not collection.tasks and _is_over(pool, waiter.job_id):
            # It had ended before we joined: nothing will wake us.
            waiter.event.set()
        woken = pool.jobs.wait(waiter, seconds, pool.settings.poll_interval, gone)
    finally:
        pool.jobs.leave(waiter)
    if woken is Woken.DRAINING:
        raise ShuttingDown(
            "The server is being restarted; your request is kept. Try again.", retry_after=SHUTDOWN_RETRY
        )
    return take(pool, client, collection) if woken is Woken.WORK else None


def take(pool: Pool, client: Client, collection: Collection) -> Answer | None:
    """Return the answer of a job that is over, as its waiter was handed it, or else from disk.

    Raises what the job failed of.
    """
    waiter = collection.waiter
    if collection.tasks and len(waiter.parts) == collection.tasks:
        pool.fetched.add(waiter.job_id)
        return answer_of(collection.inputs, list(waiter.parts.values()), collection.cached)
    return fetch(pool, client, waiter.job_id)


def _is_over(pool: Pool, job_id: str) -> bool:
    with pool.database.read() as connection:
        return jobs.count_unfinished(connection, job_id) == 0


def fetch(pool: Pool, client: Client, job_id: str) -> Answer | None:
    """Return a job's answer, noting that it was fetched; None while it is under way. Raises what it failed of."""
    found = report(pool, client, job_id)
    if found.answer is not None or found.error is not None:
        pool.fetched.add(job_id)
    if found.error is not None:
        raise found.error
    return found.answer


def report(pool: Pool, client: Client, job_id: str) -> JobReport:
    """Say how a client's job stands, with its answer when it is completed; NotFound for somebody else's."""
    with pool.database.read() as connection:
        job = jobs.find(connection, job_id=job_id, key_id=client.id)
        outcomes = jobs.outcomes(connection, job_id) if job else []
    if job is None:
        raise NotFound(f"There is no task {job_id} of yours. Results are kept for an hour after they were fetched.")
    status = job_status([TaskStatus(outcome.status) for outcome in outcomes])
    ends = [outcome.finished_at for outcome in outcomes if outcome.finished_at is not None]
    updated_at = max(ends, default=job.created_at)
    if status is JobStatus.COMPLETED:
        answer = stored_answer(job, [outcome.part for outcome in outcomes])
        if answer is None:
            raise NotFound(f"The result of task {job_id} was deleted: it is kept for an hour after it was fetched.")
        return JobReport(job.id, job.kind, job.model, status, job.created_at, updated_at, answer=answer)
    return JobReport(
        job.id, job.kind, job.model, status, job.created_at, updated_at, error=_error_of(pool, job, status, outcomes)
    )


def _error_of(pool: Pool, job: StoredJob, status: JobStatus, outcomes: list[TaskOutcome]) -> PoolError | None:
    if status is JobStatus.FAILED:
        return _failure_of(pool, job, next(one for one in outcomes if one.status == TaskStatus.FAILED))
    if status is JobStatus.EXPIRED:
        return DeadlineExceeded(
            "No agent computed this in time. Send it again when agents are online.", retry_after=WORKER_FAILED_RETRY
        )
    if status is JobStatus.CANCELED and any(one.error_code == ClassSwitched.code for one in outcomes):
        return ClassSwitched(f"The pool switched to another build of {job.model}. Ask again.", retry_after=SWITCH_RETRY)
    if status is JobStatus.CANCELED:
        return NotFound(f"The task {job.id} was canceled.", code="canceled")
    return None


def _failure_of(pool: Pool, job: StoredJob, outcome: TaskOutcome) -> PoolError:
    if outcome.error_code == "input_too_long" and job.kind == "chat":
        model = pool.catalogue.find(job.model, "chat")
        return chat_request.context_error(model.context_length if model else None)
    if outcome.error_code == "input_too_long":
        model = pool.catalogue.find(job.model)
        return embedding.context_error(outcome.error_position or 0, model.context_length if model else None, None)
    if outcome.error_code == "worker_lost":
        return WorkerFailed(outcome.error_message or "", code="worker_lost", retry_after=WORKER_FAILED_RETRY)
    if outcome.error_code == "input_invalid" and job.kind != "embedding":
        return InvalidRequest(f"{job.model} cannot answer this: {outcome.error_message}", code="invalid_input")
    if outcome.error_code == "input_invalid":
        message = f"input[{outcome.error_position}] cannot be embedded by {job.model}: {outcome.error_message}"
        return InvalidRequest(message, param="input", code="invalid_input")
    return WorkerFailed(f"The agents that tried this failed: {outcome.error_message}", retry_after=WORKER_FAILED_RETRY)
