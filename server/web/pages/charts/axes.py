"""Axes of charts: round steps for the values, and which of the labels along the bottom are written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

#: Steps that people read without effort, times a power of ten.
ROUND_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Steps between 0 and the top at most.
MAX_STEPS = 4
#: Labels along the bottom at most, and how many letters they may have together: a chart may stand in half a page.
MAX_LABELS, MAX_LETTERS = 6, 44
#: From here on a number on the axis is written in thousands, and so on.
SHORTENED_FROM = 10_000
MAGNITUDES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def value_steps(greatest: float, *, whole: bool = True) -> tuple[float, ...]:
    """Return the values at which the axis is marked, from 0 to the first round one that is not below the greatest.

    With `whole`, for what is counted, no step is a fraction. An axis for nothing but zeros goes up to 1.
    """
    if greatest <= 0:
        return (0.0, 1.0)
    step = _round_step(greatest / MAX_STEPS, whole)
    return tuple(step * number for number in range(math.ceil(greatest / step - 1e-9) + 1))


def _round_step(least: float, whole: bool) -> float:
    """Return the smallest round step that is not below another."""
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * factor for factor in ROUND_STEPS if power * factor >= least * (1 - 1e-9))
    # A step of 2.5 is no step between things that are counted; what is below one is neither.
    if whole and step != int(step):
        return 1.0 if step < 1 else float(math.ceil(step))
    return step


def label_places(labels: Sequence[str]) -> Mapping[int, str]:
    """Choose some labels, evenly, where all of them would not fit; the last is always one of them."""
    count = len(labels)
    fitting = min(MAX_LABELS, MAX_LETTERS // max((len(label) for label in labels), default=1)) or 1
    every = -(-count // fitting) or 1
    return {place: labels[place] for place in range((count - 1) % every, count, every)}


def in_full(value: float | None) -> str:
    """Write a value as it is: `1,234`, `0.25`; `no value` for None."""
    if value is None:
        return "no value"
    if value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if value >= 1 else f"{value:.2g}"


def shortened(value: float) -> str:
    """Write a value for the axis: `2,500`, `25k`, `1.5M`."""
    if value < SHORTENED_FROM:
        return in_full(value)
    size, letter = next(one for one in MAGNITUDES if value >= one[0])
    return f"{value / size:,.2f}".rstrip("0").rstrip(".") + letter
