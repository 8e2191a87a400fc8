"""Vectors as foreign agents send them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import vectors
from server.domain.foreign_vectors import read_vectors

SIZES = st.floats(min_value=-1e300, max_value=1e300, allow_nan=False)


def norms(raw: bytes, dimensions: int) -> list[float]:
    found: list[float] = np.linalg.norm(vectors.as_array(raw, dimensions).astype(np.float64), axis=1).tolist()
    return found


def test_vectors_are_brought_to_length_one() -> None:
    """Row by row, in order; whole numbers are numbers."""
    given_ = read_vectors([[3, 4], [0.0, -2.5]])
    assert (given_.dimensions, given_.flaw) == (2, None)
    assert vectors.as_array(given_.raw, 2).tolist() == [pytest.approx([0.6, 0.8]), [0.0, -1.0]]


def test_a_vector_of_length_one_stays_as_it_is() -> None:
    """Bit by bit, so that it is the same as what an agent of ours sent as bytes."""
    row = (np.array([0.1, 0.2, 0.3], dtype=np.float32) / np.float32(math.sqrt(0.14))).tolist()
    assert read_vectors([row]).raw == np.array(row, dtype="<f4").tobytes()


@given(st.lists(st.lists(SIZES, min_size=3, max_size=3), min_size=1, max_size=4))
def test_what_points_somewhere_gets_length_one_and_nothing_else_passes(rows: list[list[float]]) -> None:
    """However large or small its numbers are."""
    given_ = read_vectors(rows)
    if all(any(row) for row in rows):
        assert given_.flaw is None
        assert norms(given_.raw, 3) == pytest.approx([1] * len(rows), abs=1e-3)
    else:
        assert given_.flaw is not None and given_.raw == b""


@pytest.mark.parametrize("tiny", [5e-324, 1e-310, 1e-45])
def test_the_smallest_numbers_have_a_direction(tiny: float) -> None:
    assert norms(read_vectors([[tiny, 0.0]]).raw, 2) == [1.0]


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        "text",
        [0.1, 0.2],
        [[]],
        [None],
        [[0.1], "text"],
        [[0.1, "0.2"]],
        [[0.1, None]],
        [[0.1, True]],
        [[0.1, [0.2]]],
        [[0.1, 0.2], [0.3]],
        [[0.0, 0.0]],
        [[math.nan, 1.0]],
        [[math.inf, 1.0]],
        [[10**400, 1]],
        [[1.0] * 65_537],
    ],
)
def test_what_is_none_is_said_in_words(wrong: object) -> None:
    """Nothing of it is kept."""
    given_ = read_vectors(wrong)
    assert given_.flaw
    assert given_.raw == b""
