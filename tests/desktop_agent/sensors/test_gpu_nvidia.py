"""NVIDIA's cards: no driver, a driver that goes away, a card that sleeps, and who uses a card."""

from __future__ import annotations

from pathlib import Path

import pynvml
import pytest

from desktop_agent.core.messages import graphics
from desktop_agent.core.sensors.base import GpuStatus, SensorFailed
from desktop_agent.core.sensors.gpu_nvidia import STALE_SECONDS, USE_GOOD_FOR_SECONDS, NvidiaCards
from desktop_agent.core.sensors.gpu_sleep import REST_SECONDS
from tests.fakes.nvml import FakeCard, FakeNvml

OURS, GAME, FILM = 100, 200, 300
SECOND = 1_000_000


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def cards_of(nvml: FakeNvml, devices: Path | None = None, clock: Clock | None = None) -> NvidiaCards:
    return NvidiaCards(lambda pid: pid == OURS, nvml, devices, clock or Clock())


def laptop(root: Path, address: str = "0000:01:00.0", *, status: str = "active", control: str = "auto") -> Path:
    """Make the folder of a card as Linux has it, and give the folder of all PCI devices."""
    device = root / "devices" / address
    (device / "power").mkdir(parents=True)
    (root / "drivers" / "nvidia").mkdir(parents=True, exist_ok=True)
    (device / "driver").symlink_to(root / "drivers" / "nvidia")
    (device / "vendor").write_text("0x10de\n")
    (device / "class").write_text("0x030000\n")
    (device / "power/control").write_text(f"{control}\n")
    (device / "power/runtime_status").write_text(f"{status}\n")
    return root / "devices"


def test_everything_that_a_card_tells() -> None:
    """Sizes in bytes, watts, degrees; the address in the form that Linux has, so that it stays the card's name."""
    cards = cards_of(FakeNvml(FakeCard()))
    assert cards.read(working=False) == (
        GpuStatus(
            "0000:01:00.0",
            "nvidia",
            "NVIDIA GeForce RTX 4070",
            memory_total=12 << 30,
            memory_used=3 << 30,
            load_percent=40.0,
            others_percent=0.0,
            temperature=54.0,
            power_watts=61.5,
        ),
    )


def test_what_a_card_does_not_tell_is_left_out() -> None:
    """A card that knows nothing is still there."""
    card = FakeCard(name=None, total=None, load=None, heat=None, milliwatts=None, processes=None)
    assert cards_of(FakeNvml(card)).read(working=False) == (GpuStatus(card.address, "nvidia", graphics.NVIDIA_CARD),)


@pytest.mark.parametrize("code", [FakeNvml.NVML_ERROR_LIBRARY_NOT_FOUND, FakeNvml.NVML_ERROR_DRIVER_NOT_LOADED])
def test_without_a_driver_there_is_no_card(code: int) -> None:
    """No error: most PCs are like that. A driver that comes later is found."""
    nvml = FakeNvml(FakeCard())
    nvml.fails_with = code
    cards = cards_of(nvml)
    assert cards.read(working=False) == ()
    nvml.fails_with = 0
    assert len(cards.read(working=False)) == 1


def test_a_driver_that_goes_away_is_told_and_opened_again() -> None:
    """The reading fails with a reason; the next one opens the library anew and works."""
    nvml = FakeNvml(FakeCard())
    cards = cards_of(nvml)
    cards.read(working=True)
    nvml.fails_with = FakeNvml.NVML_ERROR_GPU_IS_LOST
    with pytest.raises(SensorFailed) as caught:
        cards.read(working=True)
    assert "NVML error 15" in caught.value.reason
    nvml.fails_with = 0
    assert len(cards.read(working=True)) == 1
    assert (nvml.opened, nvml.closed) == (2, 1)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (FakeNvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH, graphics.NVIDIA_DRIVER_UPDATED),
        (FakeNvml.NVML_ERROR_NO_PERMISSION, graphics.NVIDIA_NO_PERMISSION),
    ],
)
def test_what_its_owner_can_mend_is_said(code: int, reason: str) -> None:
    """After an update of the driver nothing works until the PC restarts; that is said in words."""
    nvml = FakeNvml(FakeCard())
    nvml.fails_with = code
    with pytest.raises(SensorFailed) as caught:
        cards_of(nvml).read(working=False)
    assert caught.value.reason == reason


def test_after_a_sleep_the_library_is_opened_anew() -> None:
    """The handles of before are worth nothing then; without a sleep it stays open."""
    nvml, clock = FakeNvml(FakeCard()), Clock()
    cards = cards_of(nvml, clock=clock)
    for seconds, opened in ((0.0, 1), (5.0, 1), (STALE_SECONDS + 1, 2), (5.0, 2)):
        clock.now += seconds
        cards.read(working=False)
        assert nvml.opened == opened


def test_who_uses_the_card_is_told_apart() -> None:
    """Our engine's share is left out; of a program, the busiest of computing, encoding and decoding counts."""
    card = FakeCard(processes=[(OURS, 70, 0, 0, SECOND), (GAME, 20, 5, 0, SECOND), (FILM, 2, 0, 9, SECOND)])
    assert cards_of(FakeNvml(card)).read(working=True)[0].others_percent == 29.0


def test_a_programs_use_ends_when_the_driver_has_no_newer_one() -> None:
    """The driver takes a sample now and then: what was told holds for a moment, then there is nothing."""
    card, clock = FakeCard(processes=[(GAME, 30, 0, 0, SECOND)]), Clock()
    cards = cards_of(FakeNvml(card), clock=clock)
    told = []
    for seconds in (0.0, 1.0, USE_GOOD_FOR_SECONDS):
        clock.now += seconds
        told.append(cards.read(working=True)[0].others_percent)
    assert told == [30.0, 30.0, 0.0]


def test_old_and_impossible_samples_are_not_believed() -> None:
    """Some drivers give percentages above 100, and what a program did long ago."""
    old, now = SECOND, 9 * SECOND
    card = FakeCard(processes=[(GAME, 4_000_000, 0, 0, now), (FILM, 50, 0, 0, old), (400, 7, 0, 0, now)])
    assert cards_of(FakeNvml(card)).read(working=True)[0].others_percent == 7.0


@pytest.mark.parametrize(("working", "others"), [(False, 40.0), (True, None)])
def test_where_programs_are_not_told_apart(working: bool, others: float | None) -> None:
    """While we compute nothing, all of the load is somebody else's; while we do, nobody knows."""
    card = FakeCard(processes=None)
    assert cards_of(FakeNvml(card)).read(working=working)[0].others_percent == others


def test_a_sleeping_card_is_not_woken(tmp_path: Path) -> None:
    """The library is not even opened; the card is there, asleep."""
    nvml = FakeNvml(FakeCard())
    cards = cards_of(nvml, laptop(tmp_path, status="suspended"))
    assert cards.read(working=False) == (GpuStatus("0000:01:00.0", "nvidia", graphics.NVIDIA_CARD, asleep=True),)
    assert (nvml.opened, nvml.asked) == (0, [])


def test_a_card_that_we_work_on_is_asked(tmp_path: Path) -> None:
    """Working uses it anyhow; and its name is remembered for when it sleeps."""
    nvml, devices = FakeNvml(FakeCard()), laptop(tmp_path, status="suspended")
    cards = cards_of(nvml, devices)
    assert cards.read(working=True)[0].load_percent == 40.0
    (asleep,) = cards.read(working=False)
    assert (asleep.name, asleep.memory_total, asleep.asleep) == ("NVIDIA GeForce RTX 4070", 12 << 30, True)
    assert asleep.load_percent is None
    assert nvml.closed == 1, "an open driver keeps the card awake"


def test_a_card_may_fall_asleep_between_readings(tmp_path: Path) -> None:
    """After a reading it is left alone, with the driver closed, for longer than it takes to fall asleep."""
    clock = Clock()
    nvml = FakeNvml(FakeCard())
    cards = NvidiaCards(lambda _: False, nvml, laptop(tmp_path), clock, clock)
    asked = []
    for seconds in (0.0, 5.0, REST_SECONDS - 6, 2.0):
        clock.now += seconds
        cards.read(working=False)
        asked.append(len(nvml.asked))
        assert nvml.opened == nvml.closed
    assert asked == [1, 1, 1, 2]


def test_of_two_cards_only_the_one_that_is_awake_is_asked(tmp_path: Path) -> None:
    """Asking for a list of all would wake the other."""
    laptop(tmp_path, "0000:01:00.0", status="suspended")
    devices = laptop(tmp_path, "0000:02:00.0", control="on")
    nvml = FakeNvml(FakeCard("0000:01:00.0"), FakeCard("0000:02:00.0"))
    first, second = cards_of(nvml, devices).read(working=False)
    assert (first.asleep, second.asleep, nvml.asked) == (True, False, ["0000:02:00.0"])


def test_a_desktop_card_keeps_its_driver_open(tmp_path: Path) -> None:
    """It never sleeps, so it is asked every time, with one opening."""
    nvml = FakeNvml(FakeCard())
    cards = cards_of(nvml, laptop(tmp_path, control="on"))
    for _ in range(3):
        cards.read(working=False)
    assert (nvml.opened, nvml.closed, len(nvml.asked)) == (1, 0, 3)
    cards.close()
    assert nvml.closed == 1


def test_other_devices_are_not_taken_for_cards(tmp_path: Path) -> None:
    """Sound of the same maker, and a card that another driver has, say nothing about sleep."""
    devices = laptop(tmp_path, status="suspended")
    (devices / "0000:01:00.0/driver").unlink()
    sound = laptop(tmp_path, "0000:01:00.1", status="suspended") / "0000:01:00.1"
    (sound / "class").write_text("0x040300\n")
    (card,) = cards_of(FakeNvml(FakeCard()), devices).read(working=False)
    assert not card.asleep


def test_the_fake_has_the_names_of_the_real_library() -> None:
    """Every function and constant that the fake gives is one of pynvml, with the same number."""
    names = [name for name in vars(FakeNvml) if name.startswith(("nvml", "NVML"))]
    assert [name for name in names if not hasattr(pynvml, name)] == []
    for name in names:
        if isinstance(getattr(FakeNvml, name), int):
            assert getattr(pynvml, name) == getattr(FakeNvml, name), name
    assert issubclass(pynvml.NVMLError_GpuIsLost, pynvml.NVMLError)


def test_this_pc_is_read_without_an_accident() -> None:
    """With the real library, or without any: cards or none, but no exception that nobody expects."""
    cards = NvidiaCards(lambda _: False)
    try:
        assert all(card.vendor == "nvidia" for card in cards.read(working=False))
    except SensorFailed as failure:
        assert failure.reason
    finally:
        cards.close()
