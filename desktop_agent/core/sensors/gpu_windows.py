"""Graphics cards under Windows, of any maker: what Task Manager shows, from the system's performance counters.

Which process uses which engine is told for every card and driver; how hot a card is, is not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ..messages import graphics
from .base import GpuStatus
from .windows_adapters import Adapter

ENGINES = r"\GPU Engine(*)\Utilization Percentage"
MEMORY = r"\GPU Adapter Memory(*)\Dedicated Usage"
SHARED_MEMORY = r"\GPU Adapter Memory(*)\Shared Usage"

_ENGINE = re.compile(
    r"pid_(?P<pid>\d+)_luid_0x(?P<high>[0-9a-f]+)_0x(?P<low>[0-9a-f]+)_phys_\d+_eng_(?P<engine>\d+)(_engtype_.*)?",
    re.IGNORECASE,
)
_ADAPTER = re.compile(r"luid_0x(?P<high>[0-9a-f]+)_0x(?P<low>[0-9a-f]+)_phys_\d+(_part_\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EngineInstance:
    """Whose use of which engine a counter counts."""

    pid: int
    #: The card, until the system starts anew.
    luid: int
    engine: int


#: Percent of one engine by one process; and bytes by card.
Engines: TypeAlias = Mapping[EngineInstance, float]
Bytes: TypeAlias = Mapping[int, int]


class Counters(Protocol):
    """Performance counters of several instances each."""

    def read(self) -> Mapping[str, Mapping[str, float]]:
        """Give for each counter that has any its instances' values since the last time. Raises SensorFailed."""

    def close(self) -> None:
        """Let go of them."""


class WindowsCards:
    """All cards that draw under Windows."""

    vendor = ""

    def __init__(
        self, is_ours: Callable[[int], bool], counters: Counters, adapters: Callable[[], tuple[Adapter, ...]]
    ) -> None:
        self._is_ours = is_ours
        self._counters = counters
        self._look = adapters
        self._adapters: tuple[Adapter, ...] = ()
        #: The cards that were there when `_adapters` were looked at.
        self._there: frozenset[int] | None = None

    def read(self, *, working: bool) -> tuple[GpuStatus, ...]:  # noqa: ARG002
        """Give every card. These counters wake no card."""
        values = self._counters.read()
        # What is told per second is not told at the first time.
        engines = engines_of(values[ENGINES]) if ENGINES in values else None
        own, shared = (memory_by_card(values.get(counter, {})) for counter in (MEMORY, SHARED_MEMORY))
        self._find(frozenset(own))
        if not self._adapters:
            return (self._unnamed(engines),) if engines else ()
        return tuple(self._status(adapter, engines, own, shared) for adapter in self._adapters)

    def _find(self, there: frozenset[int]) -> None:
        """Look anew when cards came or went, or got other names, as after an accident of a driver."""
        if there != self._there:
            # Cards that were taken out stay in the registry.
            self._adapters, self._there = tuple(one for one in self._look() if one.luid in there), there

    def _status(self, adapter: Adapter, engines: Engines | None, own: Bytes, shared: Bytes) -> GpuStatus:
        return GpuStatus(
            id=adapter.id,
            vendor=adapter.vendor,
            name=adapter.name or graphics.CARD,
            memory_total=(adapter.shared_bytes if adapter.shared else adapter.dedicated_bytes) or None,
            memory_used=(shared if adapter.shared else own).get(adapter.luid),
            load_percent=None if engines is None else busiest(engines, {adapter.luid}, lambda _: True),
            others_percent=None if engines is None else busiest(engines, {adapter.luid}, self._is_foreign),
            shared_memory=adapter.shared,
        )

    def _unnamed(self, engines: Engines) -> GpuStatus:
        """Stand for all cards together, where the registry knows none of them."""
        cards = {instance.luid for instance in engines}
        load, others = (busiest(engines, cards, counts) for counts in (lambda _: True, self._is_foreign))
        return GpuStatus("windows", "", graphics.CARD, load_percent=load, others_percent=others)

    def _is_foreign(self, pid: int) -> bool:
        return not self._is_ours(pid)

    def close(self) -> None:
        """Let go of the counters."""
        self._counters.close()


def parse_engine(instance: str) -> EngineInstance | None:
    """Read `pid_1234_luid_0x00000000_0x0000D5F1_phys_0_eng_3_engtype_VideoDecode`; None for anything else."""
    found = _ENGINE.fullmatch(instance)
    return EngineInstance(int(found["pid"]), _luid(found), int(found["engine"])) if found else None


def engines_of(values: Mapping[str, float]) -> dict[EngineInstance, float]:
    """Read the instances' names; those that are none are left out."""
    return {found: value for name, value in values.items() if (found := parse_engine(name))}


def memory_by_card(values: Mapping[str, float]) -> dict[int, int]:
    """Sum up bytes by card, of instances such as `luid_0x00000000_0x0000D5F1_phys_0`."""
    bytes_of: defaultdict[int, int] = defaultdict(int)
    for instance, value in values.items():
        found = _ADAPTER.fullmatch(instance)
        if found:
            bytes_of[_luid(found)] += int(value)
    return dict(bytes_of)


def busiest(engines: Engines, cards: Container[int], counts: Callable[[int], bool]) -> float:
    """Give how busy some processes keep cards: 0 to 100 of the busiest of their engines, as Task Manager does."""
    totals: defaultdict[tuple[int, int], float] = defaultdict(float)
    for instance, percent in engines.items():
        if instance.luid in cards and counts(instance.pid):
            totals[instance.luid, instance.engine] += percent
    return min(100.0, max(totals.values(), default=0.0))


def _luid(found: re.Match[str]) -> int:
    return int(found["high"], 16) << 32 | int(found["low"], 16)
