"""How clients wait for their jobs, and what they share with agents that wait. Nobody polls the database.

Clients wait on the `JobBoard`, where results are also handed over, so that the usual answer is never read back from
disk. Agents wait on the `AgentBoard` (`agent_board.py`). Both bound how many may wait.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from server.domain.chat_output import MAX_OUTPUT_BYTES
from server.storage.results import Part

#: Asks whether the waiting party has closed its connection.
Gone = Callable[[], bool]


class Woken(Enum):
    """Why a wait ended."""

    WORK = "work"  # there may be something to do
    TIMEOUT = "timeout"  # the time is over
    GONE = "gone"  # the waiting party hung up
    DRAINING = "draining"  # the server is going down


class Gate:
    """Counts who waits, up to a limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.in_use = 0
        self.closed = False
        self._lock = threading.Lock()

    def enter(self) -> bool:
        """Take a place; False when all are taken or the gate is closed."""
        with self._lock:
            if self.closed or self.in_use >= self.limit:
                return False
            self.in_use += 1
            return True

    def leave(self) -> None:
        """Give the place back."""
        with self._lock:
            self.in_use -= 1

    def close(self) -> None:
        """Let nobody in any more."""
        with self._lock:
            self.closed = True


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a chat's answer, on its way to the client that reads along."""

    content: str
    thinking: str


@dataclass(eq=False, slots=True)
class JobWaiter:
    """A client that waits for a job, and the parts of the answer that arrived meanwhile."""

    job_id: str
    #: Whether it reads along while the answer is written.
    streams: bool = False
    parts: dict[str, Part] = field(default_factory=dict)
    chunks: deque[Chunk] = field(default_factory=deque)
    #: Characters that it is still handed while the answer is written; no answer that is accepted has more.
    room: int = MAX_OUTPUT_BYTES
    #: Whether it was handed the beginning of an answer, or is about to be.
    shown: bool = False
    #: Nothing more will come.
    over: bool = False
    event: threading.Event = field(default_factory=threading.Event)


class JobBoard:
    """The clients that wait for their jobs."""

    def __init__(self, limit: int) -> None:
        self.gate = Gate(limit)
        self._lock = threading.Lock()
        self._waiters: dict[str, list[JobWaiter]] = {}

    def expect(self, job_id: str, *, streams: bool = False) -> JobWaiter | None:
        """Begin to collect what comes of a job; None when the server holds as many as it can, or is going down."""
        if not self.gate.enter():
            return None
        waiter = JobWaiter(job_id, streams)
        with self._lock:
            self._waiters.setdefault(job_id, []).append(waiter)
        return waiter

    def leave(self, waiter: JobWaiter) -> None:
        """Stop waiting."""
        with self._lock:
            others = self._waiters[waiter.job_id]
            others.remove(waiter)
            if not others:
                del self._waiters[waiter.job_id]
        self.gate.leave()

    def wait(self, waiter: JobWaiter, seconds: float, look_every: float, gone: Gone) -> Woken:
        """Wait until the job is over; `look_every` seconds it is checked that the client is still connected."""
        return wait_for(waiter.event, seconds, look_every, gone, self.gate)

    def deliver(self, job_id: str, part: Part) -> None:
        """Hand a task's result to whoever waits for its job."""
        with self._lock:
            for waiter in self._waiters.get(job_id, ()):
                waiter.parts[part.task_id] = part

    def mark_shown(self, job_id: str) -> None:
        """Note that whoever reads along is about to be handed a piece of the answer."""
        with self._lock:
            for waiter in self._waiters.get(job_id, ()):
                waiter.shown = waiter.streams

    def show(self, job_id: str, chunk: Chunk) -> None:
        """Hand a piece of the answer to whoever reads along."""
        with self._lock:
            for waiter in self._waiters.get(job_id, ()):
                if waiter.streams and waiter.room > 0:
                    waiter.room -= len(chunk.content) + len(chunk.thinking)
                    waiter.chunks.append(chunk)
                    waiter.event.set()

    def has_shown(self, job_id: str) -> bool:
        """Whether somebody who still waits has been handed the beginning of a job's answer."""
        with self._lock:
            return any(waiter.shown for waiter in self._waiters.get(job_id, ()))

    def finish(self, job_id: str) -> None:
        """Wake whoever waits for a job, because nothing more will come of it."""
        with self._lock:
            for waiter in self._waiters.get(job_id, ()):
                waiter.over = True
                waiter.event.set()

    def anyone(self, job_id: str) -> bool:
        """Whether anybody waits for a job."""
        with self._lock:
            return job_id in self._waiters

    def drain(self) -> None:
        """Wake everybody, because the server is going down."""
        self.gate.close()
        with self._lock:
            for waiters in self._waiters.values():
                for waiter in waiters:
                    waiter.event.set()


def wait_for(event: threading.Event, seconds: float, look_every: float, gone: Gone, gate: Gate) -> Woken:
    """Wait for an event; every `look_every` seconds it is checked that the waiting party is still connected."""
    left = seconds
    while left > 0:
        slice_ = min(left, look_every)
        woken = event.wait(slice_)
        if gate.closed:
            return Woken.DRAINING
        if woken:
            return Woken.WORK
        if gone():
            return Woken.GONE
        left -= slice_
    return Woken.TIMEOUT
