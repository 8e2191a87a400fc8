"""Whether this PC runs on its battery."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from .base import Power, PowerState
from .gpu_sleep import read_number, read_text


class LinuxPower:
    """The power supplies that the kernel lists; see "power_supply" in its documentation of sysfs.

    psutil takes the battery of a mouse for the PC's own.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        """`root` is the folder with `sys`."""
        self._supplies = root / "sys/class/power_supply"

    def read(self) -> PowerState:
        """Tell; a PC without a battery of its own runs on mains."""
        supplies = sorted(self._supplies.iterdir()) if self._supplies.is_dir() else []
        own = [supply for supply in supplies if read_text(supply / "scope") != "Device"]
        batteries = [supply for supply in own if read_text(supply / "type") == "Battery"]
        if not batteries:
            return PowerState(on_battery=False)
        online = [read_number(supply / "online") for supply in own if supply not in batteries]
        told = [state for state in online if state is not None]
        plugged_in = any(told) if told else not any(_discharges(battery) for battery in batteries)
        percents = [value for battery in batteries if (value := read_number(battery / "capacity")) is not None]
        return PowerState(not plugged_in, sum(percents) / len(percents) if percents else None)


class PsutilPower:
    """What Windows and macOS tell psutil."""

    def __init__(self, ask: Callable[[], Any] | None = None) -> None:
        """`ask` gives a battery as psutil does."""
        self._ask = ask or psutil.sensors_battery

    def read(self) -> PowerState:
        """Tell; a PC without a battery runs on mains."""
        battery = self._ask()
        if battery is None:
            return PowerState(on_battery=False)
        # None is "cannot tell", which is no reason to stop.
        return PowerState(battery.power_plugged is False, float(battery.percent))


def _discharges(battery: Path) -> bool:
    return read_text(battery / "status") == "Discharging"


def power_here() -> Power:
    """Give this system's sensor."""
    return LinuxPower() if sys.platform == "linux" else PsutilPower()
