"""Running again: a failed task, whose content is still kept, becomes a new task of its client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from server.domain import fairness, ids
from server.domain.capability import model_of
from server.domain.errors import Conflict, NotFound, PoolError, QueueFull
from server.services.pool import Pool
from server.services.submission import QUEUE_FULL_RETRY, REGULAR
from server.storage import (
    events,
    jobs,
    kept_tasks,
    keys,
    line,
    model_classes,
    progress,
    results,
    task_details,
    task_records,
    tasks,
)
from server.storage.jobs import NewJob
from server.storage.kept_tasks import KeptTask
from server.storage.task_values import NewTask


def run_again(pool: Pool, task_id: str, now: int) -> str:
    """Queue a failed task anew, for its client, and return the new task's id; the failed one stays as it is.

    Of a job that was split, only this task's texts are computed: their vectors enter the cache, where the client's next
    request finds them. The client's limits are not asked, but what the work takes is counted.

    Raises NotFound, Conflict when it did not fail, its content is gone or its client may not ask any more, QueueFull.
    """
    made = run_some_again(pool, [task_id], now, noted_together=False)[task_id]
    if isinstance(made, PoolError):
        raise made
    return made


def run_some_again(
    pool: Pool, task_ids: Sequence[str], now: int, *, noted_together: bool
) -> dict[str, str | PoolError]:
    """Queue failed tasks anew in one transaction, as `run_again` does; one that cannot does not keep the others.

    Returns the id of each new task, or why there is none. Unless what is done is noted together, each is an event.
    """
    wanted = list(dict.fromkeys(task_ids))
    room = sum(pool.backlog.take_room(1, pool.settings.max_queued_tasks) for _ in wanted)

    def queue(connection: Connection) -> dict[str, NewTask | PoolError]:
        return {one: _run_again(connection, one, now, noted=not noted_together) for one in wanted[:room]}

    try:
        made = pool.database.write(queue)
    except BaseException:
        pool.backlog.leave_room(room)
        raise
    queued = [one for one in made.values() if isinstance(one, NewTask)]
    pool.backlog.use_room(len(queued))
    pool.backlog.leave_room(room - len(queued))
    for task in queued:
        pool.agents.wake(task.capability, trust=task.trust)
    full = QueueFull("The queue is full. Try again later.", retry_after=QUEUE_FULL_RETRY)
    ids_made = {one: task.id if isinstance(task, NewTask) else task for one, task in made.items()}
    return {**ids_made, **dict.fromkeys(wanted[room:], full)}


def _run_again(connection: Connection, task_id: str, now: int, *, noted: bool) -> NewTask | PoolError:
    kept = kept_tasks.find(connection, task_id)
    # Told rather than raised: an operation that raises makes the writer do its whole batch again.
    refusal = _gone(connection, task_id) if kept is None else _refusal(connection, kept, now)
    if kept is None or refusal is not None:
        return refusal or NotFound("")
    task = _queue(connection, kept, now)
    # It is in the new task now; and a task is run again once.
    results.drop_payload(connection, kept.id)
    # So that the client's next try joins the new job.
    jobs.mark_fetched(connection, [kept.job_id], now)
    if noted:
        said: dict[str, object] = {"task": task.id}
        events.record(connection, actor=events.OPERATOR, verb="task.rerun", subject=kept.id, now=now, detail=said)
    return task


def _queue(connection: Connection, kept: KeptTask, now: int) -> NewTask:
    job = _new_job(connection, kept, now)
    place = line.find_place(connection, key_id=kept.key_id, fingerprint=job.fingerprint, now=now)
    start = fairness.start_tag(place.virtual_time, place.clients_last)
    # What its client was promised when it asked still holds, though its key may ask for less by now.
    trust = max(kept.trust, place.trust)
    task = replace(_new_task(kept, job, now), turn=fairness.finish_tag(start, kept.texts), trust=trust)
    jobs.submit(connection, job)
    tasks.submit(
        connection,
        [task],
        job_id=job.id,
        key_id=kept.key_id,
        priority=REGULAR,
        now=now,
        expires_at=job.expires_at,
        runs_until=now + kept.runs_ms,
    )
    if kept.envelope is not None:
        progress.begin(connection, task.id, now)
    return task


def _gone(connection: Connection, task_id: str) -> PoolError:
    """Say why there is nothing to run again."""
    record = task_records.find(connection, task_id)
    if record is None:
        return NotFound(f"There is no task {task_id[:64]}.")
    if record.status != "failed":
        return Conflict(f"Only a failed task can be run again; this one is {record.status}.", code="not_failed")
    again = task_details.retried_as(connection, task_id)
    if again is not None:
        return Conflict(f"This task was run again already, as {again}.", code="run_already")
    return Conflict(
        "What this task asked was deleted: it is kept for KEEP_FAILED_MINUTES after it failed.", code="content_deleted"
    )


def _refusal(connection: Connection, kept: KeptTask, now: int) -> PoolError | None:
    key = keys.find(connection, kept.key_id)
    if key is None or key.revoked_at is not None or key.disabled or (key.expires_at or now + 1) <= now:
        return Conflict("The client key that asked this is revoked, disabled or has expired.", code="key_revoked")
    return None


def _new_job(connection: Connection, kept: KeptTask, now: int) -> NewJob:
    """Make a job like the failed one; or, where it had other parts, one of this task's texts alone."""
    of_pool = None
    if kept.kind == "embedding":
        of_pool = model_classes.of_pool(connection, "embedding", model_of(kept.capability))
    class_id = of_pool.id if of_pool else None
    whole = NewJob(
        id=ids.new_ulid(now),
        key_id=kept.key_id,
        kind=kept.kind,
        model=kept.model,
        class_id=class_id,
        fingerprint=kept.fingerprint,
        inputs=kept.inputs,
        created_at=now,
        expires_at=now + kept.waits_ms,
        cached_positions=kept.cached_positions,
        cached_vectors=kept.cached_vectors,
        cached_tokens=kept.cached_tokens,
    )
    # Vectors that the cache had of another class must not be mixed with new ones.
    if kept.job_tasks == 1 and (not kept.cached_positions or class_id == kept.class_id):
        return whole
    alone = ids.new_fingerprint()
    return replace(
        whole, fingerprint=alone, inputs=kept.texts, cached_positions=b"", cached_vectors=b"", cached_tokens=0
    )


def _new_task(kept: KeptTask, job: NewJob, now: int) -> NewTask:
    whole = job.fingerprint == kept.fingerprint
    return NewTask(
        id=ids.new_ulid(now),
        capability=kept.capability,
        kind=kept.kind,
        class_id=job.class_id,
        body=kept.body,
        texts=kept.texts,
        positions=kept.positions if whole else np.arange(kept.texts, dtype="<i4").tobytes(),
        hashes=kept.hashes,
        envelope=kept.envelope,
        plain=kept.plain,
        runner=kept.runner,
        retry_of=kept.id,
    )
