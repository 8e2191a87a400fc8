"""All cards together: each once, whatever number of sources tells of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from desktop_agent.core.sensors.base import GpuStatus, SensorFailed
from desktop_agent.core.sensors.gpus import AllCards, gpus_here, merged
from desktop_agent.core.text import Text

GEFORCE = "NVIDIA GeForce RTX 4070"
#: What the driver's library tells, and what Windows tells of the same card.
DRIVER = GpuStatus("0000:01:00.0", "nvidia", GEFORCE, 12, 3, 40.0, None, 54.0, 61.0)
WINDOWS = GpuStatus("10de-2786-1", "nvidia", GEFORCE, 11, 2, 38.0, 9.0)
INTEL = GpuStatus("8086-4680-1", "intel", "Intel UHD Graphics 770", 16, 1, 5.0, 5.0, shared_memory=True)
BOTH = replace(DRIVER, others_percent=9.0)


@dataclass(slots=True)
class Told:
    """A source that tells what the test says."""

    vendor: str
    cards: tuple[GpuStatus, ...] | Text
    closed: bool = False

    def read(self, *, working: bool) -> tuple[GpuStatus, ...]:
        if isinstance(self.cards, Text):
            raise SensorFailed(self.cards)
        return self.cards

    def close(self) -> None:
        self.closed = True


def test_what_two_sources_tell_of_one_card_is_brought_together() -> None:
    """The driver knows best, but not which programs use it; the other card is Windows' alone."""
    assert merged([(DRIVER,), (INTEL, WINDOWS)]) == (BOTH, INTEL)


def test_the_only_card_of_a_maker_is_the_same_under_another_name() -> None:
    """A driver may call it otherwise."""
    other = replace(WINDOWS, name="GeForce RTX 4070 Laptop GPU")
    assert merged([(DRIVER,), (other, INTEL)]) == (BOTH, INTEL)


def test_two_cards_of_one_name_stay_two() -> None:
    """The first of one source is the first of the other."""
    second = replace(DRIVER, id="0000:02:00.0"), replace(WINDOWS, id="10de-2786-2", others_percent=77.0)
    cards = merged([(DRIVER, second[0]), (WINDOWS, second[1])])
    assert [(card.id, card.others_percent) for card in cards] == [("0000:01:00.0", 9.0), ("0000:02:00.0", 77.0)]


def test_cards_of_one_maker_with_different_names_are_different() -> None:
    """A small and a large card of one maker are not mixed up."""
    small = replace(WINDOWS, id="10de-1234-1", name="NVIDIA T400", others_percent=50.0)
    assert merged([(DRIVER,), (small, WINDOWS)]) == (BOTH, small)


def test_a_sleeping_card_stays_as_it_is() -> None:
    """What another source tells of it does not make it look awake."""
    asleep = GpuStatus("0000:01:00.0", "nvidia", GEFORCE, 12, asleep=True)
    assert merged([(asleep,), (WINDOWS,)]) == (asleep,)


def test_a_failure_counts_where_nobody_else_tells_of_the_card() -> None:
    """With the card missing, the agent would take it for free."""
    failure = Text("The driver was updated.")
    with pytest.raises(SensorFailed, match="updated"):
        AllCards([Told("nvidia", failure), Told("amd", ())]).read(working=True)
    with pytest.raises(SensorFailed, match="updated"):
        AllCards([Told("nvidia", failure), Told("", (INTEL,))]).read(working=True)
    assert AllCards([Told("nvidia", failure), Told("", (WINDOWS,))]).read(working=True) == (WINDOWS,)


def test_a_source_of_any_card_may_fail_where_another_tells_some() -> None:
    """Windows' counters may be broken; the driver still tells nearly everything."""
    failure = Text("No counters.")
    assert AllCards([Told("nvidia", (DRIVER,)), Told("", failure)]).read(working=True) == (DRIVER,)
    with pytest.raises(SensorFailed, match="No counters"):
        AllCards([Told("nvidia", ()), Told("", failure)]).read(working=True)


def test_a_pc_without_cards_has_none() -> None:
    """That is no failure."""
    assert AllCards([Told("nvidia", ()), Told("amd", ())]).read(working=False) == ()


def test_all_sources_are_closed() -> None:
    """Each lets go of its driver."""
    sources = [Told("nvidia", ()), Told("amd", ())]
    AllCards(sources).close()
    assert [source.closed for source in sources] == [True, True]


def test_this_pc_is_read_without_an_accident() -> None:
    """Real files, real library or none: cards or a reason."""
    gpus = gpus_here()
    try:
        assert all(card.id for card in gpus.read(working=False))
    except SensorFailed as failure:
        assert failure.reason
    finally:
        gpus.close()
