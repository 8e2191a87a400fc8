"""QR codes, drawn as one path of SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import segno

#: Modules of white around a code, as the standard wants it.
QUIET_ZONE = 4
#: How much of a code may be dirty or torn: `m` is 15 %.
CORRECTION = "m"


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code, ready to be drawn."""

    #: Modules from edge to edge, quiet zone included.
    size: int
    #: The dark modules, as the `d` of an SVG path.
    path: str


def qr_code(text: str) -> QrCode:
    """Draw a text, such as a link."""
    rows = [bytes(row) for row in segno.make(text, error=CORRECTION, micro=False).matrix_iter(border=QUIET_ZONE)]
    return QrCode(len(rows), "".join(part for y, row in enumerate(rows) for part in _runs(row, y)))


def _runs(row: bytes, y: int) -> Iterator[str]:
    """Draw each run of dark modules of a row as one bar, so that no seam shows between two of them."""
    x = 0
    for dark, run in groupby(row):
        width = len(list(run))
        if dark:
            yield f"M{x} {y}h{width}v1h-{width}z"
        x += width
