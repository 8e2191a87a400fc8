"""Submitting: work that was accepted → tasks in the queue → agents woken."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from server.domain import fairness
from server.domain.capability import model_of
from server.domain.errors import ModelNotFound, NoWorkersAvailable, PoolError, QueueFull, ShuttingDown
from server.domain.trust import Trust
from server.services import limits
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


def refuse_unknown(
    pool: Pool, model: str, capability: str, *, plain: bool, trust: int = Trust.PUBLIC, now: int
) -> None:
    """Raise ModelNotFound where nobody ever offered the model, and nobody is online who would try any.

    Args:
        pool: the running pool.
        model: as the client named it.
        capability: what it takes to run it.
        plain: whether the work is such that an agent which takes any model is able to do it.
        trust: least trust that an agent needs to have it.
        now: the time.
    """
    if not pool.catalogue.knows(capability) and not pool.roster.anyone(capability, now, plain=plain, trust=trust):
        raise ModelNotFound(
            f"The model `{model}` does not exist or you do not have access to it{_of_another_kind(pool, model)}. "
            "GET /v1/models lists the models of this pool.",
            param="model",
        )


def _of_another_kind(pool: Pool, model: str) -> str:
    """Say so where the pool has the model, but for other work."""
    if pool.catalogue.find(model, "chat"):
        return " for embeddings: it is a chat model (POST /v1/chat/completions)"
    if pool.catalogue.find(model):
        return " for chats: it is an embedding model (POST /v1/embeddings)"
    return ""


def refuse_what_cannot_wait(
    pool: Pool, capability: str, *, only_if_online: bool, plain: bool = True, trust: int = Trust.PUBLIC, now: int
) -> None:
    """Raise NoWorkersAvailable where nobody would take the work and its client cannot wait, QueueFull when it is.

    `trust` is the least that an agent needs to have the work.
    """
    if only_if_online and not pool.roster.anyone(capability, now, plain=plain, trust=trust):
        trusted = " and that this key's texts may go to" if trust > Trust.PUBLIC else ""
        raise NoWorkersAvailable(
            f"No agent that offers the model {model_of(capability)}{trusted} is online now. Try again later.",
            retry_after=NO_AGENT_RETRY,
        )
    if not _has_room(pool, 1, now):
        raise _queue_full()


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
    """Put a job on disk; nobody waits. Returns the id of the equal job that it joined instead, if there is one.

    Raises QueueFull, and RateLimited when it is more than the client's limits leave.
    """
    count = len(order.tasks)
    if not (_has_room(pool, count, now) and pool.backlog.take_room(count, pool.settings.max_queued_tasks)):
        raise _queue_full()
    try:
        stands = pool.database.write(lambda connection: _insert(connection, client, order, now))
    except BaseException:
        pool.backlog.leave_room(count)
        raise
    if stands is None:
        pool.backlog.use_room(count)
        pool.agents.wake(order.tasks[0].capability, count, trust=order.tasks[0].trust)
        return None
    pool.backlog.leave_room(count)
    if isinstance(stands, PoolError):
        raise stands
    return stands


def _has_room(pool: Pool, tasks: int, now: int) -> bool:
    """Whether so many more tasks may wait; counts anew before it says no, because agents may have taken some."""
    most = pool.settings.max_queued_tasks
    if pool.backlog.total + tasks > most and pool.backlog.is_stale(now):
        pool.backlog.recount(lambda: count_waiting(pool), now)
    return pool.backlog.total + tasks <= most


def count_waiting(pool: Pool) -> dict[str, int]:
    """Count the tasks that wait, by capability."""
    with pool.database.read() as connection:
        return line.waiting_by_capability(connection)


def _queue_full() -> QueueFull:
    return QueueFull("The queue is full. Try again later.", retry_after=QUEUE_FULL_RETRY)


def _expect(pool: Pool, job_id: str, *, streams: bool = False) -> JobWaiter:
    waiter = pool.jobs.expect(job_id, streams=streams)
    if waiter is None and pool.jobs.gate.closed:
        raise ShuttingDown("The server is being restarted. Try again.", retry_after=SHUTDOWN_RETRY)
    if waiter is None:
        raise QueueFull("As many clients wait as this server can hold. Try again later.", retry_after=QUEUE_FULL_RETRY)
    return waiter


def _insert(connection: Connection, client: Client, order: Order, now: int) -> str | PoolError | None:
    """Write the job and its tasks.

    Unless the client has an equal one whose answer waits: then return that one's id. Or its limits do not leave room
    for it: then return the refusal.
    """
    job = order.job
    place = line.find_place(connection, key_id=client.id, fingerprint=job.fingerprint, now=now)
    if order.joins and place.equal_job is not None:
        return limits.admit_request(connection, client, now) or place.equal_job
    refusal = limits.admit_work(connection, client, order.tasks, now)
    if refusal is not None:
        return refusal
    turn = fairness.start_tag(place.virtual_time, place.clients_last)
    for part in order.tasks:
        part.turn = turn = fairness.finish_tag(turn, part.texts)
        # Not what the key said when it was recognised: the operator may have changed it since.
        part.trust = place.trust
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
