"""OffloadMQ's tasks: any work for any capability, submitted to be asked for later or waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from server.domain import embedding, ids, retry
from server.domain.capability import allows, kind_of, model_of
from server.domain.chat_worker import fits_worker
from server.domain.embedding import parse_embedding_request
from server.domain.errors import Forbidden, NoWorkersAvailable, ShuttingDown
from server.domain.offload_embedding import embedding_body
from server.services import embeddings
from server.services.answers import SHUTDOWN_RETRY
from server.services.giving_up import give_up
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.submission import (
    NO_AGENT_RETRY,
    REGULAR,
    URGENT,
    Order,
    enqueue,
    refuse_what_cannot_wait,
    submit,
)
from server.services.waiting import Gone, JobWaiter, Woken
from server.storage.jobs import NewJob
from server.storage.task_values import NewTask

#: Seconds that a task may wait for an agent when its client does not say: an urgent one, and a regular one.
URGENT_WAIT, REGULAR_WAIT = 60, 24 * 3600
#: Most seconds that a client's own limit may be: longer ones are cut to it.
LONGEST_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Submission:
    """What an OffloadMQ client wants done."""

    #: As tasks wait under it: without attributes.
    capability: str
    #: Any JSON.
    payload: Any
    urgent: bool
    #: Seconds it may take in all, and seconds it may wait for an agent; None where the client does not say.
    timeout_seconds: int | None
    max_wait_seconds: int | None
    #: What else was sent, for agents that know what to do with it: JSON.
    envelope: Mapping[str, Any]

    @property
    def runner(self) -> str | None:
        """The only agent that may have it, where the payload names one."""
        runner = self.payload.get("runner") if isinstance(self.payload, dict) else None
        return runner if isinstance(runner, str) and runner else None


def submit_regular(pool: Pool, client: Client, wanted: Submission) -> str:
    """Put a task on disk that its client asks for later; returns its id."""
    now = pool.clock.now()
    order = new_order(pool, client, wanted, REGULAR, now)
    refuse_what_cannot_wait(pool, wanted.capability, only_if_online=False, now=now)
    enqueue(pool, client, order, now)
    return order.job.id


def submit_and_wait(pool: Pool, client: Client, wanted: Submission, gone: Gone) -> str:
    """Put a task on disk and wait until it is over; returns its id. A client that hangs up cancels it.

    Raises NoWorkersAvailable when nobody is online who would do it.
    """
    now = pool.clock.now()
    _refuse_without_runner(pool, client, wanted, now)
    order = new_order(pool, client, wanted, URGENT, now)
    refuse_what_cannot_wait(pool, wanted.capability, only_if_online=False, now=now)
    waiter = submit(pool, client, order, now).waiter
    try:
        woken = _wait(pool, waiter, order.runs_until - now, gone)
    finally:
        pool.jobs.leave(waiter)
    if not waiter.over:
        give_up(pool, client.id, order.job.id)
    if woken is Woken.DRAINING and not waiter.over:
        raise ShuttingDown("The server is being restarted. Send it again.", retry_after=SHUTDOWN_RETRY)
    return order.job.id


def _wait(pool: Pool, waiter: JobWaiter, milliseconds: int, gone: Gone) -> Woken:
    """Wait until a job is over; the sweeper, which ends what nobody took in time, may be a little late."""
    seconds = milliseconds / 1000 + retry.RECLAIM_EVERY_SECONDS
    return pool.jobs.wait(waiter, seconds, pool.settings.poll_interval, gone)


def _refuse_without_runner(pool: Pool, client: Client, wanted: Submission, now: int) -> None:
    _refuse_forbidden(client, wanted.capability)
    able = pool.roster.online_for(wanted.capability, now, plain=_is_plain(wanted), trust=client.trust)
    if not able if wanted.runner is None else wanted.runner not in able:
        raise NoWorkersAvailable(f"no online runners for capability {wanted.capability}", retry_after=NO_AGENT_RETRY)


def _refuse_forbidden(client: Client, capability: str) -> None:
    if not allows(client.capabilities, capability):
        raise Forbidden(f"API key invalid: this key may not use {capability}")


def new_order(pool: Pool, client: Client, wanted: Submission, priority: int, now: int) -> Order:
    """Make the job and the tasks of a submission; Forbidden when the key may not use its capability."""
    _refuse_forbidden(client, wanted.capability)
    kind = kind_of(wanted.capability)
    waits_until, runs_until = _deadlines(wanted, kind, now)
    if kind == "embedding":
        order = _embeddings(pool, client, wanted, priority, now)
    else:
        order = _single(client, wanted, kind, priority, now)
    for task in order.tasks:
        task.envelope = orjson.dumps(wanted.envelope).decode()
        task.runner = wanted.runner
    # Two equal submissions are two tasks, each with an id of its own.
    job = replace(order.job, fingerprint=ids.new_fingerprint(), expires_at=waits_until)
    return replace(order, job=job, runs_until=runs_until, joins=False)


def _deadlines(wanted: Submission, kind: str, now: int) -> tuple[int, int]:
    """Return until when a task may wait for an agent, and until when it may take in all (ms since 1970)."""
    usual = URGENT_WAIT if wanted.urgent else REGULAR_WAIT
    wait = usual if wanted.max_wait_seconds is None else min(wanted.max_wait_seconds, LONGEST_SECONDS)
    if wanted.timeout_seconds is None:
        return now + wait * 1000, now + (wait + retry.HARD_CAP_SECONDS[kind]) * 1000
    runs_until = now + min(wanted.timeout_seconds, LONGEST_SECONDS) * 1000
    return min(now + wait * 1000, runs_until), runs_until


def _embeddings(pool: Pool, client: Client, wanted: Submission, priority: int, now: int) -> Order:
    """Make the job of an embeddings request; its answer enters the cache, but is computed anew."""
    body = embedding_body(wanted.payload, model_of(wanted.capability))
    request = parse_embedding_request(body, default_model=None, empty_input=pool.settings.empty_input)
    model = embeddings.find_model(pool, client, request, now)
    hashes = [embedding.text_hash(text) for text in request.inputs]
    return embeddings.new_order(pool, client, request, model, hashes, {}, priority=priority, now=now)


def _single(client: Client, wanted: Submission, kind: str, priority: int, now: int) -> Order:
    # One id for both: agents name the task, clients the job.
    task_id = ids.new_ulid(now)
    job = NewJob(
        id=task_id,
        key_id=client.id,
        kind=kind,
        model=model_of(wanted.capability) if kind == "chat" else wanted.capability,
        class_id=None,
        fingerprint=b"",
        inputs=1,
        created_at=now,
        expires_at=now,
    )
    task = NewTask(
        id=task_id,
        capability=wanted.capability,
        kind=kind,
        class_id=None,
        body=orjson.dumps(wanted.payload),
        plain=_is_plain(wanted),
    )
    return Order(job, [task], priority, runs_until=now)


def _is_plain(wanted: Submission) -> bool:
    """Whether LLMeQueue's worker is able to do all of it."""
    if kind_of(wanted.capability) == "chat" and isinstance(wanted.payload, str | dict):
        return fits_worker(wanted.payload)
    return kind_of(wanted.capability) == "embedding"
