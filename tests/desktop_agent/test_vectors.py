"""Vectors keep their bits where they are right, are set right where they are nearly so, and are refused otherwise."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_agent.core.engines.vectors import share_tokens, unit_rows
from desktop_agent.core.errors import EngineFailed
from tests.fakes.ollama_models import expected_vectors


def test_json_gives_back_the_same_bits() -> None:
    """Unit float32 that went through JSON come back bit for bit: nothing is normalised twice."""
    rows = expected_vectors("digest", ["a", "b", "c"], 768)
    assert np.array_equal(unit_rows(orjson.loads(orjson.dumps(rows.tolist())), 3), rows)


def test_rounding_is_set_right() -> None:
    """Rows that are off by their few decimals are of length 1 afterwards; the others stay as they were."""
    exact = expected_vectors("digest", ["a", "b"], 64)
    rounded = [exact[0].tolist(), [round(float(value), 2) for value in exact[1]]]
    found = unit_rows(rounded, 2)
    assert np.array_equal(found[0], exact[0])
    assert abs(float(np.linalg.norm(found[1])) - 1.0) < 1e-6


@pytest.mark.parametrize(
    "rows",
    [
        [[0.6, 0.8]],  # one too few
        [[0.6, 0.8], [1.0]],  # of two lengths
        [[0.6, 0.8], [0.6, "x"]],
        [[0.6, 0.8], [0.6, None]],
        [[0.6, 0.8], [3.0, 4.0]],  # not of length 1
        [[0.6, 0.8], [0.0, 0.0]],
        [[0.6, 0.8], [float("nan"), 0.8]],
        [[0.6, 0.8], [float("inf"), 0.8]],
        [[], []],
        [],
        None,
        {"a": 1},
    ],
)
def test_what_is_no_unit_vector_is_refused(rows: Any) -> None:
    """A wrong count, shape, value or length is an engine's failure, never a result."""
    with pytest.raises(EngineFailed):
        unit_rows(rows, 2)


@given(st.integers(0, 100_000), st.lists(st.text(max_size=50), min_size=1, max_size=40))
def test_shares_of_tokens_add_up(total: int, texts: list[str]) -> None:
    """Whatever the texts, the shares add up to the engine's count, and no longer text gets less than a shorter one."""
    shares = share_tokens(total, texts)
    assert sum(shares) == total
    assert min(shares) >= 0
    by_length = sorted(zip((len(text.encode("utf-8")) for text in texts), shares, strict=True))
    assert all(later[1] >= earlier[1] - 1 for earlier, later in itertools.pairwise(by_length))


def test_shares_follow_the_bytes() -> None:
    """Twice the text gets twice the tokens; bytes count, not characters."""
    assert share_tokens(9, ["abc", "abcdefg"]) == (3, 6)
    assert share_tokens(9, ["abc", "ééé" + "a"]) == (3, 6)
