"""How busy the processor is with what is not ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import psutil

from .base import CpuUse
from .processes import Processes

#: Kinds of time, as far as a system tells them, that add up to all of it: others are parts of these, or another
#: virtual machine's.
_BUSY = ("user", "nice", "system", "irq", "softirq")
_FREE = ("idle", "iowait")
#: Shortest time between two readings that a percentage is made of, in seconds.
SHORTEST_SECONDS = 0.2


class CpuByOthers:
    """The use of all cores together, less that of our own processes and the engine's."""

    def __init__(
        self,
        processes: Processes,
        totals: Callable[[], tuple[float, float]] | None = None,
        times_of: Callable[[Iterable[int]], dict[int, float]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`totals` gives the busy and the free seconds of all cores, `times_of` the seconds of each process."""
        self._processes = processes
        self._totals = totals or totals_now
        self._times_of = times_of or times_now
        self._clock = clock
        self._percent = 0.0
        self._read_at = clock()
        self._before = self._totals()
        self._ours_before = self._times_of(processes.ours())

    def read(self) -> float:
        """Give 0 to 100, since the last time."""
        now = self._clock()
        if now - self._read_at < SHORTEST_SECONDS:
            return self._percent
        self._read_at = now
        busy_before, free_before = self._before
        ours_before = self._ours_before
        busy, free = self._before = self._totals()
        ours = self._ours_before = self._times_of(self._processes.ours())
        all_seconds = (busy - busy_before) + (free - free_before)
        if all_seconds > 0:
            ours_seconds = sum(max(0.0, spent - ours_before.get(pid, spent)) for pid, spent in ours.items())
            by_others = 100 * (busy - busy_before - ours_seconds) / all_seconds
            self._percent = min(100.0, max(0.0, by_others))
        return self._percent


def totals_now() -> tuple[float, float]:
    """Give the seconds that all cores together were busy, and free, since the system started."""
    times = psutil.cpu_times()
    busy, free = (sum(getattr(times, kind, 0.0) for kind in kinds) for kinds in (_BUSY, _FREE))
    return busy, free


def times_now(pids: Iterable[int]) -> dict[int, float]:
    """Give the seconds that processes have used; those that may not be read, or ended, are left out."""
    spent: dict[int, float] = {}
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.Error:
            continue
        spent[pid] = times.user + times.system
    return spent


def cpu_here(processes: Processes | None = None) -> CpuUse:
    """Give this system's sensor; `processes` may be shared with other sensors."""
    return CpuByOthers(processes or Processes())
