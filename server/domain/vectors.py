"""Vectors as they travel and are stored: rows of little-endian float32, each of length 1, kept as bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: Bytes of one number.
WIDTH = 4

_FLOAT32 = np.dtype("<f4")

#: How far a row's Euclidean norm may be from 1: more than float16 loses, less than any vector nobody normalised.
NORM_TOLERANCE = 1e-3

#: Characters of a text that tell it apart from others: engines that truncate read at least this much.
_PREFIX = 256

#: Plain words that every tokeniser keeps apart. Longer ones and other scripts may all become the same unknown token.
_WORDS = re.compile(r"(?<![a-z0-9])[a-z0-9]{1,50}(?![a-z0-9])")


def check(raw: bytes, count: int, dimensions: int) -> str | None:
    """Return why `raw` is not `count` unit vectors of `dimensions` numbers, in words; None where it is."""
    if count < 1 or dimensions < 1:
        return f"there is nothing in {count} vectors of {dimensions} numbers"
    if len(raw) != count * dimensions * WIDTH:
        return _wrong_length(len(raw), count, dimensions)
    # `at most` in this form is also false for NaN, so the good case needs a single comparison.
    norms = _norms(as_array(raw, dimensions))
    if np.abs(norms - 1.0).max() <= NORM_TOLERANCE:
        return None
    return _worst_row(norms)


def constant(raw: bytes, texts: Sequence[str]) -> bool:
    """Say whether every row is the same although the texts are not: an engine that ignores what it reads.

    Texts that honest engines may read alike (in case, accents, punctuation, order, unknown characters) count as equal.
    """
    width = len(raw) // max(1, len(texts))
    if len(texts) < 2 or raw != raw[:width] * len(texts):
        return False
    return len({frozenset(_WORDS.findall(text[:_PREFIX].lower())) for text in texts}) > 1


def cut(raw: bytes, native: int, wanted: int) -> bytes:
    """Keep the first `wanted` of every row's `native` numbers and bring the rows back to length 1.

    A row that begins with nothing but zeros has no direction left and stays zero. Raises ValueError where `wanted`
    is not in 1..native.
    """
    if not 1 <= wanted <= native:
        raise ValueError(f"cannot cut vectors of {native} numbers to {wanted}")
    if wanted == native:
        return raw
    # In float64, because the square of a small float32 number may be too small for float32.
    kept = as_array(raw, native)[:, :wanted].astype(np.float64)
    norms = np.sqrt(np.einsum("ij,ij->i", kept, kept))[:, np.newaxis]
    np.divide(kept, norms, out=kept, where=norms > 0)
    return bytes(kept.astype(_FLOAT32).tobytes())


def rows(raw: bytes, dimensions: int) -> list[bytes]:
    """Split into the single vectors."""
    width = dimensions * WIDTH
    return [raw[start : start + width] for start in range(0, len(raw), width)]


def as_array(raw: bytes, dimensions: int) -> NDArray[np.float32]:
    """View as an array of shape (rows, dimensions), read-only and without a copy."""
    return np.frombuffer(raw, _FLOAT32).reshape(-1, dimensions)


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share a whole number out in proportion to weights, so that the parts sum up to it exactly.

    Hamilton's method of the largest remainder; of equal remainders the earlier one wins. With no weight at all,
    everybody has the same. Raises ValueError for a negative number, or a total with nobody to take it.
    """
    if total < 0 or min(weights, default=0) < 0 or (total and not weights):
        raise ValueError(f"cannot share {total} out over {len(weights)} weights")
    fair = weights if any(weights) else [1] * len(weights)
    whole = sum(fair)
    parts = [total * weight // whole for weight in fair]
    by_remainder = sorted(range(len(fair)), key=lambda index: -(total * fair[index] % whole))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def _norms(array: NDArray[np.float32]) -> NDArray[np.float64]:
    # In float64, where the square of every float32 number is finite: only NaN and infinity give such a norm.
    norms: NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", array, array, dtype=np.float64))
    return norms


def _wrong_length(got: int, count: int, dimensions: int) -> str:
    wanted = count * dimensions * WIDTH
    return f"{got} bytes came, but {count} vectors of {dimensions} float32 numbers are {wanted}"


def _worst_row(norms: NDArray[np.float64]) -> str:
    finite = np.isfinite(norms)
    if not finite.all():
        return f"vector {int(np.argmin(finite))} has numbers that are not finite"
    row = int(np.argmax(np.abs(norms - 1.0)))
    return f"vector {row} has length {norms[row]:.4g} instead of 1"
