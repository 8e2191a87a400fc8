"""A fake of NVIDIA's library for its driver, as `pynvml` wraps it: this is what the agent's sensor is driven with.

The functions are named as there.
"""

# ruff: noqa: N802

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class FakeNvmlError(Exception):
    """As pynvml's: `value` is the library's code."""

    def __init__(self, value: int) -> None:
        super().__init__(f"NVML error {value}")
        self.value = value


@dataclass(slots=True)
class FakeCard:
    """One card; None for a value that it does not tell."""

    address: str = "0000:01:00.0"
    name: str | None = "NVIDIA GeForce RTX 4070"
    total: int | None = 12 << 30
    used: int = 3 << 30
    load: int | None = 40
    heat: int | None = 54
    milliwatts: int | None = 61_500
    #: Samples of processes: (pid, sm, encoder, decoder, microseconds); None where the card does not tell.
    processes: list[tuple[int, int, int, int, int]] | None = field(default_factory=list)


class FakeNvml:
    """The library with its driver and cards, and a count of how often it was opened and closed."""

    NVMLError = FakeNvmlError
    NVML_SUCCESS = 0
    NVML_ERROR_UNINITIALIZED = 1
    NVML_ERROR_NOT_SUPPORTED = 3
    NVML_ERROR_NO_PERMISSION = 4
    NVML_ERROR_NOT_FOUND = 6
    NVML_ERROR_DRIVER_NOT_LOADED = 9
    NVML_ERROR_LIBRARY_NOT_FOUND = 12
    NVML_ERROR_FUNCTION_NOT_FOUND = 13
    NVML_ERROR_GPU_IS_LOST = 15
    NVML_ERROR_LIB_RM_VERSION_MISMATCH = 18
    NVML_TEMPERATURE_GPU = 0

    def __init__(self, *cards: FakeCard) -> None:
        self.cards = list(cards)
        self.opened = self.closed = 0
        #: Code of the error of every call; 0 for none.
        self.fails_with = 0
        #: Addresses of the cards that were asked, one for each time.
        self.asked: list[str] = []
        self._open = False

    def nvmlInit(self) -> None:
        self._check(opening=True)
        self._open = True
        self.opened += 1

    def nvmlShutdown(self) -> None:
        self._open = False
        self.closed += 1
        if self.fails_with:
            raise FakeNvmlError(self.NVML_ERROR_UNINITIALIZED)

    def nvmlDeviceGetCount(self) -> int:
        self._check()
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> FakeCard:
        return self._asked(self.cards[index])

    def nvmlDeviceGetHandleByPciBusId(self, address: str) -> FakeCard:
        found = [card for card in self.cards if card.address == address]
        if not found:
            raise FakeNvmlError(self.NVML_ERROR_NOT_FOUND)
        return self._asked(found[0])

    def nvmlDeviceGetPciInfo(self, card: FakeCard) -> Any:
        self._check()
        return SimpleNamespace(busId=f"0000{card.address.upper()}")

    def nvmlDeviceGetName(self, card: FakeCard) -> str:
        return str(self._value(card.name))

    def nvmlDeviceGetMemoryInfo(self, card: FakeCard) -> Any:
        return SimpleNamespace(total=self._value(card.total), used=card.used)

    def nvmlDeviceGetUtilizationRates(self, card: FakeCard) -> Any:
        return SimpleNamespace(gpu=self._value(card.load), memory=1)

    def nvmlDeviceGetTemperature(self, card: FakeCard, sensor: int) -> int:
        assert sensor == self.NVML_TEMPERATURE_GPU
        return int(self._value(card.heat))

    def nvmlDeviceGetPowerUsage(self, card: FakeCard) -> int:
        return int(self._value(card.milliwatts))

    def nvmlDeviceGetProcessUtilization(self, card: FakeCard, since: int) -> list[Any]:
        self._check()
        if card.processes is None:
            raise FakeNvmlError(self.NVML_ERROR_NOT_SUPPORTED)
        if not card.processes:
            # What pynvml makes of a card without any process.
            raise FakeNvmlError(self.NVML_SUCCESS)
        fresh = [one for one in card.processes if one[4] > since]
        if not fresh:
            raise FakeNvmlError(self.NVML_ERROR_NOT_FOUND)
        names = ("pid", "smUtil", "encUtil", "decUtil", "timeStamp")
        return [SimpleNamespace(**dict(zip(names, one, strict=True))) for one in fresh]

    def _asked(self, card: FakeCard) -> FakeCard:
        self._check()
        self.asked.append(card.address)
        return card

    def _value(self, value: Any) -> Any:
        self._check()
        if value is None:
            raise FakeNvmlError(self.NVML_ERROR_NOT_SUPPORTED)
        return value

    def _check(self, *, opening: bool = False) -> None:
        if self.fails_with:
            raise FakeNvmlError(self.fails_with)
        if not opening and not self._open:
            raise FakeNvmlError(self.NVML_ERROR_UNINITIALIZED)
