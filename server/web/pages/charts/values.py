"""The values that charts are made of: every coordinate is known, so that drawing one is only writing it down.

A chart is as wide as there is room, and its letters stay as large as the page's: places of words are percents of the
plot's width, bars and lines are drawn across `WIDTH` units and stretched. Places from the top are pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

#: Pixels: the plot itself, and the room above it for the uppermost label and below it for the labels of time.
PLOT_HEIGHT, ROOM_ABOVE, ROOM_BELOW = 160, 10, 26
#: Colours of series that name none, in this order; `charts.css` has them.
TONES = ("blue", "amber", "teal", "violet", "grey", "red")
#: What tells series apart where colours do not: `macros/chart.html` has the patterns, `charts.css` the dashes.
TEXTURES = ("plain", "hatched", "dotted", "crossed")
#: Units across which bars and lines are drawn, whatever the plot's width is: about its pixels in half a page, so that
#: patterns look as they should.
WIDTH = 500

Write = Callable[[float | None], str]


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn in one colour: a value per label, None where there is none."""

    name: str
    values: Sequence[float | None]
    #: One of `TONES`; empty: the next one.
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that the axis is marked with."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    """A label along the bottom; `anchor` is the SVG's: start, middle or end."""

    x: float
    anchor: str
    text: str
    #: Whether it gives way where there is little room.
    minor: bool


@dataclass(frozen=True, slots=True)
class Look:
    """How a series is told from the others: its colour and its texture."""

    tone: str
    texture: str


@dataclass(frozen=True, slots=True)
class Bars:
    """All bars of a series as one path, `WIDTH` units across: a shape each would make a page ten times as long."""

    path: str
    look: Look


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of a line without a gap, `WIDTH` units across."""

    points: str
    look: Look


@dataclass(frozen=True, slots=True)
class Column:
    """The place of one label, with what is shown to whoever points at it."""

    x: float
    width: float
    tip: str


@dataclass(frozen=True, slots=True)
class Key:
    """A series in the legend, with its sum or its last value."""

    name: str
    value: str
    look: Look


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table that is read aloud."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, ready to be drawn."""

    #: Unique on its page as long as its title is.
    id: str
    title: str
    unit: str
    #: What is to be seen, in words.
    summary: str
    keys: tuple[Key, ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    bars: tuple[Bars, ...] = ()
    lines: tuple[Line, ...] = ()
    #: Said in the place of bars or lines, where there are none.
    nothing: str = ""
    height: int = field(default=ROOM_ABOVE + PLOT_HEIGHT + ROOM_BELOW)
    top: int = ROOM_ABOVE
    bottom: int = ROOM_ABOVE + PLOT_HEIGHT
    plot_height: int = PLOT_HEIGHT
    width: int = WIDTH
