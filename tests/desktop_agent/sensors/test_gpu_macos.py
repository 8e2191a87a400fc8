"""The graphics of Macs, from what `ioreg` writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from desktop_agent.core.messages import graphics
from desktop_agent.core.sensors.base import GpuStatus, SensorFailed
from desktop_agent.core.sensors.gpu_macos import EVERY_SECONDS, EVERY_SECONDS_WORKING, MacCards, ask_ioreg, parse

GIB = 1 << 30
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<array>"""
#: A Mac with Apple's own processor; shortened to what matters and some of what does not.
M2 = f"""{HEAD}
 <dict>
  <key>CFBundleIdentifier</key><string>com.apple.AGXG14X</string>
  <key>IOClass</key><string>AGXAcceleratorG14X</string>
  <key>IOObjectClass</key><string>AGXAcceleratorG14X</string>
  <key>IORegistryEntryID</key><integer>4294969012</integer>
  <key>PerformanceStatistics</key>
  <dict>
   <key>Alloc system memory</key><integer>5236015104</integer>
   <key>Device Utilization %</key><integer>37</integer>
   <key>In use system memory</key><integer>1073741824</integer>
   <key>In use system memory (driver)</key><integer>0</integer>
   <key>Renderer Utilization %</key><integer>37</integer>
   <key>Tiler Utilization %</key><integer>12</integer>
  </dict>
  <key>gpu-core-count</key><integer>19</integer>
  <key>model</key><string>Apple M2 Pro</string>
 </dict>
</array>
</plist>
""".encode()
#: A Mac with an Intel processor and two cards.
INTEL = f"""{HEAD}
 <dict>
  <key>IOClass</key><string>AMDRadeonX6000_AMDNavi14GraphicsAccelerator</string>
  <key>PerformanceStatistics</key>
  <dict>
   <key>Device Utilization %</key><integer>8</integer>
   <key>Temperature(C)</key><integer>61</integer>
   <key>Total Power(W)</key><integer>17</integer>
   <key>vramUsedBytes</key><integer>805306368</integer>
  </dict>
  <key>VRAM,totalMB</key><integer>4096</integer>
  <key>model</key><data>QU1EIFJhZGVvbiBQcm8gNTUwME0A</data>
  <key>vendor-id</key><data>AhAAAA==</data>
 </dict>
 <dict>
  <key>IOClass</key><string>IntelAccelerator</string>
  <key>model</key><data>SW50ZWwgVUhEIEdyYXBoaWNzIDYzMAA=</data>
  <key>vendor-id</key><data>hoAAAA==</data>
 </dict>
</array>
</plist>
""".encode()
M2_STATUS = GpuStatus(
    "mac-1",
    "apple",
    "Apple M2 Pro",
    memory_total=16 * GIB,
    memory_used=GIB,
    load_percent=37.0,
    shared_memory=True,
)


def test_apples_own_graphics() -> None:
    """They share the Mac's memory; heat and power are not told."""
    assert parse(M2, 16 * GIB) == (M2_STATUS,)


def test_a_mac_with_two_cards() -> None:
    """One with memory of its own and everything told, one of which nearly nothing is."""
    assert parse(INTEL, 16 * GIB) == (
        GpuStatus(
            "mac-1",
            "amd",
            "AMD Radeon Pro 5500M",
            memory_total=4 * GIB,
            memory_used=805_306_368,
            load_percent=8.0,
            temperature=61.0,
            power_watts=17.0,
        ),
        GpuStatus("mac-2", "intel", "Intel UHD Graphics 630", memory_total=16 * GIB, shared_memory=True),
    )


def test_a_mac_without_an_accelerator_has_no_card() -> None:
    """In a virtual machine the tool writes nothing at all."""
    assert parse(b"\n", GIB) == ()
    assert parse(f"{HEAD}<dict/></array></plist>".encode(), GIB) == (
        GpuStatus("mac-1", "apple", graphics.CARD, memory_total=GIB, shared_memory=True),
    )


class Tool:
    """The tool, with a clock."""

    def __init__(self, answer: Callable[[], bytes] = lambda: M2) -> None:
        self.calls = 0
        self.now = 100.0
        self._answer = answer

    def __call__(self) -> bytes:
        self.calls += 1
        return self._answer()

    def cards(self) -> MacCards:
        return MacCards(self, lambda: 16 * GIB, lambda: self.now)


def test_all_use_is_others_while_we_compute_nothing() -> None:
    """The system does not tell who uses it."""
    cards = Tool().cards()
    assert cards.read(working=False)[0].others_percent == 37.0
    assert cards.read(working=True)[0].others_percent is None


def test_the_tool_is_not_called_all_the_time() -> None:
    """It is a program of its own: seldom while nothing is computed, more often while it is."""
    tool = Tool()
    cards = tool.cards()
    calls = []
    for seconds, working in (
        (0.0, False),
        (EVERY_SECONDS_WORKING, False),
        (0.0, True),
        (1.0, True),
        (EVERY_SECONDS - 2, False),
        (1.0, False),
    ):
        tool.now += seconds
        cards.read(working=working)
        calls.append(tool.calls)
    assert calls == [1, 1, 2, 2, 2, 3]


@pytest.mark.parametrize(
    "error", [OSError("no such file"), subprocess.TimeoutExpired("ioreg", 1), subprocess.CalledProcessError(1, "ioreg")]
)
def test_a_tool_that_fails_is_told(error: Exception) -> None:
    """A reason in words, and the next reading asks again."""

    def fail() -> bytes:
        raise error

    tool = Tool(fail)
    cards = tool.cards()
    for calls in (1, 2):
        with pytest.raises(SensorFailed) as caught:
            cards.read(working=False)
        assert (caught.value.reason, tool.calls) == (graphics.MAC_TOOL_FAILED, calls)


@pytest.mark.parametrize("listing", [b"<html>", b"\xff\xfe", b"<plist><array>", b"bplist00"])
def test_an_answer_that_is_no_list_is_told(listing: bytes) -> None:
    """Nonsense is a failure with a reason, like no answer."""
    with pytest.raises(SensorFailed):
        Tool(lambda: listing).cards().read(working=False)


@pytest.mark.skipif(sys.platform == "darwin", reason="here it is there")
def test_elsewhere_the_tool_is_missing() -> None:
    """On this system it is not there, which is one of the failures that are expected."""
    with pytest.raises(OSError, match="ioreg"):
        ask_ioreg()
