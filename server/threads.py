"""waitress's threads, chosen so that the one that worked last works next.

waitress itself starts all its threads at once and lets them take turns: with a thousand of them, every request meets
one whose memory has gone cold, at two to three times the processor time. Here threads are started as they are needed,
and the idle ones form a stack.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import Protocol

log = logging.getLogger(__name__)


class Task(Protocol):
    """What waitress hands over: a connection with a request to serve."""

    def service(self) -> None:
        """Serve it."""

    def cancel(self) -> None:
        """Give it up."""


class _Worker(threading.Thread):
    """One thread: serves what it is handed, then looks for more, then rests on the stack."""

    def __init__(self, dispatcher: WarmDispatcher, number: int) -> None:
        super().__init__(name=f"request-{number}", daemon=True)
        self._dispatcher = dispatcher
        self._handed: Task | None = None
        #: Held while the worker rests.
        self._rest = threading.Lock()
        self._rest.acquire()

    def hand(self, task: Task | None) -> None:
        """Wake the worker with a task, or with None to end it."""
        self._handed = task
        self._rest.release()

    def run(self) -> None:
        """Serve until told to end."""
        while True:
            self._rest.acquire()
            task = self._handed
            if task is None:
                return
            while task is not None:
                try:
                    task.service()
                except BaseException:
                    log.exception("serving a connection failed")
                task = self._dispatcher.next_for(self)


class WarmDispatcher:
    """Stands in for waitress's `ThreadedTaskDispatcher`: the same three methods, with at most `limit` threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._started = 0
        self._idle: list[_Worker] = []
        self._waiting: deque[Task] = deque()
        self._closed = False
        self._lock = threading.Lock()

    @property
    def busy(self) -> int:
        """How many connections are served or wait to be."""
        with self._lock:
            return self._started - len(self._idle) + len(self._waiting)

    def add_task(self, task: Task) -> None:
        """Serve a task with the thread that rested last, a new one, or, when all are busy, the first to be free."""
        with self._lock:
            if self._idle:
                worker = self._idle.pop()
            elif self._started < self._limit and not self._closed:
                self._started += 1
                worker = _Worker(self, self._started)
                worker.start()
            else:
                self._waiting.append(task)
                return
        worker.hand(task)

    def next_for(self, worker: _Worker) -> Task | None:
        """Return a task that waits, or let the worker rest."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if self._closed:
                worker.hand(None)
            else:
                self._idle.append(worker)
            return None

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """End the threads as they fall idle; waitress calls this when its loop ends."""
        del timeout  # Nobody waits here for threads: they are told to end, and hold nothing that outlives them.
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            pending, self._waiting = self._waiting, deque()
        for worker in idle:
            worker.hand(None)
        for task in pending if cancel_pending else ():
            task.cancel()
        return True
