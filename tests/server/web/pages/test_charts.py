"""Charts: round axes, bars and lines where they belong, and the same in words for who cannot see them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as Tree
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.web.pages.charts import Chart, Series, bar_chart, line_chart
from server.web.pages.charts.axes import in_full, label_places, shortened, value_steps
from server.web.pages.charts.values import PLOT_HEIGHT, ROOM_ABOVE, Bars

TEMPLATES = Path(__file__).parents[4] / "server" / "web" / "templates"
BOTTOM = ROOM_ABOVE + PLOT_HEIGHT


@pytest.mark.parametrize(
    ("greatest", "steps"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (3, (0, 1, 2, 3)),
        (5, (0, 2, 4, 6)),
        (40, (0, 10, 20, 30, 40)),
        (41, (0, 20, 40, 60)),
        (9, (0, 3, 6, 9)),
        (1000, (0, 250, 500, 750, 1000)),
        (123_456, (0, 50_000, 100_000, 150_000)),
    ],
)
def test_axis_of_what_is_counted_has_round_whole_steps(greatest: float, steps: tuple[float, ...]) -> None:
    """The last step is the first that is not below the greatest value."""
    assert value_steps(greatest) == steps


@pytest.mark.parametrize("greatest", [0.03, 0.7, 1, 2.4, 37, 99.99, 100, 100.01, 8e9])
@pytest.mark.parametrize("whole", [True, False])
def test_axis_reaches_every_value_with_few_steps(greatest: float, whole: bool) -> None:
    """There are at most four steps, and less than one of them is empty at the top."""
    steps = value_steps(greatest, whole=whole)
    assert len(steps) <= 5
    assert steps[-2] < greatest <= steps[-1] * 1.000001


def test_axis_of_what_is_measured_may_have_fractions() -> None:
    """A load of 0.7 is not drawn on an axis up to 1 in one step."""
    assert value_steps(0.7, whole=False) == pytest.approx((0, 0.2, 0.4, 0.6, 0.8))


def test_numbers_are_short_on_the_axis_and_exact_elsewhere() -> None:
    """Thousands are only shortened where they take room."""
    assert [shortened(value) for value in (0, 2500, 25_000, 1_500_000)] == ["0", "2,500", "25k", "1.5M"]
    assert [in_full(value) for value in (1_234_567, 0.25, 47.4449, None)] == ["1,234,567", "0.25", "47.44", "no value"]


def test_few_labels_are_written_where_all_do_not_fit() -> None:
    """The newest is always one of them, and they are evenly spread."""
    assert list(label_places([f"{hour}:00" for hour in range(24)])) == [3, 7, 11, 15, 19, 23]
    assert list(label_places(["2026-11-23 12:00 UTC"] * 10)) == [4, 9]
    assert list(label_places(["a", "b"])) == [0, 1]
    assert label_places([]) == {}


def test_bars_stand_on_the_axis_and_on_each_other() -> None:
    """A bar's height is its share of the axis, and the second series begins where the first ends."""
    chart = bar_chart("Tasks", "tasks", ["a", "b"], [Series("done", [40, 0]), Series("failed", [20, 10])])
    assert [mark.label for mark in chart.marks] == ["0", "20", "40", "60"]
    done, failed = (_pieces(bars) for bars in chart.bars)
    ceiling = BOTTOM - PLOT_HEIGHT * 40 / 60
    assert [len(done), len(failed)] == [1, 2]
    assert done[0] == pytest.approx((107, 143, BOTTOM, ceiling), abs=0.1)
    assert failed[0] == pytest.approx((107, 143, ceiling, ROOM_ABOVE), abs=0.1)
    assert failed[1] == pytest.approx((357, 393, BOTTOM, BOTTOM - PLOT_HEIGHT / 6), abs=0.1)
    assert chart.bars[0].look != chart.bars[1].look


def test_one_failure_among_thousands_is_seen() -> None:
    """A bar that is not nothing has a height that can be seen."""
    chart = bar_chart("Tasks", "tasks", ["a"], [Series("done", [9000]), Series("failed", [1])])
    ((_, _, floor, ceiling),) = _pieces(chart.bars[1])
    assert floor - ceiling == pytest.approx(2)


def _pieces(bars: Bars) -> list[tuple[float, ...]]:
    """Read a path: (left, right, floor, ceiling) of each bar."""
    found = re.findall(r"M([0-9.]+) ([0-9.]+)V([0-9.]+)H([0-9.]+)V([0-9.]+)Z", bars.path)
    assert all(floor == back for _, floor, _, _, back in found)
    return [(float(left), float(right), float(floor), float(top)) for left, floor, top, right, _ in found]


def test_lines_have_gaps_where_nothing_was_measured() -> None:
    """Each stretch is a line of its own; one value alone is a line of two equal points, which is drawn as a dot."""
    chart = line_chart("Heat", "°C", list("abcde"), [Series("card", [10, 20, None, 40, None])])
    first, alone = (line.points.split() for line in chart.lines)
    assert first == [f"50.0,{BOTTOM - PLOT_HEIGHT / 4}", f"150.0,{BOTTOM - PLOT_HEIGHT / 2}"]
    assert alone == ["350.0,10.0", "350.0,10.0"]


def test_labels_at_the_edges_do_not_stick_out() -> None:
    """A label that would leave the plot ends at its edge; with more than three, every second gives way."""
    labels = [f"minute {number}" for number in range(60)]
    ticks = {0: "60 minutes ago", 20: "40", 40: "20", 59: "now"}
    chart = bar_chart("Tasks", "tasks", labels, [Series("done", [1] * 60)], tick_labels=ticks)
    assert [(label.x, label.anchor, label.minor) for label in chart.labels] == [
        (0, "start", True),
        (34.167, "middle", False),
        (67.5, "middle", True),
        (100, "end", False),
    ]


def test_summary_and_legend_say_what_is_to_be_seen() -> None:
    """Counts are summed up, measurements tell their range and their last value."""
    bars = bar_chart("Tasks", "tasks", ["10:00", "10:01"], [Series("done", [1200, 34]), Series("failed", [0, 0])])
    assert bars.summary == "From 10:00 to 10:01, in tasks. done: 1,234 in all, 1,200 at most, at 10:00. failed: none."
    assert [key.value for key in bars.keys] == ["1,234", "0"]
    lines = line_chart("Heat", "°C", ["1", "2", "3"], [Series("card", [50, 70, None]), Series("none", [None] * 3)])
    assert lines.summary == "From 1 to 3, in °C. card: from 50 to 70 (at 2), 70 at the end. none: no values."
    assert [key.value for key in lines.keys] == ["70", "no value"]


def test_table_takes_neighbours_together_where_there_are_many() -> None:
    """Sixty minutes are read as twenty rows; their sums are those of the bars."""
    labels = [f"10:{minute:02}" for minute in range(60)]
    chart = bar_chart("Tasks", "tasks", labels, [Series("done", list(range(60)))])
    assert len(chart.rows) == 20
    assert (chart.rows[0].label, chart.rows[0].values) == ("10:00 to 10:02", ("3",))
    assert (chart.rows[-1].label, chart.rows[-1].values) == ("10:57 to 10:59", ("174",))
    lines = line_chart("Heat", "°C", labels, [Series("card", list(range(60)))])
    assert lines.rows[0].values == ("1",)


def test_columns_tell_every_series_at_their_place() -> None:
    """Whoever points at a place hears all values there."""
    chart = bar_chart("Tasks", "tasks", ["10:00", "10:01"], [Series("done", [1200, 3]), Series("failed", [0, 1])])
    assert [(column.x, column.width) for column in chart.columns] == [(0, 50), (50, 50)]
    assert chart.columns[0].tip == "10:00\ndone: 1,200\nfailed: 0"


@pytest.mark.parametrize(
    "chart",
    [
        bar_chart("Tasks", "tasks", ["a", "b"], [Series("done", [0, 0])]),
        bar_chart("Tasks", "tasks", [], [Series("done", [])]),
        line_chart("Tasks", "tasks", ["a", "b"], [Series("done", [None, None])]),
    ],
)
def test_nothing_is_drawn_calmly(chart: Chart) -> None:
    """An empty chart has its axes and says that there is nothing."""
    drawn = _drawn(chart)
    assert not drawn.findall(".//svg[@class='chart-columns']")
    assert not list(drawn.iter("path"))
    assert [text.text for text in drawn.findall(".//text[@class='chart-nothing']")] == [chart.nothing]


def test_drawing_is_one_picture_with_words_and_a_table() -> None:
    """The SVG has a name and a description that are its own, and hostile words are only words in it."""
    hostile = "</title><script>alert(1)</script>'\"&"
    chart = bar_chart(hostile, hostile, [hostile, "b"], [Series(hostile, [3, 1]), Series("failed", [1, 2])])
    drawn = _drawn(chart)
    plot = next(svg for svg in drawn.iter("svg") if svg.get("role") == "img")
    named = {element.get("id"): element.text for element in drawn.iter() if element.get("id")}
    assert (named[plot.get("aria-labelledby")], named[plot.get("aria-describedby")]) == (hostile, chart.summary)
    assert not list(drawn.iter("script"))
    assert not [element for element in drawn.iter() if element.get("style") or element.get("onclick")]
    assert [cell.text for cell in drawn.findall(".//tbody/tr[1]/*")] == [hostile, "3", "1"]
    # The second series is told apart by its pattern, too, which lies over its colour.
    plain, coloured, pattern = drawn.findall(".//svg[@role='img']/svg/path")
    assert plain.get("d") != coloured.get("d") == pattern.get("d")
    assert pattern.get("fill", "").removeprefix("url(#").removesuffix(")") in {
        one.get("id") for one in drawn.iter("pattern")
    }
    assert [column.text for column in drawn.findall(".//svg[@class='chart-columns']/rect/title")] == [
        column.tip for column in chart.columns
    ]


def test_lines_are_drawn_with_their_dashes() -> None:
    """Two lines differ in more than their colours."""
    chart = line_chart("Heat", "°C", ["a", "b"], [Series("one", [1, 2]), Series("two", [2, 1])])
    classes = [line.get("class") for line in _drawn(chart).iter("polyline")]
    assert classes == ["chart-line chart-blue chart-plain", "chart-line chart-amber chart-hatched"]


def _drawn(chart: Chart) -> Tree.Element:
    """Draw a chart, and read it as strictly as XML is read."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return Tree.fromstring(environment.get_template("macros/chart.html").module.draw(chart))  # type: ignore[attr-defined]
