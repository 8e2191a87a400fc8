"""What the pool's operator is told of a graphics card: in round numbers, how the card is and not what it does."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from ..sensors.base import GpuStatus

MIB = 2**20
#: What used memory (MiB) and load (percent) are rounded to.
USED_STEP_MIB, LOAD_STEP = 256, 5
#: Longest name that is sent.
MAX_NAME_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class CardReport:
    """The card that the agent computes with; None stands for what cannot be told."""

    name: str
    #: MiB; None also for a card without memory of its own.
    vram_mib: int | None = None
    vram_used_mib: int | None = None
    #: Degrees Celsius.
    temperature_c: int | None = None
    #: By everything on the PC.
    load_percent: int | None = None

    def body(self) -> dict[str, object]:
        """Give the protocol's form, without what is not known."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def card_report(card: GpuStatus, *, closely: bool) -> CardReport:
    """Say of a card what the operator may see; only what it is, unless `closely`."""
    total, used = (None, None) if card.shared_memory else (card.memory_total, card.memory_used)
    report = CardReport(card.name[:MAX_NAME_CHARACTERS], None if total is None else round(total / MIB))
    if not closely:
        return report
    return replace(
        report,
        vram_used_mib=_rounded(None if used is None else used / MIB, USED_STEP_MIB),
        temperature_c=_rounded(card.temperature, 1),
        load_percent=_rounded(card.load_percent, LOAD_STEP),
    )


def _rounded(value: float | None, step: int) -> int | None:
    return None if value is None else round(value / step) * step
