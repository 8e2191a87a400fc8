"""Vectors as foreign agents send them: lists of JSON numbers, of whatever length their engine gives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.domain import vectors
from server.domain.model_class import MAX_DIMENSIONS

_NUMBERS = frozenset({int, float})


@dataclass(frozen=True, slots=True)
class GivenVectors:
    """Vectors brought to length 1, as they are stored; or why they are none."""

    #: Little-endian float32, row by row; empty where there is a flaw.
    raw: bytes
    #: Numbers in one vector; 1 where there is a flaw.
    dimensions: int
    #: What is wrong with them, in words; None where nothing is.
    flaw: str | None


def read_vectors(value: object) -> GivenVectors:
    """Read a list of vectors, each a list of numbers, all of one length.

    Ollama's older route gives vectors that are not of length 1; one that points somewhere is brought to it. Zeros point
    nowhere and are a flaw, like anything that is no finite number.
    """
    flaw = _flaw_of_lists(value)
    if flaw is not None or not isinstance(value, list):
        return GivenVectors(b"", 1, flaw)
    try:
        array = np.array(value, dtype=np.float64)
    except OverflowError:
        return GivenVectors(b"", 1, "it has numbers that are not finite")
    count, dimensions = array.shape
    raw = _unit(array).astype("<f4").tobytes()
    flaw = vectors.check(raw, count, dimensions)
    return GivenVectors(b"", 1, flaw) if flaw else GivenVectors(raw, dimensions, None)


def _flaw_of_lists(value: object) -> str | None:
    if not isinstance(value, list) or not value:
        return "it must be a list of vectors"
    if not all(isinstance(row, list) and row for row in value):
        return "a vector must be a list of numbers"
    if any(set(map(type, row)) - _NUMBERS for row in value):
        return "a vector must have nothing but numbers in it"
    if len(value[0]) > MAX_DIMENSIONS:
        return f"a vector may have {MAX_DIMENSIONS} numbers at most"
    return "all vectors must have the same length" if len(set(map(len, value))) > 1 else None


def _unit(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring rows to length 1, but for those that have no direction, and those that have it already."""
    # Divided by the largest number first, because the square of a large one may be too large for float64.
    largest = np.abs(array).max(axis=1, keepdims=True)
    points = np.isfinite(largest) & (largest > 0)
    scaled = np.divide(array, largest, out=np.zeros_like(array), where=points)
    norms = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))[:, np.newaxis]
    with np.errstate(over="ignore", invalid="ignore"):
        is_off = points & (np.abs(norms * largest - 1) > vectors.NORM_TOLERANCE)
    return np.where(is_off, np.divide(scaled, norms, out=np.zeros_like(array), where=points), array)
