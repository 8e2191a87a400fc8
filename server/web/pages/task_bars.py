"""Where a task's time went, drawn: one bar for each attempt, in percent of the longest."""

from __future__ import annotations

from dataclasses import dataclass

from server.services.operator.task_timings import Stage, Timings
from server.web.pages.formats import duration

#: Least width (percent) of what took any time at all.
LEAST = 0.8


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: `waited`, `overhead` (all of it where the engine said nothing) or `engine`."""

    what: str
    #: Both in percent of the whole width.
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """An attempt and the wait before it."""

    parts: tuple[Part, ...]
    #: The same in words.
    words: str


def bars(timings: Timings) -> list[Bar]:
    """Draw the stages of a task."""
    longest = max((stage.waited + stage.held for stage in timings.stages), default=0) or 1
    return [Bar(tuple(_parts(stage, longest)), _words(stage)) for stage in timings.stages]


def _parts(stage: Stage, longest: int) -> list[Part]:
    engine = stage.engine or 0
    lengths = {"waited": stage.waited, "overhead": stage.held - engine, "engine": engine}
    widths = {what: max(length / longest * 100, LEAST) for what, length in lengths.items() if length > 0}
    # What was widened to be seen is taken from the rest.
    shrunk = 100 / max(sum(widths.values()), 100)
    parts, x = [], 0.0
    for what, width in widths.items():
        parts.append(Part(what, round(x, 2), round(width * shrunk, 2)))
        x += width * shrunk
    return parts


def _words(stage: Stage) -> str:
    said = [f"waited {duration(stage.waited)}", f"with the agent {duration(stage.held)}"]
    if stage.engine is not None:
        said.append(f"of that {duration(stage.engine)} in its engine")
    return ", ".join(said)
