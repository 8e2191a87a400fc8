"""Vectors are checked, cut and shared without losing what they are."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from server.domain import vectors


def unit_rows(count: int, dimensions: int, seed: int = 0) -> NDArray[np.float32]:
    array = np.random.default_rng(seed).normal(size=(count, dimensions))
    array /= np.linalg.norm(array, axis=1, keepdims=True)
    return array.astype(np.float32)


@pytest.mark.parametrize(("count", "dimensions"), [(1, 1), (1, 768), (32, 768), (3, 4096)])
def test_good_vectors_pass(count: int, dimensions: int) -> None:
    assert vectors.check(unit_rows(count, dimensions).tobytes(), count, dimensions) is None


def test_a_little_rounding_passes() -> None:
    """Engines that compute in float16 are off by less than a thousandth."""
    assert vectors.check((unit_rows(2, 768) * np.float32(1.0009)).tobytes(), 2, 768) is None
    assert vectors.check(unit_rows(2, 768).astype(np.float16).astype("<f4").tobytes(), 2, 768) is None


@pytest.mark.parametrize("factor", [0.0, 0.998, 1.002, 2.0, -2.0, 1e30, 1e-30])
def test_a_row_of_another_length_is_named(factor: float) -> None:
    """One wrong row among good ones is found, and the reason says which and how long it is."""
    array = unit_rows(3, 8)
    array[1] *= np.float32(factor)
    reason = vectors.check(array.tobytes(), 3, 8)
    assert reason == f"vector 1 has length {float(np.linalg.norm(array[1].astype(float))):.4g} instead of 1"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_named(value: float) -> None:
    """Even where another row is wrong in length."""
    array = unit_rows(3, 8)
    array[0] *= np.float32(5)
    array[2, 7] = value
    assert vectors.check(array.tobytes(), 3, 8) == "vector 2 has numbers that are not finite"


@pytest.mark.parametrize(("count", "dimensions"), [(1, 8), (3, 8), (2, 7), (2, 16), (4, 8)])
def test_the_wrong_number_of_bytes_is_refused(count: int, dimensions: int) -> None:
    """Too few and too many, in rows and in numbers."""
    raw = unit_rows(2, 8).tobytes()
    assert vectors.check(raw, count, dimensions) == (
        f"64 bytes came, but {count} vectors of {dimensions} float32 numbers are {count * dimensions * 4}"
    )


@pytest.mark.parametrize(("count", "dimensions"), [(0, 8), (1, 0), (0, 0), (-1, -8)])
def test_nothing_is_no_vector(count: int, dimensions: int) -> None:
    """An agent that says `dimensions: 0` does not get away with an empty answer."""
    assert vectors.check(b"", count, dimensions) is not None


@pytest.mark.parametrize("word", ["010080 7f", "0100c0ff", "ffffff7f"])
def test_every_kind_of_nan_is_refused_quietly(word: str) -> None:
    """Signalling, quiet and with a payload; numpy's warnings, which are errors here, stay away."""
    raw = bytes.fromhex(word) + unit_rows(1, 7).tobytes()
    assert vectors.check(raw, 1, 8) == "vector 0 has numbers that are not finite"


@settings(deadline=None)
@given(st.data())
def test_any_bytes_are_judged_without_a_warning(data: st.DataObject) -> None:
    """Infinite, subnormal and huge numbers: a verdict, and it is the right one."""
    count, dimensions = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 4))
    size = count * dimensions
    raw = data.draw(st.binary(min_size=4 * size, max_size=4 * size))
    numbers = struct.unpack(f"<{size}f", raw)
    rows = [numbers[start : start + dimensions] for start in range(0, size, dimensions)]
    lengths = [math.hypot(*row) for row in rows]
    good = all(abs(length - 1) <= vectors.NORM_TOLERANCE for length in lengths)
    assert (vectors.check(raw, count, dimensions) is None) == good


def test_bytes_are_little_endian() -> None:
    """The wire format, whatever the machine."""
    assert vectors.check(bytes.fromhex("0000803f00000000"), 1, 2) is None
    assert vectors.as_array(bytes.fromhex("0000803f0000003f"), 2).tolist() == [[1.0, 0.5]]


def test_one_answer_to_everything_is_found() -> None:
    """The same vector for different texts; the honest answer to equal texts is not accused."""
    raw = unit_rows(1, 8).tobytes() * 3
    assert vectors.constant(raw, ["red", "green", "blue"])
    assert vectors.constant(raw, ["red", "red", "blue"])
    assert not vectors.constant(raw, ["red", "red", "red"])
    assert not vectors.constant(unit_rows(3, 8).tobytes(), ["red", "green", "blue"])
    assert not vectors.constant(unit_rows(1, 8).tobytes(), ["red"])


@pytest.mark.parametrize(
    "texts",
    [
        ["Hello", "hello", "HELLO!"],  # engines without case and punctuation
        ["a b", "b a", "a b b"],  # engines that take the mean of the words
        ["😀", "😃", "\u200b"],  # characters that are all unknown to an English vocabulary
        ["红", "绿"],
        ["", " ", "\n"],
        ["x" * 101, "y" * 101],  # words too long for WordPiece
        ["word " * 60 + "one", "word " * 60 + "two"],  # cut before they differ
    ],
)
def test_texts_that_engines_read_alike_are_not_evidence(texts: list[str]) -> None:
    """No volunteer is blamed for how tokenisers work."""
    assert not vectors.constant(unit_rows(1, 8).tobytes() * len(texts), texts)


ROWS = st.lists(
    st.lists(st.floats(-1, 1, width=32), min_size=6, max_size=6).filter(lambda row: math.hypot(*row) > 1e-3),
    min_size=1,
    max_size=4,
)


@settings(deadline=None)
@given(ROWS, st.integers(1, 6))
def test_cut_keeps_direction_and_unit_length(rows: list[list[float]], wanted: int) -> None:
    """Every row of the result has length 1 and points where its beginning pointed, or is zero where that was."""
    array = np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True)
    raw = array.astype("<f4").tobytes()
    result = vectors.as_array(vectors.cut(raw, 6, wanted), wanted)
    for before, after in zip(vectors.as_array(raw, 6)[:, :wanted].astype(float), result.astype(float), strict=True):
        length = np.linalg.norm(before)
        expected = before / length if length else before
        assert after == pytest.approx(expected, abs=1e-6)


def test_cut_to_the_whole_changes_nothing() -> None:
    """Not a bit, so that equal requests have equal answers."""
    raw = (unit_rows(3, 16) * np.float32(1.0005)).tobytes()
    assert vectors.cut(raw, 16, 16) == raw


@pytest.mark.parametrize("wanted", [0, -1, 17])
def test_cut_never_makes_vectors_longer(wanted: int) -> None:
    with pytest.raises(ValueError, match=f"to {wanted}"):
        vectors.cut(unit_rows(1, 16).tobytes(), 16, wanted)


def test_rows_and_array_agree() -> None:
    """Each row's bytes are that row of the array."""
    array = unit_rows(5, 7)
    rows = vectors.rows(array.tobytes(), 7)
    assert b"".join(rows) == array.tobytes()
    assert [np.frombuffer(row, "<f4").tolist() for row in rows] == array.tolist()
    assert vectors.as_array(array.tobytes(), 7).tolist() == array.tolist()


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=1, max_size=40))
def test_apportion_shares_everything_fairly(total: int, weights: list[int]) -> None:
    """The parts sum up exactly, none is a whole unit off its fair share, and nobody gets something for no weight."""
    parts = vectors.apportion(total, weights)
    assert sum(parts) == total
    assert len(parts) == len(weights)
    whole = sum(weights)
    if whole:
        assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))
        assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (5, [0, 0], [3, 2]),
        (7, [3, 5, 1], [2, 4, 1]),
        (0, [5, 1], [0, 0]),
        (9, [4], [9]),
        (0, [], []),
    ],
)
def test_apportion_examples(total: int, weights: list[int], expected: list[int]) -> None:
    """The largest remainder wins, among equals the earlier, without weights all are equal."""
    assert vectors.apportion(total, weights) == expected


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [-1, 2]), (1, [])])
def test_apportion_refuses_nonsense(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="share"):
        vectors.apportion(total, weights)
