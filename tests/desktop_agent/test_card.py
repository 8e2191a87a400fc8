"""Which graphics card matters, and how much of it is free."""

from __future__ import annotations

import pytest

from desktop_agent.core.rules.card import chosen_card, free_bytes, needed_bytes
from desktop_agent.core.sensors.base import GpuStatus

GIB = 1024**3
BUILT_IN = GpuStatus("in", "intel", "Built in", memory_total=32 * GIB, memory_used=GIB, shared_memory=True)
SMALL = GpuStatus("small", "nvidia", "Small", memory_total=4 * GIB, memory_used=GIB)
LARGE = GpuStatus("large", "amd", "Large", memory_total=24 * GIB, memory_used=30 * GIB)
MUTE = GpuStatus("mute", "nvidia", "Mute")


@pytest.mark.parametrize(
    ("cards", "wanted", "chosen"),
    [
        ((), "", None),
        ((BUILT_IN,), "", BUILT_IN),
        ((BUILT_IN, SMALL), "", SMALL),
        ((SMALL, LARGE), "", LARGE),
        ((SMALL, LARGE), "small", SMALL),
        ((SMALL, LARGE), "gone", LARGE),
        ((BUILT_IN, MUTE), "", MUTE),
    ],
)
def test_the_owner_chooses_or_the_largest_of_its_own_memory(
    cards: tuple[GpuStatus, ...], wanted: str, chosen: GpuStatus | None
) -> None:
    """Memory that belongs to the PC does not make a card large; a chosen card that is gone leaves the usual one."""
    assert chosen_card(cards, wanted) == chosen


@pytest.mark.parametrize(("card", "free"), [(None, None), (BUILT_IN, None), (MUTE, None), (SMALL, 3 * GIB), (LARGE, 0)])
def test_free_memory_is_told_or_unknown(card: GpuStatus | None, free: int | None) -> None:
    """A driver that counts more than there is leaves nothing free, not less."""
    assert free_bytes(card) == free


def test_a_reserve_stays_beside_the_model() -> None:
    """1.5 GiB on small cards, 15 % on large ones."""
    assert needed_bytes(SMALL, GIB) == GIB + 3 * GIB // 2
    assert needed_bytes(LARGE, GIB) == GIB + int(0.15 * 24 * GIB)
