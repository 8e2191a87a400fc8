"""A cosine as a word and a place on a scale, drawn without a script."""

from __future__ import annotations

from dataclasses import dataclass

#: From which cosine on two texts are called so. Models differ; these fit most of those for English texts.
WORDS = ((0.999_99, "the same"), (0.85, "nearly the same"), (0.6, "related"), (0.4, "loosely related"))
UNRELATED = "unrelated"
#: Width of the scale's drawing, and what is left free at each end (units of the drawing).
WIDTH, MARGIN = 320, 14


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a cosine stands between -1 and 1."""

    #: With three decimals, and a true minus.
    value: str
    word: str
    #: Place of the cosine, and of each mark with its label (units of the drawing).
    at: float
    marks: tuple[tuple[float, str], ...]
    width: int = WIDTH
    margin: int = MARGIN


def scale_of(cosine: float) -> Scale:
    """Return the scale for a cosine."""
    word = next((word for least, word in WORDS if cosine >= least), UNRELATED)
    marks = tuple((_place(mark), label) for mark, label in ((-1, "−1"), (-0.5, ""), (0, "0"), (0.5, ""), (1, "1")))
    return Scale(f"{cosine:.3f}".replace("-", "−"), word, _place(cosine), marks)


def _place(cosine: float) -> float:
    return round(MARGIN + (cosine + 1) / 2 * (WIDTH - 2 * MARGIN), 1)
