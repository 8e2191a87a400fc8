"""Sparks: bars whose heights are in proportion, and which never hide that there was something."""

from __future__ import annotations

import re

import pytest

from server.web.pages.sparks import GAP, HEIGHT, LEAST, STEP, spark


def bars(path: str) -> list[tuple[int, int]]:
    """Read a path back: (left edge, height) of each bar."""
    found = re.findall(rf"M(\d+) {HEIGHT}v-(\d+)h{STEP - GAP}V{HEIGHT}z", path)
    assert "".join(f"M{x} {HEIGHT}v-{height}h{STEP - GAP}V{HEIGHT}z" for x, height in found) == path
    return [(int(x), int(height)) for x, height in found]


def test_the_greatest_value_is_as_high_as_there_is_room() -> None:
    drawn = spark([50, 0, 100, 25])
    assert bars(drawn.path) == [(0, HEIGHT // 2), (2 * STEP, HEIGHT), (3 * STEP, HEIGHT // 4)]
    assert drawn.width == 4 * STEP - GAP


def test_a_little_is_seen_beside_a_lot() -> None:
    assert bars(spark([1, 1_000_000]).path)[0] == (0, LEAST)


@pytest.mark.parametrize(("values", "width"), [([0] * 30, 30 * STEP - GAP), ([0], STEP - GAP)])
def test_nothing_is_no_bar(values: list[float], width: int) -> None:
    drawn = spark(values)
    assert (drawn.path, drawn.width) == ("", width)


def test_every_bar_stays_inside() -> None:
    drawn = spark([0.4, 3.3, 9.99, 10])
    assert all(0 <= x <= drawn.width - (STEP - GAP) and 0 < height <= HEIGHT for x, height in bars(drawn.path))
