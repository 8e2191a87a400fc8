"""Sparks: a row of small bars in a table, which say how much there was day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Units of height, and of width for a bar with the gap after it.
HEIGHT, STEP, GAP = 24, 4, 1
#: Least height of a bar that is not nothing.
LEAST = 2


@dataclass(frozen=True, slots=True)
class Spark:
    """Bars, ready to be drawn."""

    width: int
    #: As the `d` of an SVG path.
    path: str


def spark(values: Sequence[float]) -> Spark:
    """Draw a bar per value, none below zero; nothing is no bar."""
    greatest = max(values, default=0) or 1
    bars = [
        f"M{place * STEP} {HEIGHT}v-{max(LEAST, round(value / greatest * HEIGHT))}h{STEP - GAP}V{HEIGHT}z"
        for place, value in enumerate(values)
        if value > 0
    ]
    return Spark(len(values) * STEP - GAP, "".join(bars))
