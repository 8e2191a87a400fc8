"""Where a task's time went: waiting, on its way to an agent and back, in the engine. Pure functions of its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.storage.task_details import AttemptRecord
from server.storage.task_records import TaskRecord


@dataclass(frozen=True, slots=True)
class Stage:
    """One attempt, and the wait before it; all in milliseconds."""

    #: In the queue, since the task was submitted or the attempt before was over; a rest after a failure included.
    waited: int
    #: From the claim until the agent's word was taken, or until now.
    held: int
    #: Of that, what the engine took, as the agent says; None where it said nothing.
    engine: int | None

    @property
    def overhead(self) -> int | None:
        """Of what the agent held it, all that was not the engine: both ways, and its own work."""
        return None if self.engine is None else self.held - self.engine


@dataclass(frozen=True, slots=True)
class Timings:
    """A task's stages and what they sum up to, in milliseconds."""

    stages: tuple[Stage, ...]
    #: In the queue altogether, also after the last attempt.
    waited: int
    held: int
    engine: int | None
    overhead: int | None
    #: From its submission until its end, or until now.
    total: int


def timings(record: TaskRecord, attempts: Sequence[AttemptRecord], now: int) -> Timings:
    """Return where a task's time went; `attempts` are all of it, oldest first, `now` is in ms since 1970."""
    stages = []
    free_since = record.created_at
    for attempt in attempts:
        ended_at = now if attempt.ended_at is None else attempt.ended_at
        held = max(ended_at - attempt.started_at, 0)
        # An agent's own word: no engine took longer than its agent.
        engine = None if attempt.engine_ms is None else round(min(max(attempt.engine_ms, 0), held))
        stages.append(Stage(max(attempt.started_at - free_since, 0), held, engine))
        free_since = ended_at
    total = max((now if record.finished_at is None else record.finished_at) - record.created_at, 0)
    held = sum(stage.held for stage in stages)
    engines = [stage.engine for stage in stages if stage.engine is not None]
    overheads = [stage.overhead for stage in stages if stage.overhead is not None]
    return Timings(
        tuple(stages),
        waited=max(total - held, 0),
        held=held,
        engine=sum(engines) if engines else None,
        overhead=sum(overheads) if overheads else None,
        total=total,
    )
