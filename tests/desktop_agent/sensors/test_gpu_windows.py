"""Cards under Windows: names of counters' instances, the registry's values, and the structures of `pdh.dll`."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import pytest

from desktop_agent.core.messages import graphics
from desktop_agent.core.sensors.base import GpuStatus, SensorFailed
from desktop_agent.core.sensors.gpu_windows import (
    ENGINES,
    MEMORY,
    SHARED_MEMORY,
    EngineInstance,
    WindowsCards,
    parse_engine,
)
from desktop_agent.core.sensors.pdh import PDH_MORE_DATA, PdhCounters, PdhCounterValue, PdhItem, prepared, values_of
from desktop_agent.core.sensors.windows_adapters import Adapter, adapters_from

OURS, GAME, DESKTOP = 4312, 9120, 1204
GEFORCE, INTEL, PROCESSOR = 0xD5F1, 0x1_0000_E0AA, 0xF3B2

#: As Windows 11 writes them below its key for DirectX, an unknown card that draws by the processor included.
DIRECTX: list[Mapping[str, object]] = [
    {"LastSeen": 133_700_000_000_000_000},
    {
        "Description": "Microsoft Basic Render Driver",
        "VendorId": 0x1414,
        "DeviceId": 0x8C,
        "AdapterLuid": PROCESSOR,
        "DedicatedVideoMemory": 0,
        "SharedSystemMemory": 17_000_000_000,
    },
    {
        "Description": "NVIDIA GeForce RTX 4070",
        "VendorId": 0x10DE,
        "DeviceId": 0x2786,
        "SubSysId": 0x8A1D_1043,
        "AdapterLuid": GEFORCE,
        "DedicatedVideoMemory": 12_616_466_432,
        "DedicatedSystemMemory": 0,
        "SharedSystemMemory": 17_000_000_000,
        "DriverVersion": 8_725_724_278_030_372,
    },
    {
        "Description": "Intel(R) UHD Graphics 770",
        "VendorId": 0x8086,
        "DeviceId": 0x4680,
        "AdapterLuid": INTEL,
        "DedicatedVideoMemory": 134_217_728,
        "SharedSystemMemory": 17_000_000_000,
    },
]
DRIVERS: list[Mapping[str, object]] = [
    {
        "DriverDesc": "NVIDIA GeForce RTX 4070",
        "MatchingDeviceId": r"PCI\VEN_10DE&DEV_2786&SUBSYS_8A1D1043",
        "HardwareInformation.qwMemorySize": (12_878_610_432).to_bytes(8, "little"),
        "HardwareInformation.MemorySize": b"\xff\xff\xff\xff",
    },
    {"DriverDesc": "Intel(R) UHD Graphics 770", "MatchingDeviceId": "pci\\ven_8086&dev_4680"},
]


def engine(pid: int, luid: int, number: int, kind: str) -> str:
    return f"pid_{pid}_luid_0x{luid >> 32:08X}_0x{luid & 0xFFFF_FFFF:08X}_phys_0_eng_{number}_engtype_{kind}"


def memory(luid: int) -> str:
    return f"luid_0x{luid >> 32:08X}_0x{luid & 0xFFFF_FFFF:08X}_phys_0"


class FakeCounters:
    """Counters whose values the test sets."""

    def __init__(self, **engines: float) -> None:
        self.values: dict[str, dict[str, float]] = {
            MEMORY: {memory(GEFORCE): 3e9, memory(INTEL): 1e8, memory(PROCESSOR): 0},
            SHARED_MEMORY: {memory(GEFORCE): 2e8, memory(INTEL): 7e8, memory(PROCESSOR): 5e7},
        }
        if engines:
            self.values[ENGINES] = engines
        self.closed = False

    def read(self) -> Mapping[str, Mapping[str, float]]:
        return self.values

    def close(self) -> None:
        self.closed = True


def cards_of(counters: FakeCounters, directx: list[Mapping[str, object]] = DIRECTX) -> WindowsCards:
    return WindowsCards(lambda pid: pid == OURS, counters, lambda: adapters_from(directx, DRIVERS))


def test_the_name_of_an_engines_counter_is_read() -> None:
    """Process, card and engine; whatever else the system counts is none."""
    assert parse_engine("pid_4312_luid_0x00000001_0x0000E0AA_phys_0_eng_3_engtype_VideoDecode") == EngineInstance(
        4312, 0x1_0000_E0AA, 3
    )
    assert parse_engine("pid_4_luid_0x00000000_0x0000d5f1_phys_0_eng_12") == EngineInstance(4, 0xD5F1, 12)
    for other in ("", "_Total", "pid_x_luid_0x0_0x0_phys_0_eng_1_engtype_3D", memory(GEFORCE)):
        assert parse_engine(other) is None


def test_the_registry_tells_which_cards_there_are() -> None:
    """Names, sizes above 4 GB (the driver's own one is the larger), and ids that a restart does not change."""
    intel = Adapter("8086-4680-1", INTEL, "intel", "Intel(R) UHD Graphics 770", 134_217_728, 17_000_000_000)
    geforce = Adapter("10de-2786-1", GEFORCE, "nvidia", "NVIDIA GeForce RTX 4070", 12_878_610_432, 17_000_000_000)
    assert adapters_from(DIRECTX, DRIVERS) == (geforce, intel)
    assert (geforce.shared, intel.shared) == (False, True)
    moved = [{**values, "AdapterLuid": 77} if values.get("VendorId") == 0x10DE else values for values in DIRECTX]
    assert adapters_from(moved, DRIVERS)[0].id == geforce.id


def test_two_cards_of_one_kind_are_told_apart() -> None:
    """Each has an id of its own."""
    twins = [{**DIRECTX[2], "AdapterLuid": luid} for luid in (5, 3)]
    assert [(card.id, card.luid) for card in adapters_from(twins, [])] == [("10de-2786-1", 3), ("10de-2786-2", 5)]


@pytest.mark.parametrize("values", [{}, {"VendorId": "x"}, {"VendorId": 0x10DE}, {"VendorId": None, "AdapterLuid": 1}])
def test_odd_values_of_the_registry_are_no_card(values: Mapping[str, object]) -> None:
    """Whatever a driver wrote there, it is no accident."""
    assert adapters_from([values], [values]) == ()


def test_load_is_that_of_the_busiest_engine_and_ours_is_left_out() -> None:
    """The processes on an engine add up; a film on another engine counts, our own computing does not."""
    counters = FakeCounters(
        **{
            engine(OURS, GEFORCE, 0, "3D"): 70.0,
            engine(DESKTOP, GEFORCE, 0, "3D"): 4.0,
            engine(GAME, GEFORCE, 3, "VideoDecode"): 11.0,
            engine(GAME, INTEL, 0, "3D"): 50.0,
            "something else": 100.0,
        }
    )
    assert cards_of(counters).read(working=True) == (
        GpuStatus(
            "10de-2786-1",
            "nvidia",
            "NVIDIA GeForce RTX 4070",
            memory_total=12_878_610_432,
            memory_used=3_000_000_000,
            load_percent=74.0,
            others_percent=11.0,
        ),
        GpuStatus(
            "8086-4680-1",
            "intel",
            "Intel(R) UHD Graphics 770",
            memory_total=17_000_000_000,
            memory_used=700_000_000,
            load_percent=50.0,
            others_percent=50.0,
            shared_memory=True,
        ),
    )


def test_the_first_reading_knows_no_load() -> None:
    """Percentages come from two readings: at the first time they are not known, which is not "free"."""
    assert {(card.load_percent, card.others_percent) for card in cards_of(FakeCounters()).read(working=False)} == {
        (None, None)
    }


def test_a_card_that_was_taken_out_is_not_told_of() -> None:
    """The registry keeps it; the counters do not have it."""
    counters = FakeCounters()
    del counters.values[MEMORY][memory(INTEL)]
    assert [card.vendor for card in cards_of(counters).read(working=False)] == ["nvidia"]


def test_cards_get_other_names_after_an_accident_of_the_driver() -> None:
    """The registry is looked at again when the counters name other cards, and only then."""
    counters, directx, looks = FakeCounters(), list(DIRECTX), []

    def look() -> tuple[Adapter, ...]:
        looks.append(1)
        return adapters_from(directx, DRIVERS)

    cards = WindowsCards(lambda _: False, counters, look)
    for _ in range(3):
        assert len(cards.read(working=False)) == 2
    directx[2] = {**directx[2], "AdapterLuid": 0x99}
    counters.values[MEMORY] = {memory(0x99): 1e9, memory(INTEL): 1e8}
    assert cards.read(working=False)[0].memory_used == 1_000_000_000
    assert len(looks) == 2


def test_without_the_registry_the_load_is_known_still() -> None:
    """One card without a name stands for all of them."""
    counters = FakeCounters(**{engine(OURS, GEFORCE, 0, "3D"): 60.0, engine(GAME, INTEL, 0, "3D"): 20.0})
    (card,) = cards_of(counters, []).read(working=True)
    assert card == GpuStatus("windows", "", graphics.CARD, load_percent=60.0, others_percent=20.0)


def test_the_structures_are_as_documented() -> None:
    """PDH_FMT_COUNTERVALUE is a DWORD and, at 8, a union of 8 bytes; an item of an array has a pointer before it."""
    assert (ctypes.sizeof(PdhCounterValue), PdhCounterValue.value.offset) == (16, 8)
    assert (ctypes.sizeof(PdhItem), PdhItem.szName.offset, PdhItem.FmtValue.offset) == (24, 0, 8)


def items(**values: tuple[int, float]) -> Any:
    array = (PdhItem * len(values))()
    for item, (name, (status, value)) in zip(array, values.items(), strict=True):
        item.szName, item.FmtValue.CStatus, item.FmtValue.value.doubleValue = name, status, value
    return array


def test_only_valid_values_count() -> None:
    """What has just begun or ended has none; instances of one name are added up."""
    assert values_of(items(a=(0, 1.5), b=(1, 2.0), c=(0xC0000BC6, 9.0))) == {"a": 1.5, "b": 2.0}
    twins = items(a=(0, 1.5), b=(0, 2.0))
    twins[1].szName = "a"
    assert values_of(twins) == {"a": 3.5}


class FakePdh:
    """`pdh.dll` with one counter, whose array grows once while it is read."""

    def __init__(self) -> None:
        self.answers = [items(a=(0, 1.0)), items(a=(0, 1.0), b=(0, 2.0))]
        self.collected = self.added = self.array = 0
        self.closed = False

        for name in ("OpenQueryW", "AddEnglishCounterW", "CollectQueryData", "GetFormattedCounterArrayW", "CloseQuery"):
            setattr(self, f"Pdh{name}", self._function(getattr(self, name)))

    @staticmethod
    def _function(call: Any) -> Any:
        """Make what ctypes has: a callable with the attributes `argtypes` and `restype`."""

        class Function:
            argtypes: Any = None
            restype: Any = None

            def __call__(self, *arguments: Any) -> Any:
                assert len(arguments) == len(self.argtypes)
                return call(*arguments)

        return Function()

    def OpenQueryW(self, source: None, _data: int, query: Any) -> int:  # noqa: N802
        assert source is None
        query._obj.value = 1
        return 0

    def AddEnglishCounterW(self, _query: Any, path: str, _data: int, counter: Any) -> int:  # noqa: N802
        assert path.startswith("\\")
        counter._obj.value = 2
        return self.added

    def CollectQueryData(self, _query: Any) -> int:  # noqa: N802
        return self.collected

    def GetFormattedCounterArrayW(self, _counter: Any, _form: int, size: Any, count: Any, buffer: Any) -> int:  # noqa: N802
        if self.array:
            return self.array
        now = self.answers[0]
        needed = ctypes.sizeof(now)
        if buffer is None or size._obj.value < needed:
            size._obj.value = needed
            # Meanwhile a program starts.
            self.answers = self.answers[-1:]
            return PDH_MORE_DATA
        ctypes.memmove(buffer, now, needed)
        count._obj.value = len(now)
        return 0

    def CloseQuery(self, _query: Any) -> int:  # noqa: N802
        self.closed = True
        return 0


def test_an_array_that_grows_meanwhile_is_read_again() -> None:
    """Processes come and go between asking how long it is and reading it."""
    pdh = FakePdh()
    counters = PdhCounters([ENGINES], prepared(pdh))
    assert counters.read() == {ENGINES: {"a": 1.0, "b": 2.0}}
    counters.close()
    counters.close()
    assert pdh.closed


@pytest.mark.parametrize("status", [0x800007D5, 0xC0000BC6])
def test_nothing_to_count_is_no_accident(status: int) -> None:
    """No instance, or a first reading: the counter is left out."""
    pdh = FakePdh()
    counters = PdhCounters([ENGINES], prepared(pdh))
    pdh.array = status
    assert counters.read() == {}
    pdh.collected = status
    assert counters.read() == {}


def test_a_system_without_such_counters_is_told() -> None:
    """An old Windows, or Wine: a reason in words, and the query is closed."""
    pdh = FakePdh()
    pdh.added = 0xC0000BB8
    with pytest.raises(SensorFailed) as caught:
        PdhCounters([ENGINES], prepared(pdh))
    assert (caught.value.reason, pdh.closed) == (graphics.WINDOWS_COUNTERS_FAILED, True)


def test_an_accident_of_the_counters_is_told() -> None:
    """Any other status is a failure, which the next reading may not have."""
    pdh = FakePdh()
    counters = PdhCounters([ENGINES], prepared(pdh))
    pdh.collected = 0xC0000BBB
    with pytest.raises(SensorFailed):
        counters.read()
    pdh.collected = 0
    assert counters.read()
