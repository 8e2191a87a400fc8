"""Mains or battery, as Linux lists power supplies and as psutil tells it on other systems."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from desktop_agent.core.sensors.base import PowerState
from desktop_agent.core.sensors.power import LinuxPower, PsutilPower, power_here


def linux(root: Path, **supplies: dict[str, object]) -> LinuxPower:
    folder = root / "sys/class/power_supply"
    for name, files in supplies.items():
        (folder / name).mkdir(parents=True)
        for file, text in files.items():
            (folder / name / file).write_text(f"{text}\n")
    return LinuxPower(root)


def battery(status: str = "Discharging", capacity: int = 80, **files: object) -> dict[str, object]:
    return {"type": "Battery", "status": status, "capacity": capacity, "present": 1, **files}


MAINS, NO_MAINS = {"type": "Mains", "online": 1}, {"type": "Mains", "online": 0}
USB_C = {"type": "USB", "online": 1, "usb_type": "C [PD] PD_PPS"}
MOUSE = battery(capacity=15, scope="Device", model_name="Wireless Mouse")


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        ({}, PowerState(on_battery=False)),
        ({"AC": MAINS}, PowerState(on_battery=False)),
        ({"hidpp_battery_0": MOUSE}, PowerState(on_battery=False)),
        ({"AC": MAINS, "BAT0": battery("Charging", 40)}, PowerState(False, 40.0)),
        ({"AC": MAINS, "BAT0": battery("Not charging", 79)}, PowerState(False, 79.0)),
        ({"AC": NO_MAINS, "BAT0": battery()}, PowerState(True, 80.0)),
        ({"AC": NO_MAINS, "BAT0": battery(), "hidpp_battery_0": MOUSE}, PowerState(True, 80.0)),
        ({"AC": NO_MAINS, "BAT0": battery(), "ucsi": USB_C}, PowerState(False, 80.0)),
        ({"BAT0": battery("Unknown", 0), "BAT1": battery()}, PowerState(True, 40.0)),
        ({"BAT0": battery("Full", 100)}, PowerState(False, 100.0)),
        ({"BAT0": {"type": "Battery", "status": "Discharging"}}, PowerState(True)),
    ],
)
def test_linux_power_supplies(tmp_path: Path, supplies: dict[str, dict[str, object]], expected: PowerState) -> None:
    """Chargers, two batteries, a charger by USB-C, no charger listed at all; and a mouse's battery is not the PC's."""
    assert linux(tmp_path, **supplies).read() == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, PowerState(on_battery=False)),
        (SimpleNamespace(percent=55, power_plugged=True), PowerState(False, 55.0)),
        (SimpleNamespace(percent=55, power_plugged=False), PowerState(True, 55.0)),
        (SimpleNamespace(percent=55, power_plugged=None), PowerState(False, 55.0)),
    ],
)
def test_what_psutil_tells(told: object, expected: PowerState) -> None:
    """A desktop has no battery; where nobody can tell, that is no reason to stop."""
    assert PsutilPower(lambda: told).read() == expected


def test_this_pc_is_read() -> None:
    """Something is told, without an accident."""
    assert isinstance(power_here().read(), PowerState)
