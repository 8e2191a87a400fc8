"""Answers: collecting a job's results, in the order of its inputs, or saying what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import orjson
from numpy.typing import NDArray

from server.domain import embedding
from server.domain.errors import (
    DeadlineExceeded,
    InvalidRequest,
    NotFound,
    PoolError,
    ShuttingDown,
    WorkerFailed,
)
from server.domain.lifecycle import JobStatus, TaskStatus, job_status
from server.domain.vectors import as_array, cut
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.waiting import Gone, JobWaiter, Part, Woken
from server.storage import jobs
from server.storage.jobs import StoredJob, TaskOutcome
from server.storage.results import Cached

#: Seconds after which a retry makes sense: when agents failed, and when the server restarts.
WORKER_FAILED_RETRY, SHUTDOWN_RETRY = 5, 2


@dataclass(frozen=True, slots=True)
class Embeddings:
    """A whole answer: one vector per input, in order."""

    #: count × dimensions, float32.
    vectors: NDArray[np.float32]
    #: The model's own count of tokens.
    tokens: int
    #: Positions of inputs that the engine cut.
    truncated: tuple[int, ...] = ()
    #: Ids of the agents that computed it; empty when all came from the cache.
    agents: tuple[str, ...] = ()
    #: How many inputs the cache answered.
    cached: int = 0

    @classmethod
    def from_cache(cls, cached: dict[int, Cached], dimensions: int) -> Embeddings:
        """Make an answer of cached vectors alone."""
        raw = b"".join(cached[position].vector for position in range(len(cached)))
        return cls(as_array(raw, dimensions), sum(entry.tokens for entry in cached.values()), cached=len(cached))

    def cut_to(self, dimensions: int | None) -> Embeddings:
        """Return the answer with shorter vectors, of length 1 again; itself where nothing is to be cut."""
        native = self.vectors.shape[1]
        if dimensions is None or dimensions == native:
            return self
        short = as_array(cut(self.vectors.tobytes(), native, dimensions), dimensions)
        return Embeddings(short, self.tokens, self.truncated, self.agents, self.cached)


@dataclass(frozen=True, slots=True)
class JobReport:
    """How a job stands, for a client that asks."""

    id: str
    kind: str
    status: JobStatus
    created_at: int
    updated_at: int
    answer: Embeddings | None = None
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


def collect(pool: Pool, client: Client, collection: Collection, seconds: float, gone: Gone) -> Embeddings | None:
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
    if woken is not Woken.WORK:
        return None
    if collection.tasks and len(waiter.parts) == collection.tasks:
        pool.fetched.add(waiter.job_id)
        return _assemble(collection.inputs, waiter.parts.values(), collection.cached)
    return fetch(pool, client, waiter.job_id)


def _is_over(pool: Pool, job_id: str) -> bool:
    with pool.database.read() as connection:
        return jobs.count_unfinished(connection, job_id) == 0


def fetch(pool: Pool, client: Client, job_id: str) -> Embeddings | None:
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
        answer = _stored_answer(job, outcomes)
        if answer is None:
            raise NotFound(f"The result of task {job_id} was deleted: it is kept for an hour after it was fetched.")
        return JobReport(job.id, job.kind, status, job.created_at, updated_at, answer=answer)
    return JobReport(job.id, job.kind, status, job.created_at, updated_at, error=_error_of(pool, job, status, outcomes))


def _stored_answer(job: StoredJob, outcomes: list[TaskOutcome]) -> Embeddings | None:
    parts = []
    for outcome in outcomes:
        if outcome.vectors is None or outcome.agent_id is None or outcome.dimensions is None:
            return None
        parts.append(
            Part(
                outcome.id,
                outcome.agent_id,
                outcome.positions,
                outcome.vectors,
                outcome.dimensions,
                outcome.tokens or 0,
                outcome.truncated or "[]",
            )
        )
    return _assemble(job.inputs, parts, _stored_cache(job, parts[0].dimensions))


def _stored_cache(job: StoredJob, dimensions: int) -> dict[int, Cached]:
    """Read back what the cache had answered; the tokens are only known in sum, and go to the first."""
    positions = _positions(job.cached_positions)
    vectors = as_array(job.cached_vectors, dimensions)
    return {
        position: Cached(vectors[row].tobytes(), 0 if row else job.cached_tokens)
        for row, position in enumerate(positions)
    }


def _assemble(inputs: int, parts: Iterable[Part], cached: dict[int, Cached]) -> Embeddings:
    """Put results and cached vectors at their inputs' places."""
    parts = list(parts)
    vectors = np.empty((inputs, parts[0].dimensions), dtype=np.float32)
    truncated: list[int] = []
    for part in parts:
        positions = _positions(part.positions)
        vectors[positions] = as_array(part.vectors, part.dimensions)
        if part.truncated != "[]":
            truncated.extend(int(positions[n]) for n in orjson.loads(part.truncated))
    for position, entry in cached.items():
        vectors[position] = as_array(entry.vector, parts[0].dimensions)
    tokens = sum(part.tokens for part in parts) + sum(entry.tokens for entry in cached.values())
    agents = tuple(sorted({part.agent_id for part in parts}))
    return Embeddings(vectors, tokens, tuple(sorted(truncated)), agents, len(cached))


def _positions(packed: bytes) -> NDArray[np.int32]:
    return np.frombuffer(packed, dtype="<i4")


def _error_of(pool: Pool, job: StoredJob, status: JobStatus, outcomes: list[TaskOutcome]) -> PoolError | None:
    if status is JobStatus.FAILED:
        return _failure_of(pool, job, next(one for one in outcomes if one.status == TaskStatus.FAILED))
    if status is JobStatus.EXPIRED:
        return DeadlineExceeded(
            "No agent computed this in time. Send it again when agents are online.", retry_after=WORKER_FAILED_RETRY
        )
    if status is JobStatus.CANCELED:
        return NotFound(f"The task {job.id} was canceled.", code="canceled")
    return None


def _failure_of(pool: Pool, job: StoredJob, outcome: TaskOutcome) -> PoolError:
    if outcome.error_code == "input_too_long":
        model = pool.catalogue.find(job.model)
        return embedding.context_error(outcome.error_position or 0, model.context_length if model else None, None)
    if outcome.error_code == "input_invalid":
        message = f"input[{outcome.error_position}] cannot be embedded by {job.model}: {outcome.error_message}"
        return InvalidRequest(message, param="input", code="invalid_input")
    return WorkerFailed(f"The agents that tried this failed: {outcome.error_message}", retry_after=WORKER_FAILED_RETRY)
