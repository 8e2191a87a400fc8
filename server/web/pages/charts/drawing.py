"""Drawing charts: where each bar, line and label goes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from server.web.pages.charts.axes import in_full, label_places, shortened, value_steps
from server.web.pages.charts.values import (
    PLOT_HEIGHT,
    ROOM_ABOVE,
    TEXTURES,
    TONES,
    WIDTH,
    Bars,
    Chart,
    Column,
    Label,
    Line,
    Look,
    Mark,
    Series,
    Write,
)
from server.web.pages.charts.words import BARS, LINES, as_rows, in_words, keys

#: A bar's part of its place, and how wide it gets at most (units of `WIDTH`).
BAR_SHARE, MAX_BAR = 0.76, 36.0
#: The least height of a bar that is not nothing (pixels): one failure among thousands is to be seen.
MIN_BAR_HEIGHT = 2
#: Half a letter's width in a narrow chart, and how far a label may stick out to the left, where the axis's numbers
#: stand, and to the right (percent of the plot).
HALF_LETTER, ROOM_LEFT, ROOM_RIGHT = 0.9, 4.0, 1.0


def bar_chart(
    title: str,
    unit: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    tick_labels: Mapping[int, str] | None = None,
    whole: bool = True,
    write: Write = in_full,
    nothing: str = "Nothing in this time.",
) -> Chart:
    """Draw a bar per label; several series are stacked, the first at the bottom.

    Args:
        title: what is shown; two charts of a page have different ones.
        unit: of the values, in the plural, such as "tasks per minute".
        labels: one per bar, in full: shown to whoever points at it and read aloud.
        series: the values, none below zero.
        tick_labels: what stands along the bottom, by place; None: some of the labels.
        whole: whether the values are counted, so that the axis has no fractions.
        write: how a value is written in full.
        nothing: what is said when all values are zero.
    """
    looks = _looks(series)
    greatest = max((sum(one.values[place] or 0 for one in series) for place in range(len(labels))), default=0)
    steps = value_steps(greatest, whole=whole)
    return Chart(
        id=_id_of(title),
        title=title,
        unit=unit,
        summary=in_words(unit, labels, series, BARS, write),
        keys=keys(series, looks, BARS, write),
        rows=as_rows(labels, series, BARS, write),
        columns=_columns(labels, series, write),
        marks=_marks(steps),
        labels=_labels(len(labels), tick_labels or label_places(labels)),
        bars=_bars(len(labels), series, looks, steps[-1]),
        nothing="" if greatest else nothing,
    )


def line_chart(
    title: str,
    unit: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    tick_labels: Mapping[int, str] | None = None,
    whole: bool = False,
    write: Write = in_full,
    nothing: str = "No values in this time.",
) -> Chart:
    """Draw a line per series, with a gap wherever a value is None. The arguments are those of `bar_chart`."""
    looks = _looks(series)
    values = [value for one in series for value in one.values if value is not None]
    steps = value_steps(max(values, default=0.0), whole=whole)
    return Chart(
        id=_id_of(title),
        title=title,
        unit=unit,
        summary=in_words(unit, labels, series, LINES, write),
        keys=keys(series, looks, LINES, write),
        rows=as_rows(labels, series, LINES, write),
        columns=_columns(labels, series, write),
        marks=_marks(steps),
        labels=_labels(len(labels), tick_labels or label_places(labels)),
        lines=tuple(
            Line(points, look)
            for one, look in zip(series, looks, strict=True)
            for points in _stretches(one.values, steps[-1])
        ),
        nothing="" if values else nothing,
    )


def _id_of(title: str) -> str:
    return "chart-" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _looks(series: Sequence[Series]) -> list[Look]:
    return [
        Look(one.tone or TONES[place % len(TONES)], TEXTURES[place % len(TEXTURES)]) for place, one in enumerate(series)
    ]


def _marks(steps: Sequence[float]) -> tuple[Mark, ...]:
    return tuple(Mark(_y_of(step, steps[-1]), shortened(step)) for step in steps)


def _y_of(value: float, top: float) -> float:
    """Return how far from the SVG's upper edge a value lies (pixels)."""
    return round(ROOM_ABOVE + PLOT_HEIGHT * (1 - value / top), 2)


def _labels(count: int, texts: Mapping[int, str]) -> tuple[Label, ...]:
    """Put labels under the middles of their places. Counted from the last, every second one is minor."""
    places = sorted((place for place in texts if 0 <= place < count), reverse=True)
    found = [
        _label((place + 0.5) * 100 / count, texts[place], minor=len(places) > 3 and number % 2 == 1)
        for number, place in enumerate(places)
    ]
    return tuple(reversed(found))


def _label(x: float, text: str, *, minor: bool) -> Label:
    """Put a label under a place, or at the plot's edge where it would stick out."""
    half = HALF_LETTER * len(text)
    if x - half < -ROOM_LEFT:
        return Label(0, "start", text, minor)
    if x + half > 100 + ROOM_RIGHT:
        return Label(100, "end", text, minor)
    return Label(round(x, 3), "middle", text, minor)


def _columns(labels: Sequence[str], series: Sequence[Series], write: Write) -> tuple[Column, ...]:
    width = 100 / max(1, len(labels))
    return tuple(
        Column(
            round(place * width, 2),
            round(width, 2),
            "\n".join([label, *(f"{one.name}: {write(one.values[place])}" for one in series)]),
        )
        for place, label in enumerate(labels)
    )


def _bars(count: int, series: Sequence[Series], looks: Sequence[Look], top: float) -> tuple[Bars, ...]:
    """Stack the series on each other."""
    floors = [float(ROOM_ABOVE + PLOT_HEIGHT)] * count
    place_width = WIDTH / max(1, count)
    width = min(place_width * BAR_SHARE, MAX_BAR)
    stacked = []
    for one, look in zip(series, looks, strict=True):
        path = []
        for place, value in enumerate(one.values):
            if value:
                x, floor = (place + 0.5) * place_width - width / 2, floors[place]
                floors[place] = ceiling = floor - max(MIN_BAR_HEIGHT, PLOT_HEIGHT * value / top)
                path.append(f"M{x:.1f} {floor:.1f}V{ceiling:.1f}H{x + width:.1f}V{floor:.1f}Z")
        if path:
            stacked.append(Bars("".join(path), look))
    return tuple(stacked)


def _stretches(values: Sequence[float | None], top: float) -> list[str]:
    """Return the points of each stretch without a gap; one point alone is drawn as a dot."""
    stretches: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            stretches.append([])
        else:
            x = (place + 0.5) * WIDTH / len(values)
            stretches[-1].append(f"{x:.1f},{_y_of(value, top):.1f}")
    return [" ".join(points if len(points) > 1 else points * 2) for points in stretches if points]
