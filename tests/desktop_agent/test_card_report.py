"""What the pool's operator is told of the graphics card: enough to help, and nothing of what its owner does."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_agent.core.pool.card_report import card_report
from desktop_agent.core.sensors.base import GpuStatus
from tests.desktop_agent.parts import run
from tests.desktop_agent.test_host import Living, living

GIB = 1024**3
CARD = GpuStatus("uuid", "nvidia", "RTX 4070", 12 * GIB, 3 * GIB + 5, 83.4, others_percent=0.0, temperature=61.4)


class Cards:
    """The cards of a PC; the second is the one that counts."""

    def read(self, *, working: bool) -> tuple[GpuStatus, ...]:
        return (GpuStatus("in", "intel", "Built in", 32 * GIB, shared_memory=True), CARD)

    def close(self) -> None:
        pass


def test_a_card_is_told_in_round_numbers() -> None:
    """Memory in MiB, used memory in steps of 256 of them, load in steps of 5, whole degrees; no id, no power."""
    assert card_report(CARD, closely=True).body() == {
        "name": "RTX 4070",
        "vram_mib": 12_288,
        "vram_used_mib": 3072,
        "temperature_c": 61,
        "load_percent": 85,
    }


def test_what_the_owner_does_with_it_is_not_told() -> None:
    """While they have it for themselves, only what the card is."""
    assert card_report(CARD, closely=False).body() == {"name": "RTX 4070", "vram_mib": 12_288}


@pytest.mark.parametrize(
    ("card", "told"),
    [
        (GpuStatus("a", "amd", "x" * 500), {"name": "x" * 100}),
        (GpuStatus("a", "intel", "Iris", 8 * GIB, GIB, shared_memory=True), {"name": "Iris"}),
        (GpuStatus("a", "amd", "RX", temperature=0.0), {"name": "RX", "temperature_c": 0}),
    ],
)
def test_what_is_not_known_is_left_out(card: GpuStatus, told: dict[str, object]) -> None:
    """Nothing is made up; the PC's own memory is not the card's."""
    assert card_report(card, closely=True).body() == told


def told(a: Living, status: str) -> dict[str, object] | None:
    """What was last told of the card in such a state."""
    states = [turn["state"] for turn in a.pool.turns if turn["state"]["status"] == status]
    card: dict[str, object] | None = states[-1]["gpu"] if states else None
    return card


def test_every_turn_tells_of_the_card_and_less_when_somebody_is_there(tmp_path: Path) -> None:
    """The one that computes, closely while this PC is ready; with the owner back, what it is and no more."""

    async def story() -> None:
        async with living(tmp_path, gpus=Cards()) as a:
            task = a.pool.submit("a text")
            await a.pool.until(lambda: task.result is not None)
            await a.pool.until(lambda: told(a, "ready") == card_report(CARD, closely=True).body())
            a.person.idle_seconds = 0.0
            await a.pool.until(lambda: told(a, "waiting") == card_report(CARD, closely=False).body())
            assert {turn["state"]["engine"] for turn in a.pool.turns} == {"gated 1.0"}

    run(story(), 60)
