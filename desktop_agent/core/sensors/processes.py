"""Which programs run, and which of them are our engine; looked at now and then for all sensors together."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import psutil

#: Seconds for which a look at all programs is good enough.
GOOD_FOR_SECONDS = 5.0
#: Seconds after a look before an unknown process is worth another one.
AGAIN_AFTER_SECONDS = 1.0

#: Ollama's own programs, in lower case and without .exe: the server, its tray app, and what computes for it.
OLLAMA = frozenset({"ollama", "ollama app", "ollama_llama_server"})
#: What computes for Ollama under a name that other programs have too: it counts where Ollama started it.
RUNNERS = frozenset({"llama-server", "runner"})


@dataclass(frozen=True, slots=True)
class Program:
    """A running process."""

    pid: int
    #: The process that started it; 0 where that is not told.
    parent: int
    #: In lower case, without .exe.
    name: str


def programs_now() -> Iterable[Program]:
    """List every process that this user may see.

    Parents are told only where they matter: under Windows, each question for one looks at all processes.
    """
    me = psutil.Process()
    children = frozenset(child.pid for child in me.children(recursive=True))
    for process in psutil.process_iter():
        # It may have ended meanwhile, or be nobody's business.
        with contextlib.suppress(psutil.Error, OSError):
            name = process.name().lower().removesuffix(".exe")
            parent = me.pid if process.pid in children else process.ppid() if name in RUNNERS else 0
            yield Program(process.pid, parent, name)


class Processes:
    """What runs on this PC; shared by the sensors, each of which asks from a thread of its own."""

    def __init__(
        self,
        look: Callable[[], Iterable[Program]] = programs_now,
        clock: Callable[[], float] = time.monotonic,
        own_pid: int | None = None,
    ) -> None:
        self._look = look
        self._clock = clock
        self._own_pid = os.getpid() if own_pid is None else own_pid
        self._programs: dict[int, Program] = {}
        self._ours: frozenset[int] = frozenset()
        self._looked_at = float("-inf")
        self._lock = threading.Lock()

    def names(self) -> frozenset[str]:
        """Give the names of everything that runs, in lower case and without .exe."""
        return frozenset(program.name for program in self._all().values())

    def ours(self) -> frozenset[int]:
        """Give the ids of the processes that compute for us: this one, its children, and Ollama's."""
        self._all()
        return self._ours

    def is_ours(self, pid: int) -> bool:
        """Tell whether a process computes for us."""
        if pid not in self._all(GOOD_FOR_SECONDS):
            self._all(AGAIN_AFTER_SECONDS)
        return pid in self._ours

    def _all(self, good_for_seconds: float = GOOD_FOR_SECONDS) -> Mapping[int, Program]:
        with self._lock:
            if self._clock() - self._looked_at >= good_for_seconds:
                self._programs = {program.pid: program for program in self._look()}
                self._ours = frozenset(pid for pid in self._programs if self._computes_for_us(pid)) | {self._own_pid}
                self._looked_at = self._clock()
            return self._programs

    def _computes_for_us(self, pid: int) -> bool:
        """Look at a process and at those that started it; ids that were used again could make a circle."""
        seen: set[int] = set()
        runner = False
        while pid in self._programs and pid not in seen:
            program = self._programs[pid]
            if pid == self._own_pid or (program.name in OLLAMA and (runner or not seen)):
                return True
            runner = runner or (not seen and program.name in RUNNERS)
            seen.add(pid)
            pid = program.parent
        return False
