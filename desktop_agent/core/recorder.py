"""Shows what the agent does: to whoever draws it, and in the files that `status` and the next start read."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from .data_folder import DataFolder
from .history import Days, History, write_history
from .ran import Ran, TaskEnd, write_ran
from .state import AgentState, StateSnapshot, write_state

log = logging.getLogger(__name__)

#: Seconds between two writings of numbers that nobody waits for; while we do not work, the disk may sleep.
WRITE_SECONDS, WRITE_IDLE_SECONDS = 2.0, 30.0


class Recorder:
    """Publishes snapshots and writes them, with the history, off the event loop."""

    def __init__(
        self, folder: DataFolder, history: History, ran: Ran, publish: Callable[[StateSnapshot], None] | None = None
    ) -> None:
        self._folder = folder
        self._history = history
        self._ran = ran
        self._publish = publish
        self._shown: StateSnapshot | None = None
        self._written: StateSnapshot | None = None
        self._written_at = 0.0
        # One thread: a writing that was overtaken by the agent's end must not come after the last one.
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="disk")

    async def show(self, snapshot: StateSnapshot) -> None:
        """Publish a change at once; write it at once when it is more than numbers, else every few seconds."""
        if snapshot != self._shown and self._publish:
            self._publish(snapshot)
        self._shown = snapshot
        if snapshot == self._written:
            return
        urgent = self._written is None or _weighty(self._written) != _weighty(snapshot)
        pace = WRITE_SECONDS if snapshot.state is AgentState.WORKING else WRITE_IDLE_SECONDS
        if urgent or time.monotonic() >= self._written_at + pace:
            await self._write(snapshot)

    async def end(self, snapshot: StateSnapshot) -> None:
        """Publish and write the last snapshot."""
        if self._publish:
            self._publish(snapshot)
        await self._write(snapshot, at_once=True)
        self._disk.shutdown()

    async def _write(self, snapshot: StateSnapshot, *, at_once: bool = False) -> None:
        self._written, self._written_at = snapshot, time.monotonic()
        snapshot, counts = replace(snapshot, written_at=time.time()), self._history.unsaved()
        ends = self._ran.unsaved(self._written_at, at_once=at_once)
        writing = asyncio.get_running_loop().run_in_executor(self._disk, self._write_files, snapshot, counts, ends)
        # Cancelled, a writing that has not begun would never take place, and what it has is not given a second time.
        await asyncio.shield(writing)

    def _write_files(
        self, snapshot: StateSnapshot, counts: dict[str, Days] | None, ends: tuple[TaskEnd, ...] | None
    ) -> None:
        try:
            write_state(self._folder.state, snapshot)
            if counts is not None:
                write_history(self._folder.history, counts)
            if ends is not None:
                write_ran(self._folder.ran, ends)
        except OSError as error:
            log.warning("The state could not be written: %s", error)


def _weighty(snapshot: StateSnapshot) -> tuple[object, ...]:
    return snapshot.state, snapshot.until, snapshot.remedy, snapshot.engines, snapshot.models, snapshot.loaded
