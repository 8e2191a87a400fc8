"""Trust: its words, and what the documents say of each level."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.domain import trust
from server.domain.errors import InvalidRequest
from server.domain.trust import Trust

PAGE = Path(__file__).parents[3] / "docs" / "trust.md"


def test_each_level_has_a_word_that_is_read_back() -> None:
    """Higher levels include lower ones."""
    assert trust.WORDS == ("public", "vetted", "own")
    assert [trust.parse(word) for word in trust.WORDS] == [Trust.PUBLIC, Trust.VETTED, Trust.OWN] == sorted(Trust)


@pytest.mark.parametrize("wrong", ["", "Public", "OWN", "vetted ", "private", "0", 1, True, None, ["own"], {}])
def test_any_other_word_is_refused_with_those_that_there_are(wrong: object) -> None:
    """The error names the field."""
    with pytest.raises(InvalidRequest, match=r"must be one of public, vetted, own") as refused:
        trust.parse(wrong, "level")
    assert refused.value.param == "level"


@pytest.mark.parametrize("level", Trust)
def test_the_documents_say_what_each_means(level: Trust) -> None:
    """In the same sentences as the pages, so that neither says something else."""
    page = PAGE.read_text(encoding="utf-8")
    assert all(sentence in page for sentence in (f"`{level.word}`", level.of_agents, level.of_keys))
