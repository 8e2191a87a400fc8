"""The structures are laid out as Microsoft's pages say, for 64-bit Windows."""

from __future__ import annotations

import ctypes
import importlib
import uuid

import pytest

from desktop_agent.core.sensors.windows.full_screen import MONITORINFO
from desktop_agent.core.sensors.windows.game_pads import XINPUT_GAMEPAD, XINPUT_STATE
from desktop_agent.core.sensors.windows.libraries import RECT
from desktop_agent.core.sensors.windows.network import GUID
from desktop_agent.core.sensors.windows.session import WTSINFOEX, WTSINFOEX_LEVEL1
from desktop_agent.core.sensors.windows.user_idle import LASTINPUTINFO


@pytest.mark.parametrize(
    ("structure", "size"),
    [
        (LASTINPUTINFO, 8),
        (XINPUT_GAMEPAD, 12),
        (XINPUT_STATE, 16),
        (RECT, 16),
        (MONITORINFO, 40),
        (GUID, 16),
        (WTSINFOEX_LEVEL1, 224),
        (WTSINFOEX, 232),
    ],
)
def test_sizes(structure: type[ctypes.Structure], size: int) -> None:
    """Windows checks the size that it is told, or writes beyond a structure that is too small."""
    assert ctypes.sizeof(structure) == size


@pytest.mark.parametrize(
    ("structure", "field", "offset"),
    [
        (LASTINPUTINFO, "dwTime", 4),
        (XINPUT_STATE, "Gamepad", 4),
        (XINPUT_GAMEPAD, "bLeftTrigger", 2),
        (XINPUT_GAMEPAD, "sThumbLX", 4),
        (XINPUT_GAMEPAD, "sThumbRY", 10),
        (MONITORINFO, "rcMonitor", 4),
        (MONITORINFO, "dwFlags", 36),
        (WTSINFOEX, "Data", 8),
        (WTSINFOEX_LEVEL1, "SessionFlags", 8),
        (WTSINFOEX_LEVEL1, "UserName", 78),
        (WTSINFOEX_LEVEL1, "LogonTime", 160),
    ],
)
def test_offsets(structure: type[ctypes.Structure], field: str, offset: int) -> None:
    """Each value is read from where Windows puts it."""
    assert getattr(structure, field).offset == offset


def test_an_identifier_has_coms_order_of_bytes() -> None:
    """The first three parts of a GUID are numbers, the last eight bytes stand as written."""
    guid = GUID.of(uuid.UUID("DCB00C01-570F-4A9B-8D69-199FDBA5723B"))
    assert (guid.Data1, guid.Data2, guid.Data3) == (0xDCB00C01, 0x570F, 0x4A9B)
    assert bytes(guid.Data4).hex() == "8d69199fdba5723b"


@pytest.mark.parametrize("system", ["windows", "macos"])
def test_other_systems_packages_can_be_imported_here(system: str) -> None:
    """Type checkers, tests and doctor see them on every system; nothing is opened before a sensor is made."""
    package = importlib.import_module(f"desktop_agent.core.sensors.{system}")
    assert all(hasattr(package, name) for name in ("user_idle", "inhibitors", "full_screen", "session", "network"))
