"""The drawing of the task's life in the documentation is the code's state machine, arrow for arrow."""

from __future__ import annotations

import re

import pytest

from server.domain.lifecycle import MOVES, TaskStatus
from tests.architecture.sources import ROOT

#: (from, verb, to)
Arrow = tuple[str, str, str]

SUBMIT: Arrow = ("[*]", "submit", "queued")
DIAGRAM = re.compile(r"```mermaid\s*\nstateDiagram-v2\n(.*?)```", re.DOTALL)
LINE = re.compile(r"(\[\*\]|\w+) --> (\w+): (.+)")
#: What may stand in a label beside verbs: the condition that chooses between two arrows of one verb.
CONDITION = re.compile(r"\bwith (attempts|none) left\b")


def drawn(markdown: str) -> set[Arrow]:
    """Read the arrows of the only state diagram of a page; a line that is no arrow is an error."""
    (body,) = DIAGRAM.findall(markdown)
    arrows: set[Arrow] = set()
    for line in filter(None, map(str.strip, body.splitlines())):
        match = LINE.fullmatch(line)
        assert match, f"not an arrow with a verb: {line}"
        source, target, label = match.groups()
        verbs = re.split(r"\s*,\s*|\s+or\s+", CONDITION.sub("", label).strip())
        arrows |= {(source, verb, target) for verb in verbs}
    return arrows


def coded() -> set[Arrow]:
    return {(source.value, move.verb, move.target.value) for move in MOVES for source in move.sources}


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def test_the_drawing_equals_the_moves(page: str) -> None:
    """docs/architecture.md draws every move of lifecycle.MOVES, `submit`, and nothing else."""
    assert drawn(page) == coded() | {SUBMIT}


def test_every_status_is_explained(page: str) -> None:
    """The page names each of the statuses in its text, not only in the drawing."""
    prose = DIAGRAM.sub("", page)
    assert [status.value for status in TaskStatus if f"`{status.value}`" not in prose] == []


def test_a_changed_arrow_is_noticed(page: str) -> None:
    """A verb more, an arrow less, or another end makes the drawing differ."""
    changes = [
        ("leased --> completed: complete", "leased --> completed: complete, finish"),
        ("queued --> leased: claim\n", ""),
        ("queued --> canceled: cancel", "queued --> expired: cancel"),
    ]
    for old, new in changes:
        assert drawn(page.replace(old, new)) != drawn(page)
