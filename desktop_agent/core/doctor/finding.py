"""What one look of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it is."""

    GOOD = "good"
    ATTENTION = "attention"  # EmbedPool works, but not as well as it could
    BAD = "bad"  # EmbedPool cannot work


#: How a verdict looks in a terminal.
SIGNS = {Verdict.GOOD: "✓", Verdict.ATTENTION: "!", Verdict.BAD: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: at what, how it is, what was seen, and what to do about it."""

    topic: str
    verdict: Verdict
    seen: str
    #: Empty where there is nothing to do.
    advice: str = ""

    @property
    def line(self) -> str:
        """Give the finding as one line for a terminal."""
        return " ".join(filter(None, (SIGNS[self.verdict], f"{self.topic}:", self.seen, self.advice)))


def good(topic: str, seen: str) -> Finding:
    """All is well."""
    return Finding(topic, Verdict.GOOD, seen)


def attention(topic: str, seen: str, advice: str = "") -> Finding:
    """It could be better."""
    return Finding(topic, Verdict.ATTENTION, seen, advice)


def bad(topic: str, seen: str, advice: str = "") -> Finding:
    """It does not work."""
    return Finding(topic, Verdict.BAD, seen, advice)
