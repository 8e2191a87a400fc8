"""The agent's Windows parts on a Windows API that is really there: Wine's."""

from __future__ import annotations

import pytest

from desktop_agent.core.messages import graphics
from tests.desktop_agent.wine.conftest import Probe

pytestmark = pytest.mark.wine


def test_every_sensor_calls_windows(probe: Probe) -> None:
    """All libraries load, all functions are found and answer, COM's among them; nobody uses this PC's pads."""
    found = probe("sensors")
    assert found.pop("idle") >= 0
    assert found == {
        "pads": float("inf"),
        "inhibitors": [],
        "full_screen": False,
        "locked": False,
        "remote": False,
        "metered": False,
    }


def test_a_moved_mouse_ends_the_idle_time(probe: Probe) -> None:
    """The time begins again with the input."""
    assert probe("moved_mouse")["after"] < 1


def test_start_at_login_in_the_real_registry(probe: Probe) -> None:
    """On, off by Task Manager's bytes, on again, mended, off, and nothing left."""
    found = probe("start_at_login")
    line = found.pop("line")
    assert line.endswith('python.exe" --background')
    assert found == {
        "at first": False,
        "on": True,
        "switched off": False,
        "on again": True,
        "repaired": True,
        "line after": line,
        "off": False,
        "left": None,
    }


def test_links_in_the_real_registry(probe: Probe) -> None:
    """Registered and gone again; Windows' own splitting keeps a hostile link behind `--`."""
    found = probe("links")
    assert (found["at first"], found["registered"], found["then"], found["left"]) == ("nobody", True, "ours", None)
    assert found["plain"][1:] == ["open", "--", "embedpool://join?a=b&c=d"]
    assert found["option"][1:] == ["open", "--", "--help"]
    assert found["quote"] == ["--", "x", "--data-dir", "y"]


def test_cards_are_read_from_the_real_registry(probe: Probe) -> None:
    """Numbers of 64 bits come as they are; counters that are not there are a reason in words, and no accident."""
    assert probe("cards") == {
        "cards": [["NVIDIA GeForce RTX 4070", 0xD5F1, 12_616_466_432]],
        "counters": graphics.WINDOWS_COUNTERS_FAILED,
        "told": [],
    }


def test_a_key_lives_in_credential_manager(probe: Probe) -> None:
    """Stored, read and deleted through the real store."""
    assert probe("keys") == {"read": "epk_" + "x" * 200, "gone": True}
