"""Submitting: work that was accepted → tasks in the queue → agents woken."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from server.domain import fairness
from server.domain.capability import model_of
from server.domain.errors import NoWorkersAvailable, QueueFull, ShuttingDown
from server.services.answers import SHUTDOWN_RETRY
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.waiting import JobWaiter
from server.storage import jobs, line, progress, tasks
from server.storage.jobs import NewJob
from server.storage.task_values import NewTask

#: Priority of a task whose client waits on the line, and of one whose client asks again later.
URGENT, REGULAR = 0, 1
#: Seconds after which a client may try again: when the queue is full, and when no agent is online.
QUEUE_FULL_RETRY, NO_AGENT_RETRY = 5, 15


@dataclass(frozen=True, slots=True)
class Order:
    """A job and its tasks, about to be submitted."""

    job: NewJob
    tasks: list[NewTask]
    priority: int
    #: When a task that was claimed expires at the latest (ms since 1970); the job's `expires_at` holds before.
    runs_until: int
    #: Whether it joins an equal job of the client whose answer nobody fetched yet.
    joins: bool = True
    #: Whether its client reads along while the answer is written.
    streams: bool = False


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job that is on disk, and the place of the client that waits for it."""

    waiter: JobWaiter
    #: Whether it is an earlier, equal job.
    joined: bool = False


def refuse_what_cannot_wait(pool: Pool, capability: str, *, only_if_online: bool, now: int) -> None:
    """Raise NoWorkersAvailable where nobody would take the work and its client cannot wait, QueueFull when it is."""
    if only_if_online and not pool.roster.anyone(capability, now):
        raise NoWorkersAvailable(
            f"No agent that offers the model {model_of(capability)} is online now. Try again later.",
            retry_after=NO_AGENT_RETRY,
        )
    if pool.backlog.total >= pool.settings.max_queued_tasks:
        raise QueueFull("The queue is full. Try again later.", retry_after=QUEUE_FULL_RETRY)


def submit(pool: Pool, client: Client, order: Order, now: int) -> Submitted:
    """Put a job on disk and keep a place for the client that waits for it; `pool.jobs.leave` gives the place back."""
    # Waiting begins before the job exists, so that its end cannot be missed.
    waiter = _expect(pool, order.job.id, streams=order.streams)
    try:
        joined = enqueue(pool, client, order, now)
    except BaseException:
        pool.jobs.leave(waiter)
        raise
    if joined is None:
        return Submitted(waiter)
    pool.jobs.leave(waiter)
    return Submitted(_expect(pool, joined), joined=True)


def enqueue(pool: Pool, client: Client, order: Order, now: int) -> str | None:
    """Put a job on disk; nobody waits. Returns the id of the equal job that it joined instead, if there is one."""
    joined = pool.database.write(lambda connection: _insert(connection, client, order, now))
    if joined is None:
        pool.backlog.submitted_since += len(order.tasks)
        pool.agents.wake(order.tasks[0].capability, len(order.tasks))
    return joined


def _expect(pool: Pool, job_id: str, *, streams: bool = False) -> JobWaiter:
    waiter = pool.jobs.expect(job_id, streams=streams)
    if waiter is None and pool.jobs.gate.closed:
        raise ShuttingDown("The server is being restarted. Try again.", retry_after=SHUTDOWN_RETRY)
    if waiter is None:
        raise QueueFull("As many clients wait as this server can hold. Try again later.", retry_after=QUEUE_FULL_RETRY)
    return waiter


def _insert(connection: Connection, client: Client, order: Order, now: int) -> str | None:
    """Write the job and its tasks, unless the client has an equal one whose answer waits: then return that one's id."""
    job = order.job
    place = line.find_place(connection, key_id=client.id, fingerprint=job.fingerprint, now=now)
    if order.joins and place.equal_job is not None:
        return place.equal_job
    turn = fairness.start_tag(place.virtual_time, place.clients_last)
    for part in order.tasks:
        part.turn = turn = fairness.finish_tag(turn, part.texts)
    jobs.submit(connection, job)
    tasks.submit(
        connection,
        order.tasks,
        job_id=job.id,
        key_id=client.id,
        priority=order.priority,
        now=now,
        expires_at=job.expires_at,
        runs_until=order.runs_until,
    )
    for part in order.tasks:
        if part.envelope is not None:
            progress.begin(connection, part.id, now)
    return None
