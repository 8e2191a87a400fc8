"""The graphics of a Mac, as its driver tells the system's list of devices (`ioreg`)."""

from __future__ import annotations

import plistlib
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from xml.parsers.expat import ExpatError

import psutil

from ..messages import graphics
from .base import GpuStatus, SensorFailed

COMMAND = ("/usr/sbin/ioreg", "-r", "-d1", "-w0", "-c", "IOAccelerator", "-a")
#: Seconds that the tool may take.
LIMIT_SECONDS = 1.5
#: Seconds between two calls of the tool, while we work and otherwise.
EVERY_SECONDS_WORKING, EVERY_SECONDS = 2.0, 10.0
#: Values of `vendor-id`; the makers of graphics that a Mac may have.
_VENDORS = {0x106B: "apple", 0x1002: "amd", 0x8086: "intel", 0x10DE: "nvidia"}
_MIB = 1 << 20


def ask_ioreg() -> bytes:
    """Call the tool; raises OSError and subprocess.SubprocessError."""
    return subprocess.run(COMMAND, check=True, capture_output=True, timeout=LIMIT_SECONDS).stdout  # noqa: S603


class MacCards:
    """The graphics of a Mac."""

    vendor = ""

    def __init__(
        self,
        ask: Callable[[], bytes] = ask_ioreg,
        pc_memory: Callable[[], int] = lambda: int(psutil.virtual_memory().total),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`pc_memory` gives the bytes that this Mac has."""
        self._ask = ask
        self._pc_memory = pc_memory
        self._clock = clock
        self._last: tuple[GpuStatus, ...] = ()
        self._read_at = float("-inf")

    def read(self, *, working: bool) -> tuple[GpuStatus, ...]:
        """Give every card. Raises SensorFailed when the tool says nothing."""
        every = EVERY_SECONDS_WORKING if working else EVERY_SECONDS
        if self._clock() - self._read_at >= every:
            try:
                self._last = parse(self._ask(), self._pc_memory())
            except (OSError, subprocess.SubprocessError, ValueError) as error:
                raise SensorFailed(graphics.MAC_TOOL_FAILED) from error
            self._read_at = self._clock()
        return tuple(_with_others(status, working=working) for status in self._last)

    def close(self) -> None:
        """Keep nothing open: there is nothing to let go of."""


def parse(listing: bytes, pc_memory: int) -> tuple[GpuStatus, ...]:
    """Read the tool's answer, a property list. Raises ValueError for anything else."""
    if not listing.strip():
        return ()
    try:
        entries = plistlib.loads(listing)
    except (plistlib.InvalidFileException, ExpatError) as error:
        raise ValueError("no property list") from error
    cards = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return tuple(_status(card, number, pc_memory) for number, card in enumerate(cards, 1))


def _status(card: Mapping[str, Any], number: int, pc_memory: int) -> GpuStatus:
    found = card.get("PerformanceStatistics")
    statistics: Mapping[str, Any] = found if isinstance(found, dict) else {}
    own_mib = card.get("VRAM,totalMB")
    own_bytes = own_mib * _MIB if isinstance(own_mib, int) else None
    shared = own_bytes is None
    used = statistics.get("In use system memory" if shared else "vramUsedBytes")
    load, heat, watts = (statistics.get(name) for name in ("Device Utilization %", "Temperature(C)", "Total Power(W)"))
    return GpuStatus(
        id=f"mac-{number}",
        vendor=_vendor(card),
        name=_name(card),
        memory_total=pc_memory if own_bytes is None else own_bytes,
        memory_used=used if isinstance(used, int) else None,
        load_percent=min(100.0, float(load)) if isinstance(load, int) else None,
        temperature=float(heat) if isinstance(heat, int) and heat > 0 else None,
        power_watts=float(watts) if isinstance(watts, int) and watts > 0 else None,
        shared_memory=shared,
    )


def _vendor(card: Mapping[str, Any]) -> str:
    """Read `vendor-id`, a little-endian number in bytes; Apple's own graphics have it in newer systems only."""
    raw = card.get("vendor-id")
    return _VENDORS.get(int.from_bytes(raw, "little"), "") if isinstance(raw, bytes) else "apple"


def _name(card: Mapping[str, Any]) -> str:
    model = card.get("model")
    text = model.decode(errors="replace") if isinstance(model, bytes) else model
    return text.rstrip("\0") if isinstance(text, str) and text else graphics.CARD


def _with_others(status: GpuStatus, *, working: bool) -> GpuStatus:
    """Add what others use: the system does not tell who uses it, but while we compute nothing, it is all others'."""
    return status if working else replace(status, others_percent=status.load_percent)
