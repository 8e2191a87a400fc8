"""All graphics cards of this PC: every source that applies on this system, each card once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Protocol

from .base import Gpus, GpuStatus, SensorFailed
from .gpu_amd import AmdCards
from .gpu_macos import MacCards
from .gpu_nvidia import NvidiaCards
from .gpu_windows import ENGINES, MEMORY, SHARED_MEMORY, WindowsCards
from .processes import Processes

if sys.platform == "win32":
    from .pdh import counters_now
    from .windows_adapters import adapters_now


class Source(Protocol):
    """Tells of some cards."""

    #: The only maker whose cards it tells of; empty where it tells of any.
    vendor: str

    def read(self, *, working: bool) -> tuple[GpuStatus, ...]:
        """Give its cards. Raises SensorFailed."""

    def close(self) -> None:
        """Let go of drivers."""


class AllCards:
    """The cards of all sources together."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """The first source that tells a value is believed; only what others use is taken from the last."""
        self._sources = tuple(sources)

    def read(self, *, working: bool) -> tuple[GpuStatus, ...]:
        """Give every card once. Raises SensorFailed when a source fails whose cards no other one tells of."""
        told: list[tuple[GpuStatus, ...]] = []
        failures: list[tuple[str, SensorFailed]] = []
        for source in self._sources:
            try:
                told.append(source.read(working=working))
            except SensorFailed as error:
                failures.append((source.vendor, error))
        cards = merged(told)
        vendors = {card.vendor for card in cards}
        for vendor, failure in failures:
            if vendor not in vendors and (vendor or not cards):
                raise failure
        return cards

    def close(self) -> None:
        """Let go of drivers."""
        for source in self._sources:
            source.close()


def merged(told: Sequence[tuple[GpuStatus, ...]]) -> tuple[GpuStatus, ...]:
    """Bring together what several sources tell of the same cards: same maker, and same name or the only one.

    Of two cards of the same name, the first of one source is the first of the other.
    """
    cards: list[GpuStatus] = []
    for of_source in told:
        before = tuple(cards)
        free = list(range(len(before)))
        for card in of_source:
            twin = next((index for index in free if _same(before[index], card, before, of_source)), None)
            if twin is None:
                cards.append(card)
            else:
                free.remove(twin)
                cards[twin] = _together(cards[twin], card)
    return tuple(cards)


def _same(one: GpuStatus, other: GpuStatus, ones: Sequence[GpuStatus], others: Sequence[GpuStatus]) -> bool:
    if one.vendor != other.vendor:
        return False
    alone = all(sum(card.vendor == one.vendor for card in cards) == 1 for cards in (ones, others))
    return alone or (bool(one.name) and one.name == other.name)


def _together(one: GpuStatus, other: GpuStatus) -> GpuStatus:
    """Fill what the first does not tell; what others use is better known to the second, which tells processes apart."""
    if one.asleep:
        return one
    names = [field.name for field in fields(GpuStatus)]
    missing = {name: getattr(other, name) for name in names if getattr(one, name) is None}
    if other.others_percent is not None:
        missing["others_percent"] = other.others_percent
    return replace(one, **missing)


if sys.platform == "win32":

    def _sources(is_ours: Callable[[int], bool]) -> list[Source]:
        nvidia = NvidiaCards(is_ours)
        try:
            counters = counters_now((ENGINES, MEMORY, SHARED_MEMORY))
        except (SensorFailed, OSError):
            return [nvidia]
        return [nvidia, WindowsCards(is_ours, counters, adapters_now)]

elif sys.platform == "darwin":

    def _sources(_is_ours: Callable[[int], bool]) -> list[Source]:
        return [MacCards()]

else:

    def _sources(is_ours: Callable[[int], bool]) -> list[Source]:
        return [NvidiaCards(is_ours), AmdCards(is_ours)]


def gpus_here(processes: Processes | None = None) -> Gpus:
    """Give this system's cards; `processes` may be shared with other sensors."""
    return AllCards(_sources((processes or Processes()).is_ours))
