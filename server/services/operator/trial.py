"""Trying the pool: the operator has texts embedded, or chats, by the same queue and agents as any client."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Connection

from server.domain import embedding, ids
from server.domain.capability import embedding_capability
from server.domain.chat_request import ChatRequest
from server.domain.embedding import EmbeddingRequest, parse_embedding_request
from server.domain.errors import NotFound, PoolError, ShuttingDown
from server.domain.patience import Patience
from server.services import answers, chat_calls, embeddings
from server.services.answers import Collection
from server.services.assembling import Answer, Embeddings, Output
from server.services.giving_up import give_up
from server.services.known_keys import Client
from server.services.operators_client import OPERATORS_KEY, operators_client
from server.services.pool import Pool
from server.services.submission import URGENT, refuse_what_cannot_wait, submit
from server.services.waiting import Gone
from server.storage import agent_records, jobs, task_details
from server.storage.results import Part

#: Seconds that the operator waits for vectors, and for a chat that is not read along.
EMBED_SECONDS, CHAT_SECONDS = 30, 120
#: Of a chat that is read along: it ends when the operator stops it. Refused at once where nobody is online.
READING_ALONG = Patience(CHAT_SECONDS, sdk=True)


@dataclass(frozen=True, slots=True)
class Work:
    """How one task of a try was computed; times are milliseconds."""

    task_id: str
    texts: int
    #: Tokens that the engine counted, read and written.
    tokens: int
    agent_id: str
    agent: str | None
    #: How long it waited for that agent, with what others tried before; then until its result was here.
    waited: int
    took: int
    #: Of that, the time at the engine; None where the agent does not say.
    engine: float | None
    #: Which try it was that succeeded.
    tries: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts that were embedded."""

    model: str
    #: Empty for the unverified class.
    digest: str
    dimensions: int
    #: From -1 to 1; equal texts have 1.
    cosine: float
    #: From the request to its answer (ms).
    whole: int
    work: list[Work]


@dataclass(frozen=True, slots=True)
class Reply:
    """A chat's whole answer."""

    text: str
    work: list[Work]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer."""

    message: str


def compare(pool: Pool, model: str, texts: tuple[str, str], gone: Gone) -> Comparison | Trouble:
    """Embed two texts and compare their vectors; says what went wrong where it did.

    The cache is neither asked nor filled: what is tried is whether agents compute. An operator who goes away cancels
    it.
    """
    began = pool.clock.now()
    try:
        request = parse_embedding_request({"model": model, "input": list(texts)}, default_model=None)
        client = operators_client(pool, began)
        collection = _submit(pool, client, request, began)
        answer = _collect(pool, client, collection, EMBED_SECONDS, gone)
    except PoolError as error:
        return _trouble(error)
    if not isinstance(answer, Embeddings):
        return _too_late(pool, collection.waiter.job_id, EMBED_SECONDS)
    stored = pool.catalogue.find(model)
    return Comparison(
        model=model,
        digest=stored.digest if stored else "",
        dimensions=answer.vectors.shape[1],
        cosine=cosine(answer.vectors[0], answer.vectors[1]),
        whole=pool.clock.now() - began,
        work=work_of(pool, collection.waiter.job_id),
    )


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the cosine of the angle between two vectors, which are not zero."""
    left, right = one.astype(np.float64), other.astype(np.float64)
    value = float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))
    # Rounding may lead a little beyond.
    return max(-1.0, min(1.0, value))


def chat(pool: Pool, request: ChatRequest, gone: Gone) -> Reply | Trouble:
    """Have a chat answered whole; says what went wrong where it did. An operator who goes away cancels it."""
    try:
        client = operators_client(pool, pool.clock.now())
        collection = chat_calls.begin(pool, client, request, READING_ALONG, is_retry=False)
        answer = _collect(pool, client, collection, CHAT_SECONDS, gone)
    except PoolError as error:
        return _trouble(error)
    if not isinstance(answer, Output):
        return _too_late(pool, collection.waiter.job_id, CHAT_SECONDS)
    return Reply(str(orjson.loads(answer.body)["message"]["content"]), work_of(pool, collection.waiter.job_id))


def work_of(pool: Pool, job_id: str) -> list[Work]:
    """Say how a try's tasks were computed, those that were; NotFound for a job that is no try of the operator."""
    with pool.database.read() as connection:
        if jobs.find(connection, job_id=job_id, key_id=OPERATORS_KEY) is None:
            raise NotFound(f"There is no try {job_id[:64]}.")
        tasks = [(task, task.part) for task in jobs.outcomes(connection, job_id)]
        return [_work(connection, job_id, task.id, part) for task, part in tasks if part is not None]


def _work(connection: Connection, job_id: str, task_id: str, part: Part) -> Work:
    attempts = task_details.attempts(connection, task_id)
    # A task is over with the attempt that completed it.
    last = attempts[-1]
    agent = agent_records.find(connection, last.agent_id)
    return Work(
        task_id=task_id,
        texts=len(part.positions) // 4,
        tokens=part.tokens,
        agent_id=last.agent_id,
        agent=agent.display_name if agent else None,
        waited=last.started_at - ids.time_of(job_id),
        took=(last.ended_at or last.started_at) - last.started_at,
        engine=last.engine_ms,
        tries=len(attempts),
    )


def _submit(pool: Pool, client: Client, request: EmbeddingRequest, now: int) -> Collection:
    """Queue a job that nobody joins and that leaves nothing in the cache. Raises as submitting does."""
    model = embeddings.find_model(pool, client, request, now)
    capability = embedding_capability(request.model)
    refuse_what_cannot_wait(pool, capability, only_if_online=True, trust=client.trust, now=now)
    hashes = [embedding.text_hash(text) for text in request.inputs]
    order = embeddings.new_order(pool, client, request, model, hashes, {}, priority=URGENT, now=now)
    for task in order.tasks:
        # What has no hashes is not cached.
        task.hashes = b""
    job = replace(order.job, fingerprint=ids.new_fingerprint())
    submitted = submit(pool, client, replace(order, job=job, joins=False), now)
    return Collection(submitted.waiter, len(order.tasks), {}, len(hashes))


def _collect(pool: Pool, client: Client, collection: Collection, seconds: float, gone: Gone) -> Answer | None:
    """Wait for an answer; one that did not come in time is wanted no more."""
    try:
        return answers.collect(pool, client, collection, seconds, gone)
    finally:
        if not collection.waiter.over:
            give_up(pool, client.id, collection.waiter.job_id)


def _trouble(error: PoolError) -> Trouble:
    """Say what went wrong. Unlike a client's work, a try does not go on when the server is back."""
    if isinstance(error, ShuttingDown):
        return Trouble("The server is being restarted. Try again in a moment.")
    return Trouble(error.message)


def _too_late(pool: Pool, job_id: str, seconds: int) -> Trouble:
    """Say how far a try had come when its time was over."""
    with pool.database.read() as connection:
        tasks = jobs.outcomes(connection, job_id)
        tried = any(task_details.attempts(connection, task.id) for task in tasks)
    if tried:
        return Trouble(f"An agent took it, but sent no answer within {seconds} seconds. It was canceled.")
    return Trouble(f"No agent took it within {seconds} seconds. It was canceled.")
