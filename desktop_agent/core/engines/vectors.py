"""Arithmetic on vectors and token counts that all engines share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import messages
from ..errors import EngineFailed

Matrix = NDArray[np.float32]

#: A norm this far from 1 is rounding of the decimal text that the vector came as: it is left, or set right.
_EXACT, _ROUNDING = 1e-5, 1e-2


def unit_rows(rows: Any, count: int) -> Matrix:
    """Make `count` × dimensions float32 of what JSON gave.

    Rows whose norm is off by rounding are normalised again; the others stay bit for bit what the engine computed.

    Raises:
        EngineFailed: not that many rows, rows of different lengths, values that are no numbers, or no unit vectors.
    """
    try:
        matrix: Matrix = np.array(rows, dtype="<f4")
    except (TypeError, ValueError):
        raise EngineFailed(messages.engine.ENGINE_MIXED_SIZES) from None
    if matrix.ndim != 2 or matrix.shape[0] != count or matrix.shape[1] == 0:
        raise EngineFailed(messages.engine.ENGINE_MIXED_SIZES)
    norms = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    error = np.abs(norms - 1.0)
    worst = float(error.max())
    if worst <= _EXACT:
        return matrix
    if not worst <= _ROUNDING:  # also when it is NaN
        raise EngineFailed(messages.engine.ENGINE_NOT_UNIT_LENGTH)
    off = error > _EXACT
    matrix[off] /= norms[off, np.newaxis]
    return matrix


def share_tokens(total: int, texts: Sequence[str]) -> tuple[int, ...]:
    """Share a batch's token count among its texts by their length in UTF-8 bytes.

    Largest remainders get what rounding leaves, so that the sum is exact.
    """
    if len(texts) == 1:
        return (total,)
    weights = [len(text.encode("utf-8", "surrogatepass")) + 1 for text in texts]
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(texts)), key=lambda i: -(total * weights[i] % whole))
    for position in by_remainder[: total - sum(shares)]:
        shares[position] += 1
    return tuple(shares)
