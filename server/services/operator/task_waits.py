"""Why a task waits: what stands between it and an agent at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.services.pool import Pool
from server.services.roster import Present
from server.storage.task_records import TaskRecord


class Why(StrEnum):
    """What a task waits for."""

    RESTING = "resting"  # it failed, and rests before the next try
    RUNNER = "runner"  # the only agent that may have it is not there
    NOBODY = "nobody"  # no agent online offers it
    PAUSED = "paused"  # every agent online that offers it is paused
    TRUST = "trust"  # no agent online that offers it is trusted enough for its client
    BUSY = "busy"  # agents work on what is before it


@dataclass(frozen=True, slots=True)
class Wait:
    """How a waiting task stands in the line."""

    why: Why
    #: Tasks that are claimed before it, up to `task_details.COUNTED`.
    ahead: int
    #: Agents online that may have it now.
    agents: int
    #: Until when it rests (ms since 1970).
    until: int | None = None


def wait_of(pool: Pool, record: TaskRecord, ahead: int, now: int) -> Wait:
    """Say why a queued task waits; `ahead` is how many tasks are before it."""
    offering = [present for present in pool.roster.online(now) if _is_able(pool, present, record)]
    working = [present for present in offering if present.agent.paused_at is None]
    trusted = [present for present in working if present.agent.trust >= record.trust]
    if record.not_before > now:
        return Wait(Why.RESTING, ahead, len(trusted), record.not_before)
    if trusted:
        return Wait(Why.BUSY, ahead, len(trusted))
    if record.runner is not None:
        return Wait(Why.RUNNER, ahead, 0)
    if working:
        return Wait(Why.TRUST, ahead, 0)
    return Wait(Why.PAUSED if offering else Why.NOBODY, ahead, 0)


def _is_able(pool: Pool, present: Present, record: TaskRecord) -> bool:
    if record.runner is not None and present.agent.id != record.runner:
        return False
    # An agent that takes any model of a family is given its plain tasks only.
    named = record.capability in present.eligible
    return named or (record.plain and pool.roster.takes(present, record.capability))
