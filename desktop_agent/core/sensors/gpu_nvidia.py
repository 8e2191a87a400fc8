"""NVIDIA's graphics cards, by the library that comes with their driver (NVML)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pynvml

from ..messages import graphics
from .base import GpuStatus, SensorFailed
from .gpu_sleep import CardSleep, Doze, read_text

NVIDIA = "nvidia"
_PCI_VENDOR, _PCI_DISPLAY, _DRIVER = "0x10de", "0x03", "nvidia"
#: Seconds without a reading after which the library is opened anew: this PC slept, and the driver may be another one.
STALE_SECONDS = 30.0
#: Seconds for which a reading of the processes is believed when the driver has no newer one.
USE_GOOD_FOR_SECONDS = 2.0
MOST_PERCENT = 100.0
_USE_GOOD_FOR_MICROSECONDS = int(USE_GOOD_FOR_SECONDS * 1e6)

T = TypeVar("T")


class NvidiaCards:
    """The cards that NVIDIA's driver drives."""

    vendor = NVIDIA

    def __init__(
        self,
        is_ours: Callable[[int], bool],
        nvml: Any = pynvml,
        devices: Path | None = Path("/sys/bus/pci/devices") if sys.platform == "linux" else None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`nvml` is the library, which has no types; `devices` Linux's folder of PCI devices, None on other systems."""
        self._is_ours = is_ours
        self._nvml = nvml
        self._clock = clock
        self._monotonic = monotonic
        self._devices = devices
        #: The cards that may fall asleep by themselves, by address.
        self._sleep: dict[str, CardSleep] = {}
        self._open = False
        self._read_at = clock()
        #: What was read last of each card, and of its processes, by its address.
        self._last: dict[str, GpuStatus] = {}
        self._use: dict[str, _Use] = {}

    def read(self, *, working: bool) -> tuple[GpuStatus, ...]:
        """Give every card; none without driver. Raises SensorFailed when the driver does not answer."""
        if not self._open:
            self._find()
        doze = {address: sleep.look(working=working) for address, sleep in self._sleep.items()}
        if doze and Doze.ASK not in doze.values():
            self.close()
            return tuple(self._unasked(address, how) for address, how in doze.items())
        try:
            return self._ask(doze, working=working)
        except self._nvml.NVMLError as error:
            self.close()
            return self._none_or_raise(error)
        finally:
            if not working and any(sleep.by_itself for sleep in self._sleep.values()):
                # A card with an open driver does not fall asleep.
                self.close()

    def close(self) -> None:
        """Let go of the driver; the next reading opens it anew."""
        if not self._open:
            return
        self._open = False
        try:
            self._nvml.nvmlShutdown()
        except self._nvml.NVMLError:
            # It is gone, which is why it is closed.
            return

    def _find(self) -> None:
        """Look which cards there are, without touching them."""
        folders = _nvidia_devices(self._devices)
        self._sleep = {
            address: self._sleep.get(address) or CardSleep(folder, self._monotonic)
            for address, folder in folders.items()
        }

    def _ask(self, doze: Mapping[str, Doze], *, working: bool) -> tuple[GpuStatus, ...]:
        self._reopen()
        statuses = [self._unasked(address, how) for address, how in doze.items() if how is not Doze.ASK]
        for handle in self._handles(bool(statuses), doze):
            status = self._status(handle, working=working)
            self._last[status.id] = status
            if status.id in self._sleep:
                self._sleep[status.id].asked()
            statuses.append(status)
        return tuple(sorted(statuses, key=lambda status: status.id))

    def _handles(self, some_sleep: bool, doze: Mapping[str, Doze]) -> list[Any]:
        """Give the cards to ask; asking for all of them would wake those that sleep."""
        if some_sleep:
            awake = [address for address, how in doze.items() if how is Doze.ASK]
            return [self._nvml.nvmlDeviceGetHandleByPciBusId(address) for address in awake]
        return [self._nvml.nvmlDeviceGetHandleByIndex(index) for index in range(self._nvml.nvmlDeviceGetCount())]

    def _reopen(self) -> None:
        now = self._clock()
        if abs(now - self._read_at) > STALE_SECONDS:
            self.close()
        self._read_at = now
        if not self._open:
            self._nvml.nvmlInit()
            self._open = True

    def _status(self, handle: Any, *, working: bool) -> GpuStatus:
        nvml = self._nvml
        address = _address(nvml.nvmlDeviceGetPciInfo(handle).busId)
        memory = self._told(lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
        rates = self._told(lambda: nvml.nvmlDeviceGetUtilizationRates(handle))
        milliwatts = self._told(lambda: nvml.nvmlDeviceGetPowerUsage(handle))
        load = None if rates is None else float(rates.gpu)
        return GpuStatus(
            id=address,
            vendor=NVIDIA,
            name=self._told(lambda: nvml.nvmlDeviceGetName(handle)) or graphics.NVIDIA_CARD,
            memory_total=None if memory is None else memory.total,
            memory_used=None if memory is None else memory.used,
            load_percent=load,
            others_percent=self._by_others(handle, address, load, working=working),
            temperature=self._told(lambda: float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))),
            power_watts=None if milliwatts is None else milliwatts / 1000,
        )

    def _by_others(self, handle: Any, address: str, load: float | None, *, working: bool) -> float | None:
        use = self._use.setdefault(address, _Use())
        try:
            samples = list(self._nvml.nvmlDeviceGetProcessUtilization(handle, use.newest))
        except self._nvml.NVMLError as error:
            # NOT_FOUND: nothing since the last time. SUCCESS: there is no process at all.
            if _code(error) not in (self._nvml.NVML_ERROR_NOT_FOUND, self._nvml.NVML_SUCCESS):
                if not self._is_about_one_value(error):
                    raise
                # Not told apart here: while we compute nothing, whatever is computed is somebody else's.
                return None if working else load
            samples = []
        return use.update(samples, self._is_ours, self._clock())

    def _told(self, ask: Callable[[], T]) -> T | None:
        """Give a value, or None where this card or driver does not tell it."""
        try:
            return ask()
        except self._nvml.NVMLError as error:
            if not self._is_about_one_value(error):
                raise
            return None

    def _is_about_one_value(self, error: Exception) -> bool:
        nvml = self._nvml
        values = (nvml.NVML_ERROR_NOT_SUPPORTED, nvml.NVML_ERROR_NO_PERMISSION, nvml.NVML_ERROR_FUNCTION_NOT_FOUND)
        return _code(error) in values

    def _none_or_raise(self, error: Exception) -> tuple[GpuStatus, ...]:
        code = _code(error)
        if code in (self._nvml.NVML_ERROR_LIBRARY_NOT_FOUND, self._nvml.NVML_ERROR_DRIVER_NOT_LOADED):
            return ()
        if code == self._nvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH:
            raise SensorFailed(graphics.NVIDIA_DRIVER_UPDATED) from error
        if code == self._nvml.NVML_ERROR_NO_PERMISSION:
            raise SensorFailed(graphics.NVIDIA_NO_PERMISSION) from error
        raise SensorFailed(graphics.nvidia_failed(str(error))) from error

    def _unasked(self, address: str, how: Doze) -> GpuStatus:
        """Give a card that is not asked now: what does not change is known from the last time."""
        last = self._last.get(address, GpuStatus(address, NVIDIA, graphics.NVIDIA_CARD))
        if how is Doze.LEAVE_ALONE:
            return last
        return GpuStatus(last.id, last.vendor, last.name, last.memory_total, asleep=True)


class _Use:
    """What the processes of one card did, as the driver told last."""

    def __init__(self) -> None:
        #: Time of the newest sample, in microseconds of the driver's clock.
        self.newest = 0
        self._others = 0.0
        self._told_at = float("-inf")

    def update(self, samples: Iterable[Any], is_ours: Callable[[int], bool], now: float) -> float:
        """Take what is new; give the percentage of those that are not ours."""
        # Some drivers give samples older than asked for, and percentages that are none.
        fresh = [sample for sample in samples if sample.timeStamp > self.newest and _busy(sample) <= MOST_PERCENT]
        if fresh:
            self.newest = max(sample.timeStamp for sample in fresh)
            latest: dict[int, float] = {}
            for sample in sorted(fresh, key=lambda sample: sample.timeStamp):
                if sample.timeStamp > self.newest - _USE_GOOD_FOR_MICROSECONDS:
                    latest[sample.pid] = _busy(sample)
            self._others = min(MOST_PERCENT, sum(busy for pid, busy in latest.items() if not is_ours(pid)))
            self._told_at = now
        elif now - self._told_at > USE_GOOD_FOR_SECONDS:
            self._others = 0.0
        return self._others


def _busy(sample: Any) -> float:
    """Give how busy a process keeps the card: computing and drawing, or films, whichever is more."""
    return float(max(sample.smUtil, sample.encUtil, sample.decUtil))


def _code(error: Exception) -> int:
    return int(getattr(error, "value", -1))


def _address(bus_id: str | bytes) -> str:
    """Give the address as Linux writes it: `0000:01:00.0`; the library's domain has eight digits."""
    text = bus_id.decode() if isinstance(bus_id, bytes) else bus_id
    domain, _, rest = text.lower().partition(":")
    return f"{domain[-4:]}:{rest}"


def _nvidia_devices(devices: Path | None) -> dict[str, Path]:
    if devices is None or not devices.is_dir():
        return {}
    return {
        device.name: device
        for device in sorted(devices.iterdir())
        if read_text(device / "vendor") == _PCI_VENDOR
        and read_text(device / "class").startswith(_PCI_DISPLAY)
        # One that another driver has, this library knows nothing of.
        and (device / "driver").resolve().name == _DRIVER
    }
