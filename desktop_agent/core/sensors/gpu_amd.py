"""AMD's graphics cards under Linux, by the files that the kernel's driver (amdgpu) gives; no library is needed.

The files are described in the kernel's documentation: "GPU Power/Thermal Controls and Monitoring" of amdgpu.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..messages import graphics
from .base import GpuStatus
from .card_names import CardNames
from .drm_clients import DrmClients
from .gpu_sleep import CardSleep, Doze, read_number, read_text

AMD = "amd"
_VENDOR = "0x1002"
_CARD = re.compile(r"card\d+")
#: What the driver says of memory that is the PC's own: it has no maker.
_NO_MAKER = "unknown"


@dataclass(frozen=True, slots=True)
class _Card:
    address: str
    device: Path
    name: str
    sleep: CardSleep


class AmdCards:
    """The cards that amdgpu drives."""

    vendor = AMD

    def __init__(
        self,
        is_ours: Callable[[int], bool],
        root: Path = Path("/"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`root` is the folder with `sys`, `proc` and `usr`."""
        self._is_ours = is_ours
        self._drm = root / "sys/class/drm"
        self._clock = clock
        self._names = CardNames(root)
        self._clients = DrmClients(root / "proc", clock)
        self._cards: dict[str, _Card] = {}
        self._last: dict[str, GpuStatus] = {}

    def read(self, *, working: bool) -> tuple[GpuStatus, ...]:
        """Give every card; none where there is none. Cards may come and go."""
        self._find()
        return tuple(self._status(card, working=working) for _, card in sorted(self._cards.items()))

    def close(self) -> None:
        """Keep nothing open: there is nothing to let go of."""

    def _find(self) -> None:
        known, self._cards = self._cards, {}
        if not self._drm.is_dir():
            return
        for entry in self._drm.iterdir():
            device = entry / "device"
            if not _CARD.fullmatch(entry.name) or read_text(device / "vendor") != _VENDOR:
                continue
            address = _address_of(device) or entry.name
            self._cards[address] = known.get(address) or self._new(address, device)

    def _new(self, address: str, device: Path) -> _Card:
        product = read_text(device / "product_name")
        name = product or self._names.amd(read_text(device / "device"), read_text(device / "revision"))
        return _Card(address, device, name or graphics.AMD_CARD, CardSleep(device, self._clock))

    def _status(self, card: _Card, *, working: bool) -> GpuStatus:
        doze = card.sleep.look(working=working)
        last = self._last.get(card.address, GpuStatus(card.address, AMD, card.name))
        if doze is Doze.ASLEEP:
            return GpuStatus(last.id, last.vendor, last.name, last.memory_total, asleep=True)
        if doze is Doze.LEAVE_ALONE:
            return last
        card.sleep.asked()
        self._last[card.address] = status = self._ask(card, working=working)
        return status

    def _ask(self, card: _Card, *, working: bool) -> GpuStatus:
        device = card.device
        load = _as_percent(read_number(device / "gpu_busy_percent"))
        sensors = min((device / "hwmon").glob("hwmon*"), default=device)
        return GpuStatus(
            id=card.address,
            vendor=AMD,
            name=card.name,
            memory_total=read_number(device / "mem_info_vram_total"),
            memory_used=read_number(device / "mem_info_vram_used"),
            load_percent=load,
            others_percent=self._by_others(card, load, working=working),
            temperature=_heat(sensors),
            power_watts=_watts(sensors),
            shared_memory=read_text(device / "mem_info_vram_vendor") == _NO_MAKER,
        )

    def _by_others(self, card: _Card, load: float | None, *, working: bool) -> float | None:
        """Give what others use: everything while we compute nothing, else what the kernel tells of their programs.

        It tells that only of this user's own programs, which games and films are.
        """
        told = self._clients.percent_by_others(card.address, self._is_ours)
        return told if working else load


def _address_of(device: Path) -> str:
    found = re.search(r"^PCI_SLOT_NAME=(\S+)$", read_text(device / "uevent"), re.MULTILINE)
    return found[1] if found else ""


def _as_percent(value: int | None) -> float | None:
    return None if value is None else min(100.0, max(0.0, float(value)))


def _heat(sensors: Path) -> float | None:
    """Read degrees Celsius; the file has thousandths of them."""
    heat = read_number(sensors / "temp1_input")
    return None if heat is None else heat / 1000


def _watts(sensors: Path) -> float | None:
    """Read watts; the files have millionths of them, and a card has one of the two."""
    average, now = read_number(sensors / "power1_average"), read_number(sensors / "power1_input")
    power = now if average is None else average
    return None if power is None else power / 1e6
