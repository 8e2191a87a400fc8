"""The backup that is being made, if one is, and how the last one ended: in memory only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from server.domain.errors import Conflict


@dataclass(frozen=True, slots=True)
class Progress:
    """A backup that is being made."""

    name: str
    #: Milliseconds since 1970.
    started_at: int
    #: Bytes that the copy has, and about how many it will have.
    done: int
    expected: int
    #: Whether it is written, and being read through.
    checking: bool = False

    @property
    def share(self) -> float:
        """How much of it is written, from 0 to 1."""
        return min(1.0, self.done / self.expected) if self.expected else 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a backup ended."""

    name: str
    #: Milliseconds since 1970.
    ended_at: int
    #: Bytes; 0 when there is none.
    size: int
    #: Why there is none, as a sentence; empty when all went well.
    problem: str = ""


class BackupDesk:
    """Lets one backup be made at a time, in a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._last: Outcome | None = None
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._idle = threading.Event()
        self._idle.set()

    @property
    def progress(self) -> Progress | None:
        """The backup that is being made."""
        return self._progress

    @property
    def last(self) -> Outcome | None:
        """How the last one ended since the server started."""
        return self._last

    @property
    def stopped(self) -> bool:
        """Whether the server is being stopped: what is being made is given up."""
        return self._stopped.is_set()

    def begin(self, progress: Progress, make: Callable[[], Outcome]) -> None:
        """Make a backup in a thread; Conflict when one is being made, or the server is being stopped."""
        with self._lock:
            if self._progress is not None or self.stopped:
                raise Conflict("A backup is being made already. Wait until it is done.")
            self._progress = progress
            self._idle.clear()
            self._thread = threading.Thread(target=self._run, args=(make,), name="backup", daemon=True)
            self._thread.start()

    def _run(self, make: Callable[[], Outcome]) -> None:
        try:
            self._last = make()
        finally:
            self._progress = None
            self._idle.set()

    def note(self, done: int, *, checking: bool = False) -> None:
        """Note how far the one that is being made has come (bytes)."""
        if self._progress is not None:
            self._progress = replace(self._progress, done=done, checking=checking)

    def wait(self, seconds: float) -> None:
        """Wait until none is being made, but no longer."""
        self._idle.wait(seconds)

    def stop(self) -> None:
        """Give up what is being made, and let nothing more be begun."""
        with self._lock:
            self._stopped.set()
            thread = self._thread
        if thread is not None:
            thread.join()
