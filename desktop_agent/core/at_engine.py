"""The batches that are at the engines now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from .compute import Computed, compute
from .engines.catalogue import Catalogue
from .wire import Task


@dataclass(slots=True, eq=False)
class _Running:
    task: asyncio.Task[Computed]
    leases: set[str]
    #: Seconds of the monotonic clock.
    started_at: float


class AtEngine:
    """Starts batches, stops them, and gives what became of them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._running: list[_Running] = []

    def __len__(self) -> int:
        return len(self._running)

    @property
    def tasks(self) -> list[asyncio.Task[Computed]]:
        """One for each batch, those that were told to stop included until they have."""
        return [running.task for running in self._running]

    @property
    def first_started_at(self) -> float:
        """When the batch that computes longest was started; needs one (seconds of the monotonic clock)."""
        return self._running[0].started_at

    def start(self, tasks: list[Task], now: float) -> None:
        """Have the tasks computed together, for as long as the most urgent of them may take."""
        seconds = min(task.deadline_seconds for task in tasks)
        computing = asyncio.create_task(compute(self._catalogue, tasks, seconds))
        self._running.append(_Running(computing, {task.lease_id for task in tasks}, now))

    def take_finished(self) -> list[Computed]:
        """Give what became of the batches that ended since the last time; nothing became of stopped ones."""
        ended = [running.task for running in self._running if running.task.done()]
        self._running = [running for running in self._running if not running.task.done()]
        return [task.result() for task in ended if not task.cancelled()]

    def lose(self, leases: Iterable[str]) -> None:
        """Stop the batches that nothing but these leases wanted."""
        lost = set(leases)
        for running in self._running:
            running.leases -= lost
            if not running.leases:
                running.task.cancel()

    def stop(self) -> None:
        """Stop all batches."""
        for running in self._running:
            running.task.cancel()
