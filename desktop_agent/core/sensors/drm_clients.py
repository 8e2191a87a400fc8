"""How much of a graphics card each program uses, as Linux tells of its open files ("DRM client usage stats").

Only files of this user's own programs can be read.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .gpu_sleep import read_text

#: Seconds between two looks at which programs have a graphics card open: it means reading every program's open files.
LOOK_EVERY_SECONDS = 10.0
#: Shortest time between two readings that a percentage is made of, in seconds.
SHORTEST_SECONDS = 0.2
_DEVICES = "/dev/dri/"
#: Engines that compute, draw, and decode or encode films; the time of each is in nanoseconds.
_ENGINE = re.compile(r"^drm-engine-(\S+):\s+(\d+) ns$", re.MULTILINE)
_FIELD = re.compile(r"^drm-(pdev|client-id):\s+(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ClientUse:
    """What one program's opening of one card used since it was opened."""

    address: str
    client: str
    #: Engine → nanoseconds.
    busy: dict[str, int]


def parse_fdinfo(text: str) -> ClientUse | None:
    """Read a file of `/proc/<pid>/fdinfo`; None when it is not of a graphics card, or tells no engine's time."""
    fields = dict(_FIELD.findall(text))
    busy = {engine: int(nanoseconds) for engine, nanoseconds in _ENGINE.findall(text)}
    return ClientUse(fields["pdev"], fields["client-id"], busy) if len(fields) == 2 and busy else None


class DrmClients:
    """The programs that use graphics cards, by what their open files tell."""

    def __init__(self, proc: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._proc = proc
        self._clock = clock
        #: The files to read, with their process.
        self._files: list[tuple[int, Path]] = []
        self._looked_at = float("-inf")
        #: Address → (when, (process, client) → engine → nanoseconds), as read last.
        self._before: dict[str, tuple[float, dict[tuple[int, str], dict[str, int]]]] = {}
        self._percent: dict[str, float | None] = {}

    def percent_by_others(self, address: str, is_ours: Callable[[int], bool]) -> float | None:
        """Give 0 to 100 of the busiest engine since the last time; None when nothing is told, or not yet."""
        now, uses = self._clock(), self._read(address)
        at, before = self._before.get(address, (None, {}))
        if at is not None and now - at < SHORTEST_SECONDS:
            return self._percent.get(address)
        self._before[address] = now, uses
        self._percent[address] = None if at is None or not uses else _percent(before, uses, is_ours, now - at)
        return self._percent[address]

    def _read(self, address: str) -> dict[tuple[int, str], dict[str, int]]:
        if self._clock() - self._looked_at >= LOOK_EVERY_SECONDS:
            self._files, self._looked_at = list(self._open_cards()), self._clock()
        read = ((pid, parse_fdinfo(read_text(file))) for pid, file in self._files)
        return {(pid, use.client): use.busy for pid, use in read if use is not None and use.address == address}

    def _open_cards(self) -> Iterator[tuple[int, Path]]:
        for process in self._proc.iterdir():
            if process.name.isdecimal():
                for number in _descriptors(process / "fd"):
                    yield int(process.name), process / "fdinfo" / number


def _descriptors(folder: Path) -> Iterator[str]:
    """Give the numbers of a process's open files that are graphics cards; none of a process that may not be read."""
    with contextlib.suppress(OSError):
        for entry in folder.iterdir():
            # It may be closed between two steps.
            with contextlib.suppress(OSError):
                if str(entry.readlink()).startswith(_DEVICES):
                    yield entry.name


def _percent(
    before: dict[tuple[int, str], dict[str, int]],
    now: dict[tuple[int, str], dict[str, int]],
    is_ours: Callable[[int], bool],
    seconds: float,
) -> float:
    """Sum up what programs that are not ours used of each engine; the busiest engine stands for the card."""
    engines: defaultdict[str, int] = defaultdict(int)
    clients: set[str] = set()
    for (pid, client), busy in now.items():
        # A program's children share its opening.
        if is_ours(pid) or client in clients or (pid, client) not in before:
            continue
        clients.add(client)
        for engine, nanoseconds in busy.items():
            engines[engine] += max(0, nanoseconds - before[pid, client].get(engine, 0))
    return min(100.0, max(engines.values(), default=0) / (seconds * 1e9) * 100)
