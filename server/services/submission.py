"""Submitting: validated request → cache → tasks in the queue → agents woken."""

from __future__ import annotations

import numpy as np
import orjson
from sqlalchemy import Connection

from server.domain import embedding, fairness, ids
from server.domain.capability import allows, embedding_capability
from server.domain.embedding import EmbeddingRequest
from server.domain.errors import Forbidden, ModelNotFound, NoWorkersAvailable, QueueFull, ShuttingDown
from server.services.answers import SHUTDOWN_RETRY, Collection, Embeddings
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.waiting import JobWaiter
from server.storage import jobs, line, results, tasks
from server.storage.jobs import NewJob
from server.storage.model_classes import StoredClass
from server.storage.results import Cached
from server.storage.tasks import NewTask

#: Seconds an embeddings request may wait in the queue: long enough for an SDK's retries to find it.
TIME_TO_LIVE = 600
#: Priority of a task whose client waits on the line, and of one whose client asks again later.
URGENT, REGULAR = 0, 1
#: Scope of the cache when the operator lets clients share it.
SHARED = "*"
#: Seconds after which a client may try again: when the queue is full, and when no agent is online.
QUEUE_FULL_RETRY, NO_AGENT_RETRY = 5, 15


def submit_embeddings(
    pool: Pool, client: Client, request: EmbeddingRequest, *, on_the_line: bool, only_if_online: bool, now: int
) -> Embeddings | Collection:
    """Accept an embeddings request: answer it from the cache, or put it on disk and say how to collect the answer.

    Args:
        pool: the running pool.
        client: who asks.
        request: what for.
        on_the_line: whether the client waits for the answer now, which puts it before those that ask again later.
        only_if_online: refuse at once when no agent with the model is online, instead of queueing.
        now: the time.

    Raises ModelNotFound, Forbidden, InvalidRequest, NoWorkersAvailable and QueueFull.
    """
    capability = embedding_capability(request.model)
    if not allows(client.capabilities, capability):
        raise Forbidden(f"This key may not use the model {request.model}.", param="model")
    model = pool.catalogue.find(request.model)
    if model is None:
        raise ModelNotFound(
            f"The model `{request.model}` does not exist or you do not have access to it. "
            "GET /v1/models lists the models of this pool.",
            param="model",
        )
    if request.dimensions is not None and request.dimensions > model.dimensions:
        raise embedding.dimensions_error(request.dimensions, model.dimensions)
    hashes = [embedding.text_hash(text) for text in request.inputs]
    cached = _look_up(pool, client, model, hashes)
    if len(cached) == len(hashes):
        return Embeddings.from_cache(cached, model.dimensions)
    _refuse_what_cannot_wait(pool, request, capability, only_if_online=only_if_online, now=now)
    return _submit(pool, client, request, model, hashes, cached, URGENT if on_the_line else REGULAR, now)


def _look_up(pool: Pool, client: Client, model: StoredClass, hashes: list[bytes]) -> dict[int, Cached]:
    """Return the cached vectors by their positions in the request."""
    if not pool.settings.cache_mib:
        return {}
    with pool.database.read() as connection:
        known = results.recall(connection, scope=cache_scope(pool, client.id), class_id=model.id, hashes=hashes)
    if not known:
        return {}
    return {position: known[text_hash] for position, text_hash in enumerate(hashes) if text_hash in known}


def cache_scope(pool: Pool, key_id: str) -> str:
    """Return whose cache a key's vectors belong to."""
    return SHARED if pool.settings.cache_shared else key_id


def _refuse_what_cannot_wait(
    pool: Pool, request: EmbeddingRequest, capability: str, *, only_if_online: bool, now: int
) -> None:
    if only_if_online and not pool.roster.anyone(capability, now):
        raise NoWorkersAvailable(
            f"No agent that offers the model {request.model} is online now. Try again later.",
            retry_after=NO_AGENT_RETRY,
        )
    if pool.backlog.total >= pool.settings.max_queued_tasks:
        raise QueueFull("The queue is full. Try again later.", retry_after=QUEUE_FULL_RETRY)


def _submit(
    pool: Pool,
    client: Client,
    request: EmbeddingRequest,
    model: StoredClass,
    hashes: list[bytes],
    cached: dict[int, Cached],
    priority: int,
    now: int,
) -> Collection:
    job = _new_job(client, request, model, cached, now)
    parts = _new_tasks(request, model, hashes, [n for n in range(len(hashes)) if n not in cached], now)
    # Waiting begins before the job exists, so that its end cannot be missed.
    waiter = _expect(pool, job.id)
    try:
        joined = pool.database.write(lambda connection: _insert(connection, job, parts, priority, now))
    except BaseException:
        pool.jobs.leave(waiter)
        raise
    if joined is not None:
        pool.jobs.leave(waiter)
        return Collection(_expect(pool, joined))
    pool.backlog.submitted_since += len(parts)
    pool.agents.wake(parts[0].capability, len(parts))
    return Collection(waiter, len(parts), cached, len(hashes))


def _expect(pool: Pool, job_id: str) -> JobWaiter:
    waiter = pool.jobs.expect(job_id)
    if waiter is None and pool.jobs.gate.closed:
        raise ShuttingDown("The server is being restarted. Try again.", retry_after=SHUTDOWN_RETRY)
    if waiter is None:
        raise QueueFull("As many clients wait as this server can hold. Try again later.", retry_after=QUEUE_FULL_RETRY)
    return waiter


def _insert(connection: Connection, job: NewJob, parts: list[NewTask], priority: int, now: int) -> str | None:
    """Write the job and its tasks, unless the client has an equal one whose answer waits: then return that one's id."""
    place = line.find_place(connection, key_id=job.key_id, fingerprint=job.fingerprint, now=now)
    if place.equal_job is not None:
        return place.equal_job
    turn = fairness.start_tag(place.virtual_time, place.clients_last)
    for part in parts:
        part.turn = turn = fairness.finish_tag(turn, part.texts)
    jobs.submit(connection, job)
    tasks.submit(
        connection, parts, job_id=job.id, key_id=job.key_id, priority=priority, now=now, expires_at=job.expires_at
    )
    return None


def _new_job(
    client: Client, request: EmbeddingRequest, model: StoredClass, cached: dict[int, Cached], now: int
) -> NewJob:
    return NewJob(
        id=ids.new_ulid(now),
        key_id=client.id,
        kind="embedding",
        model=request.model,
        class_id=model.id,
        fingerprint=embedding.fingerprint(request),
        inputs=len(request.inputs),
        created_at=now,
        expires_at=now + TIME_TO_LIVE * 1000,
        cached_positions=_packed(list(cached)),
        cached_vectors=b"".join(entry.vector for entry in cached.values()),
        cached_tokens=sum(entry.tokens for entry in cached.values()),
    )


def _new_tasks(
    request: EmbeddingRequest, model: StoredClass, hashes: list[bytes], missing: list[int], now: int
) -> list[NewTask]:
    texts = [request.inputs[position] for position in missing]
    parts = []
    for span in embedding.split(texts):
        positions = missing[span.start : span.stop]
        parts.append(
            NewTask(
                id=ids.new_ulid(now),
                capability=embedding_capability(model.model),
                kind="embedding",
                class_id=model.id,
                texts=len(positions),
                positions=_packed(positions),
                body=orjson.dumps({"texts": texts[span.start : span.stop], "truncate": request.truncate}),
                hashes=b"".join(hashes[position] for position in positions),
            )
        )
    return parts


def _packed(positions: list[int]) -> bytes:
    return np.array(positions, dtype="<i4").tobytes()
