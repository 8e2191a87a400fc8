"""Embeddings: validated request → cache → tasks in the queue."""

from __future__ import annotations

import numpy as np
import orjson

from server.domain import embedding, ids
from server.domain.capability import allows, embedding_capability
from server.domain.embedding import EmbeddingRequest
from server.domain.errors import Forbidden
from server.services import limits
from server.services.answers import Collection
from server.services.assembling import Embeddings
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.submission import REGULAR, URGENT, Order, refuse_unknown, refuse_what_cannot_wait, submit
from server.storage import results
from server.storage.jobs import NewJob
from server.storage.model_classes import StoredClass
from server.storage.results import Cached
from server.storage.task_values import NewTask

#: Seconds an embeddings request may wait in the queue: long enough for an SDK's retries to find it.
TIME_TO_LIVE = 600
#: Scope of the cache when the operator lets clients share it.
SHARED = "*"


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
    model = find_model(pool, client, request, now)
    hashes = [embedding.text_hash(text) for text in request.inputs]
    cached = _look_up(pool, client, model, hashes) if model else {}
    pool.metrics.count_lookups(len(cached), len(hashes) - len(cached))
    if model is not None and len(cached) == len(hashes):
        limits.count_request(pool, client, now)
        _count_cached(pool, client, capability, cached)
        return Embeddings.from_cache(cached, model.dimensions)
    refuse_what_cannot_wait(pool, capability, only_if_online=only_if_online, trust=client.trust, now=now)
    order = new_order(
        pool, client, request, model, hashes, cached, priority=URGENT if on_the_line else REGULAR, now=now
    )
    submitted = submit(pool, client, order, now)
    if submitted.joined:
        return Collection(submitted.waiter)
    _count_cached(pool, client, capability, cached)
    return Collection(submitted.waiter, len(order.tasks), cached, len(hashes))


def find_model(pool: Pool, client: Client, request: EmbeddingRequest, now: int) -> StoredClass | None:
    """Return the class that a request's vectors are to be of; None while nobody told its class or computed with it.

    Raises ModelNotFound, Forbidden and InvalidRequest.
    """
    capability = embedding_capability(request.model)
    if not allows(client.capabilities, capability):
        raise Forbidden(f"This key may not use the model {request.model}.", param="model")
    model = pool.catalogue.find(request.model)
    if model is None:
        refuse_unknown(pool, request.model, capability, plain=True, trust=client.trust, now=now)
    elif request.dimensions is not None and request.dimensions > model.dimensions:
        raise embedding.dimensions_error(request.dimensions, model.dimensions)
    return model


def new_order(
    pool: Pool,
    client: Client,
    request: EmbeddingRequest,
    model: StoredClass | None,
    hashes: list[bytes],
    cached: dict[int, Cached],
    *,
    priority: int,
    now: int,
) -> Order:
    """Make the job and the tasks of a request; `hashes` are those of its texts, `cached` what is known already."""
    missing = [position for position in range(len(hashes)) if position not in cached]
    return Order(
        job=_new_job(client, request, model, cached, now),
        tasks=_new_tasks(pool, client, request, model, hashes, missing, now),
        priority=priority,
        runs_until=now + TIME_TO_LIVE * 1000,
    )


def _look_up(pool: Pool, client: Client, model: StoredClass, hashes: list[bytes]) -> dict[int, Cached]:
    """Return the cached vectors by their positions in the request."""
    if not pool.settings.cache_mib:
        return {}
    with pool.database.read() as connection:
        known = results.recall(connection, scope=cache_scope(pool, client.id), class_id=model.id, hashes=hashes)
    if not known:
        return {}
    return {position: known[text_hash] for position, text_hash in enumerate(hashes) if text_hash in known}


def _count_cached(pool: Pool, client: Client, capability: str, cached: dict[int, Cached]) -> None:
    if cached:
        tokens = sum(entry.tokens for entry in cached.values())
        pool.cached.add(client.id, capability, texts=len(cached), tokens=tokens)


def cache_scope(pool: Pool, key_id: str) -> str:
    """Return whose cache a key's vectors belong to."""
    return SHARED if pool.settings.cache_shared else key_id


def _new_job(
    client: Client, request: EmbeddingRequest, model: StoredClass | None, cached: dict[int, Cached], now: int
) -> NewJob:
    return NewJob(
        id=ids.new_ulid(now),
        key_id=client.id,
        kind="embedding",
        model=request.model,
        class_id=model.id if model else None,
        fingerprint=embedding.fingerprint(request),
        inputs=len(request.inputs),
        created_at=now,
        expires_at=now + TIME_TO_LIVE * 1000,
        cached_positions=_packed(list(cached)),
        cached_vectors=b"".join(entry.vector for entry in cached.values()),
        cached_tokens=sum(entry.tokens for entry in cached.values()),
    )


def _new_tasks(
    pool: Pool,
    client: Client,
    request: EmbeddingRequest,
    model: StoredClass | None,
    hashes: list[bytes],
    missing: list[int],
    now: int,
) -> list[NewTask]:
    capability = embedding_capability(request.model)
    texts = [request.inputs[position] for position in missing]
    parts = []
    for span in embedding.split(texts, max_texts=_texts_per_task(pool, client, model, capability, now)):
        positions = missing[span.start : span.stop]
        parts.append(
            NewTask(
                id=ids.new_ulid(now),
                capability=capability,
                kind="embedding",
                class_id=model.id if model else None,
                texts=len(positions),
                plain=len(positions) == 1,
                positions=_packed(positions),
                body=orjson.dumps({"texts": texts[span.start : span.stop], "truncate": request.truncate}),
                hashes=b"".join(hashes[position] for position in positions),
            )
        )
    return parts


def _texts_per_task(pool: Pool, client: Client, model: StoredClass | None, capability: str, now: int) -> int:
    """Return how many texts one task may have: a single one where only agents that take no more would do it."""
    unverified = model is None or model.unverified
    one_by_one = unverified and not pool.roster.anyone(capability, now, plain=False, trust=client.trust)
    return 1 if one_by_one else embedding.MAX_TASK_TEXTS


def _packed(positions: list[int]) -> bytes:
    return np.array(positions, dtype="<i4").tobytes()
