"""What the pages of keys and of invites have in common: how permissions and trust are shown and asked for."""

from __future__ import annotations

from typing import Any

import orjson
from wtforms import RadioField

from server.domain.trust import Trust
from server.services.operator.model_views import capability_of
from server.web.pages.forms import options
from server.web.parts import pool

#: Patterns that are offered to choose from, at most.
MOST_SUGGESTED = 40


class TrustField(RadioField):
    """How far somebody is trusted, or wants agents to be."""

    def __init__(self, label: str, notes: dict[Trust, str], **more: Any) -> None:
        super().__init__(
            label,
            choices=options((one.word, one.word.capitalize()) for one in Trust),
            default=Trust.PUBLIC.word,
            **more,
        )
        #: By word, what each of them means.
        self.notes = {one.word: note for one, note in notes.items()}


def patterns_of(capabilities: str) -> list[str]:
    """Return the patterns of a stored list."""
    patterns: list[str] = orjson.loads(capabilities)
    return patterns


def suggested_patterns() -> list[str]:
    """Return patterns to choose from: families first, then the models that the pool knows."""
    known = sorted({capability_of(stored.kind, stored.model) for stored in pool().catalogue.all()})
    return ["embed.*", "llm.*", *known[:MOST_SUGGESTED]]
