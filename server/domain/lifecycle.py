"""The task's life: its statuses and the moves between them.

This is the only state machine. `storage/tasks.py` turns each move into one guarded UPDATE, `docs/architecture.md` draws
it (a test compares the drawing with `MOVES`), and nothing else writes a status.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TaskStatus(StrEnum):
    """Where a task stands."""

    QUEUED = "queued"  # waits for an agent
    LEASED = "leased"  # an agent works on it, until its lease lapses
    COMPLETED = "completed"  # its result is stored
    FAILED = "failed"  # agents failed at it too often, or it cannot be done
    CANCELED = "canceled"  # its client (or an operator) no longer wants it
    EXPIRED = "expired"  # its time to live ran out


class AttemptStatus(StrEnum):
    """How one agent's try at a task stands."""

    LEASED = "leased"  # under way
    COMPLETED = "completed"  # its result was accepted
    FAILED = "failed"  # it reported an error, or its result was refused
    RELEASED = "released"  # the agent gave it back; no penalty
    LOST = "lost"  # its lease lapsed and the task was reclaimed
    CANCELED = "canceled"  # the task was canceled or expired under it


ACTIVE = (TaskStatus.QUEUED, TaskStatus.LEASED)
FINAL = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELED, TaskStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow of the state machine: the verb, where it may start, where it ends, what becomes of the attempt."""

    verb: str
    sources: tuple[TaskStatus, ...]
    target: TaskStatus
    #: Status the current attempt ends in; None where the move begins an attempt or there is none.
    attempt: AttemptStatus | None = None


def claim() -> Move:
    """Queued → leased: an agent takes the task under a new lease."""
    return Move("claim", (TaskStatus.QUEUED,), TaskStatus.LEASED)


def complete() -> Move:
    """Leased → completed: the holder's result is stored."""
    return Move("complete", (TaskStatus.LEASED,), TaskStatus.COMPLETED, AttemptStatus.COMPLETED)


def release() -> Move:
    """Leased → queued: the volunteer came back; nobody is charged."""
    return Move("release", (TaskStatus.LEASED,), TaskStatus.QUEUED, AttemptStatus.RELEASED)


def fail(*, final: bool) -> Move:
    """Leased → queued while attempts are left, else leased → failed."""
    target = TaskStatus.FAILED if final else TaskStatus.QUEUED
    return Move("fail", (TaskStatus.LEASED,), target, AttemptStatus.FAILED)


def reclaim(*, final: bool) -> Move:
    """Leased → queued (or failed, with no attempts left): the lease lapsed."""
    target = TaskStatus.FAILED if final else TaskStatus.QUEUED
    return Move("reclaim", (TaskStatus.LEASED,), target, AttemptStatus.LOST)


def cancel() -> Move:
    """Queued or leased → canceled: nobody wants it any more."""
    return Move("cancel", ACTIVE, TaskStatus.CANCELED, AttemptStatus.CANCELED)


def expire() -> Move:
    """Queued or leased → expired: its time to live ran out."""
    return Move("expire", ACTIVE, TaskStatus.EXPIRED, AttemptStatus.CANCELED)


#: Every arrow; `submit`, which makes a queued task, has no source.
MOVES = (
    claim(),
    complete(),
    release(),
    fail(final=False),
    fail(final=True),
    reclaim(final=False),
    reclaim(final=True),
    cancel(),
    expire(),
)


class JobStatus(StrEnum):
    """How a job stands; derived from its tasks, never stored."""

    PENDING = "pending"  # no task was taken yet
    PROCESSING = "processing"  # at least one task is leased or done, at least one is not done
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"


def job_status(statuses: list[TaskStatus]) -> JobStatus:
    """Derive a job's status from its tasks': one bad end decides, otherwise the least advanced task does.

    A failed task cancels its siblings, so failure is looked for first.
    """
    present = set(statuses)
    for bad in (TaskStatus.FAILED, TaskStatus.EXPIRED, TaskStatus.CANCELED):
        if bad in present:
            return JobStatus(bad.value)
    if present <= {TaskStatus.COMPLETED}:
        return JobStatus.COMPLETED
    if present == {TaskStatus.QUEUED}:
        return JobStatus.PENDING
    return JobStatus.PROCESSING
