"""AMD's cards, from a tree of files as Linux gives them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from desktop_agent.core.messages import graphics
from desktop_agent.core.sensors.base import GpuStatus
from desktop_agent.core.sensors.drm_clients import parse_fdinfo
from desktop_agent.core.sensors.gpu_amd import AmdCards
from desktop_agent.core.sensors.gpu_sleep import REST_SECONDS

ADDRESS = "0000:03:00.0"
OURS, GAME = 100, 200

AMDGPU_IDS = """\
# List of AMDGPU IDs
#
1.0.0
744C,\tC0,\tAMD Radeon Pro W7900
744C,\tC8,\tAMD Radeon RX 7900 XTX
"""
PCI_IDS = """\
# A comment
1001  Kolter Electronic
\t0010  PCI 1616 Measurement card
1002  Advanced Micro Devices, Inc. [AMD/ATI]
\t73bf  Navi 21 [Radeon RX 6800/6800 XT / 6900 XT]
\t\t1002 0e3a  Radeon RX 6900 XT
\t1681  Rembrandt
1003  ULSI Systems
\t73bf  Something else
"""


@dataclass(slots=True)
class Tree:
    """A root folder with `sys`, `proc` and `usr`, and a clock."""

    root: Path
    now: float = 1000.0

    def write(self, path: str, text: object) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")

    def card(self, number: int = 1, address: str = ADDRESS, **files: object) -> None:
        """Add a card; names of files are written with two underscores for a slash."""
        usual: dict[str, object] = {
            "vendor": "0x1002",
            "device": "0x744c",
            "revision": "0xc8",
            "uevent": f"DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_SLOT_NAME={address}",
            "gpu_busy_percent": 35,
            "mem_info_vram_total": 24 << 30,
            "mem_info_vram_used": 5 << 30,
            "mem_info_vram_vendor": "samsung",
            "power__control": "on",
            "power__runtime_status": "active",
            "hwmon__hwmon3__temp1_input": 47_000,
            "hwmon__hwmon3__power1_average": 93_000_000,
        }
        for name, text in {**usual, **files}.items():
            self.write(f"sys/class/drm/card{number}/device/{name.replace('__', '/')}", text)

    def open_card(self, pid: int, client: int, descriptor: int = 7, address: str = ADDRESS, **busy: int) -> None:
        """Let a program have a card open, and have used its engines for so many nanoseconds."""
        link = self.root / f"proc/{pid}/fd/{descriptor}"
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to("/dev/dri/renderD128")
        engines = "\n".join(f"drm-engine-{engine}:\t{time} ns" for engine, time in busy.items())
        text = f"pos:\t0\nflags:\t02100002\ndrm-driver:\tamdgpu\ndrm-client-id:\t{client}\ndrm-pdev:\t{address}\n"
        self.write(f"proc/{pid}/fdinfo/{descriptor}", f"{text}drm-memory-vram:\t9000 KiB\n{engines}")

    def cards(self) -> AmdCards:
        return AmdCards(lambda pid: pid == OURS, self.root, lambda: self.now)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    (tmp_path / "proc").mkdir()
    made = Tree(tmp_path)
    made.write("usr/share/libdrm/amdgpu.ids", AMDGPU_IDS)
    made.write("usr/share/misc/pci.ids", PCI_IDS)
    return made


def test_everything_that_the_files_tell(tree: Tree) -> None:
    """Units: bytes, degrees, watts. The name is the one in shops, of the card's own revision."""
    tree.card()
    assert tree.cards().read(working=False) == (
        GpuStatus(
            ADDRESS,
            "amd",
            "AMD Radeon RX 7900 XTX",
            memory_total=24 << 30,
            memory_used=5 << 30,
            load_percent=35.0,
            others_percent=35.0,
            temperature=47.0,
            power_watts=93.0,
        ),
    )


def test_without_such_a_card_there_is_none(tree: Tree) -> None:
    """Not of another maker, not a connector of a card, and not on a system without graphics at all."""
    assert tree.cards().read(working=False) == ()
    tree.card(vendor="0x8086")
    tree.write("sys/class/drm/card1-HDMI-A-1/device/vendor", "0x1002")
    tree.write("sys/class/drm/renderD128/device/vendor", "0x1002")
    assert tree.cards().read(working=False) == ()


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"product_name": "Radeon Pro W7900 Dual Slot"}, "Radeon Pro W7900 Dual Slot"),
        ({"device": "0x73bf", "revision": "0xc1"}, "AMD Radeon RX 6800/6800 XT / 6900 XT"),
        ({"device": "0x1681", "revision": "0x0a"}, "AMD Rembrandt"),
        ({"device": "0x9999", "revision": "0x00"}, graphics.AMD_CARD),
    ],
)
def test_a_card_has_the_best_name_there_is(tree: Tree, files: dict[str, str], name: str) -> None:
    """Its own, or from one of the lists, or none in particular."""
    tree.card()
    for file, text in files.items():
        tree.write(f"sys/class/drm/card1/device/{file}", text)
    assert tree.cards().read(working=False)[0].name == name


def test_a_processor_with_graphics_shares_the_pcs_memory(tree: Tree) -> None:
    """The maker of such memory is not known to the driver; power is in another file."""
    tree.card(mem_info_vram_vendor="unknown", hwmon__hwmon3__power1_input=8_000_000)
    (tree.root / "sys/class/drm/card1/device/hwmon/hwmon3/power1_average").unlink()
    (status,) = tree.cards().read(working=False)
    assert (status.shared_memory, status.power_watts) == (True, 8.0)


def test_files_that_are_not_there_or_make_no_sense_are_left_out(tree: Tree) -> None:
    """An older kernel has fewer of them; the card is still told of."""
    tree.write("sys/class/drm/card0/device/vendor", "0x1002")
    tree.write("sys/class/drm/card0/device/gpu_busy_percent", "busy")
    assert tree.cards().read(working=False) == (GpuStatus("card0", "amd", graphics.AMD_CARD),)


def test_a_sleeping_card_is_not_asked(tree: Tree) -> None:
    """Reading any of its other files would wake it; what does not change is known from before."""
    tree.card(power__control="auto")
    cards = tree.cards()
    cards.read(working=False)
    tree.card(power__control="auto", power__runtime_status="suspended", gpu_busy_percent=99)
    tree.now += REST_SECONDS
    assert cards.read(working=False) == (
        GpuStatus(ADDRESS, "amd", "AMD Radeon RX 7900 XTX", memory_total=24 << 30, asleep=True),
    )
    assert cards.read(working=True)[0].load_percent == 99.0


def test_a_card_may_fall_asleep_between_readings(tree: Tree) -> None:
    """One that sleeps by itself is left alone after a reading; its last values stand meanwhile."""
    tree.card(power__control="auto")
    cards = tree.cards()
    cards.read(working=False)
    tree.card(power__control="auto", gpu_busy_percent=80)
    loads = []
    for seconds in (1.0, REST_SECONDS - 2, 2.0):
        tree.now += seconds
        loads.append(cards.read(working=False)[0].load_percent)
    assert loads == [35.0, 35.0, 80.0]


def test_while_we_work_only_others_programs_count(tree: Tree) -> None:
    """Of the busiest engine; our engine's and another card's use is left out, and a shared opening counts once."""
    tree.card()
    tree.card(2, "0000:0a:00.0")
    programs = ((OURS, 1, ADDRESS), (GAME, 2, ADDRESS), (GAME + 1, 2, ADDRESS), (GAME + 2, 3, "0000:0a:00.0"))
    for pid, client, address in programs:
        tree.open_card(pid, client, address=address, gfx=1_000, dec=0)
    cards = tree.cards()
    assert cards.read(working=True)[0].others_percent is None, "one reading is no speed yet"
    tree.now += 2.0
    for pid, client, address in programs:
        tree.open_card(pid, client, address=address, gfx=1_000 + 500_000_000, dec=200_000_000)
    assert [card.others_percent for card in cards.read(working=True)] == [25.0, 25.0]
    tree.now += 2.0
    assert cards.read(working=True)[0].others_percent == 0.0


def test_a_kernel_that_tells_nothing_of_programs(tree: Tree) -> None:
    """Then nobody knows what others use while we work."""
    tree.card()
    tree.open_card(GAME, 1)
    cards = tree.cards()
    for _ in range(2):
        assert cards.read(working=True)[0].others_percent is None
        tree.now += 2.0


def test_cards_come_and_go(tree: Tree) -> None:
    """An external card that was unplugged is not told of any more."""
    tree.card()
    cards = tree.cards()
    assert len(cards.read(working=False)) == 1
    (tree.root / "sys/class/drm/card1/device/vendor").unlink()
    assert cards.read(working=False) == ()


@pytest.mark.parametrize(
    "text", ["", "pos:\t0\nflags:\t02\n", "drm-client-id:\t1\ndrm-pdev:\t0000:03:00.0\n", "\0\xff"]
)
def test_other_open_files_are_none(text: str) -> None:
    """Only a card's file with engines' times is read."""
    assert parse_fdinfo(text) is None
