"""Running again: a failed task, whose content is still kept, becomes a new task of its client."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from server.domain import fairness, ids
from server.domain.capability import model_of
from server.domain.errors import Conflict, NotFound, PoolError, QueueFull
from server.services.pool import Pool
from server.services.submission import QUEUE_FULL_RETRY, REGULAR
from server.storage import events, jobs, kept_tasks, keys, line, model_classes, progress, results, task_records, tasks
from server.storage.jobs import NewJob
from server.storage.kept_tasks import KeptTask
from server.storage.task_values import NewTask


def run_again(pool: Pool, task_id: str, now: int) -> str:
    """Queue a failed task anew, for its client, and return the new task's id; the failed one stays as it is.

    Of a job that was split, only this task's texts are computed: their vectors enter the cache, where the client's next
    request finds them. The client's limits are not asked, but what the work takes is counted.

    Raises NotFound, Conflict when it did not fail, its content is gone or its client may not ask any more, QueueFull.
    """
    if not pool.backlog.take_room(1, pool.settings.max_queued_tasks):
        raise QueueFull("The queue is full. Try again later.", retry_after=QUEUE_FULL_RETRY)
    try:
        made = pool.database.write(lambda connection: _run_again(connection, task_id, now))
    except BaseException:
        pool.backlog.leave_room(1)
        raise
    if isinstance(made, PoolError):
        pool.backlog.leave_room(1)
        raise made
    pool.backlog.use_room(1)
    pool.agents.wake(made.capability)
    return made.id


def _run_again(connection: Connection, task_id: str, now: int) -> NewTask | PoolError:
    kept = kept_tasks.find(connection, task_id)
    # Told rather than raised: an operation that raises makes the writer do its whole batch again.
    refusal = _gone(connection, task_id) if kept is None else _refusal(connection, kept, now)
    if kept is None or refusal is not None:
        return refusal or NotFound("")
    job = _new_job(connection, kept, now)
    place = line.find_place(connection, key_id=kept.key_id, fingerprint=job.fingerprint, now=now)
    start = fairness.start_tag(place.virtual_time, place.clients_last)
    task = replace(_new_task(kept, job, now), turn=fairness.finish_tag(start, kept.texts))
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
    # It is in the new task now; and a task is run again once.
    results.drop_payload(connection, kept.id)
    # So that the client's next try joins the new job.
    jobs.mark_fetched(connection, [kept.job_id], now)
    events.record(
        connection, actor=events.OPERATOR, verb="task.rerun", subject=kept.id, now=now, detail={"task": task.id}
    )
    return task


def _gone(connection: Connection, task_id: str) -> PoolError:
    """Say why there is nothing to run again."""
    record = task_records.find(connection, task_id)
    if record is None:
        return NotFound(f"There is no task {task_id[:64]}.")
    if record.status != "failed":
        return Conflict(f"Only a failed task can be run again; this one is {record.status}.")
    again = task_records.retried_as(connection, task_id)
    if again is not None:
        return Conflict(f"This task was run again already, as {again}.")
    return Conflict("What this task asked was deleted: it is kept for KEEP_FAILED_MINUTES after it failed.")


def _refusal(connection: Connection, kept: KeptTask, now: int) -> PoolError | None:
    key = keys.find(connection, kept.key_id)
    if key is None or key.revoked_at is not None or key.disabled or (key.expires_at or now + 1) <= now:
        return Conflict("The client key that asked this is revoked, disabled or has expired.")
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
