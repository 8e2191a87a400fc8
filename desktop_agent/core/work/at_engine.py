"""What is at the engines now: batches of texts, and a chat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..engines.catalogue import Catalogue
from ..pool.wire import AnyTask, ChatTask, Task
from .compute import Computed, compute, compute_chat
from .progress import Progress

#: Batches in hand: one computing, one waiting at the engine.
MAX_BATCHES = 2


@dataclass(frozen=True, slots=True)
class Chatting:
    """A chat that is being answered."""

    model: str
    #: Seconds of the monotonic clock.
    started_at: float


@dataclass(slots=True, eq=False)
class _Running:
    task: asyncio.Task[Computed]
    leases: set[str]
    #: Seconds of the monotonic clock.
    started_at: float
    chat: Chatting | None = None


class AtEngine:
    """Starts batches and chats, stops them, and gives what became of them."""

    def __init__(self, catalogue: Catalogue, progress: Progress, began: Callable[[], None]) -> None:
        """`began` hears whenever something is started."""
        self._began = began
        self._catalogue = catalogue
        self._progress = progress
        self._running: list[_Running] = []

    def __len__(self) -> int:
        return len(self._running)

    @property
    def is_full(self) -> bool:
        """Whether no more work is wanted. Beside a chat none is: another idle PC would do it sooner."""
        return len(self._running) >= MAX_BATCHES or self.chat is not None

    @property
    def chat(self) -> Chatting | None:
        """The chat that is answered now."""
        return next((running.chat for running in self._running if running.chat), None)

    @property
    def tasks(self) -> list[asyncio.Task[Computed]]:
        """One for each batch and chat, those that were told to stop included until they have."""
        return [running.task for running in self._running]

    @property
    def first_started_at(self) -> float:
        """When that was started which computes longest; needs one (seconds of the monotonic clock)."""
        return self._running[0].started_at

    def start(self, tasks: Iterable[AnyTask], now: float) -> None:
        """Have texts computed together, for as long as the most urgent of them may take, and a chat by itself."""
        batch: list[Task] = []
        for task in tasks:
            if isinstance(task, ChatTask):
                chat = Chatting(task.model, now)
                answering = asyncio.create_task(self._answer(task))
                self._running.append(_Running(answering, {task.lease_id}, now, chat))
            else:
                batch.append(task)
        if batch:
            seconds = min(task.deadline_seconds for task in batch)
            computing = asyncio.create_task(compute(self._catalogue, batch, seconds))
            self._running.append(_Running(computing, {task.lease_id for task in batch}, now))
        self._began()

    def take_finished(self) -> list[Computed]:
        """Give what became of those that ended since the last time; nothing became of stopped ones."""
        ended = [running.task for running in self._running if running.task.done()]
        self._running = [running for running in self._running if not running.task.done()]
        return [task.result() for task in ended if not task.cancelled()]

    def lose(self, leases: Iterable[str]) -> None:
        """Stop what nothing but these leases wanted."""
        lost = set(leases)
        for running in self._running:
            running.leases -= lost
            if not running.leases:
                running.task.cancel()

    def stop(self) -> None:
        """Stop everything."""
        for running in self._running:
            running.task.cancel()

    async def _answer(self, task: ChatTask) -> Computed:
        with self._progress.of(task.lease_id, streams=task.request.streams) as heard:
            return await compute_chat(self._catalogue, task, task.deadline_seconds, heard)
