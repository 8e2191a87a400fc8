"""Charts in words: the summary, the legend's numbers, and the table that is read aloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.web.pages.charts.values import Key, Look, Row, Series, Write

#: Rows of the table that is read aloud: where there are more points, some neighbours at a time are taken together.
MAX_ROWS = 24


@dataclass(frozen=True, slots=True)
class Reading:
    """How the values of a kind of chart are read; each function gets at least one value."""

    #: One number for neighbours.
    together: Callable[[Sequence[float]], float]
    #: The number in the legend.
    key: Callable[[Sequence[float]], float]
    #: What a series shows, in words; gets the values, where they stand, and how a value is written.
    tell: Callable[[Sequence[tuple[float, str]], Write], str]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _last(values: Sequence[float]) -> float:
    return values[-1]


def _tell_counted(values: Sequence[tuple[float, str]], write: Write) -> str:
    most, where = max(values, key=lambda one: one[0])
    if not most:
        return "none"
    return f"{write(sum(value for value, _ in values))} in all, {write(most)} at most, at {where}"


def _tell_measured(values: Sequence[tuple[float, str]], write: Write) -> str:
    (least, _), (most, where) = min(values), max(values, key=lambda one: one[0])
    return f"from {write(least)} to {write(most)} (at {where}), {write(values[-1][0])} at the end"


#: Bars show what was counted, and are summed up; lines show what was measured, and are averaged.
BARS, LINES = Reading(sum, sum, _tell_counted), Reading(_mean, _last, _tell_measured)


def in_words(unit: str, labels: Sequence[str], series: Sequence[Series], reading: Reading, write: Write) -> str:
    """Say in a few sentences what a chart shows."""
    if not labels:
        return "There are no values."
    told = [f"From {labels[0]} to {labels[-1]}, in {unit}."]
    for one in series:
        known = [(value, label) for value, label in zip(one.values, labels, strict=True) if value is not None]
        told.append(f"{one.name}: {reading.tell(known, write) if known else 'no values'}.")
    return " ".join(told)


def keys(series: Sequence[Series], looks: Sequence[Look], reading: Reading, write: Write) -> tuple[Key, ...]:
    """Return the legend."""
    return tuple(
        Key(one.name, _taken(one.values, reading.key, write), look) for one, look in zip(series, looks, strict=True)
    )


def as_rows(labels: Sequence[str], series: Sequence[Series], reading: Reading, write: Write) -> tuple[Row, ...]:
    """Return the table's rows: one for each label, or for some neighbours where there are many."""
    size = -(-len(labels) // MAX_ROWS) or 1
    return tuple(
        Row(
            labels[first] if size == 1 else f"{labels[first]} to {labels[min(first + size, len(labels)) - 1]}",
            tuple(_taken(one.values[first : first + size], reading.together, write) for one in series),
        )
        for first in range(0, len(labels), size)
    )


def _taken(values: Sequence[float | None], take: Callable[[Sequence[float]], float], write: Write) -> str:
    known = [value for value in values if value is not None]
    return write(take(known) if known else None)
