"""The documents lead where they say, and keep the promise word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

#: The target of [text](target), without the part after #.
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")

PROMISE = (
    "An accepted task is on disk, synced, before the reply. It runs at least once and its result becomes visible at "
    "most once; it ends in exactly one of completed, failed, canceled, expired, and that never changes. A result is "
    "stored only if it comes from the attempt that holds the task, under that agent's identity."
)


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def dead_links(document: Path) -> list[str]:
    """Links of a page to files of this repository that are not there."""
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    return [t for t in targets if "://" not in t and not (document.parent / t).exists()]


def test_no_link_is_dead() -> None:
    """Every relative link in README.md and docs/ leads to a file."""
    assert {document.name: dead for document in documents() if (dead := dead_links(document))} == {}


def test_the_index_lists_every_page() -> None:
    """docs/README.md links each page beside it."""
    index = ROOT / "docs/README.md"
    linked = set(LINK.findall(index.read_text(encoding="utf-8")))
    assert {page.name for page in index.parent.glob("*.md")} - {"README.md"} == linked


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    """A link to a missing file is reported; links to the Web, to a heading and to an existing file are not."""
    page = tmp_path / "page.md"
    page.write_text("[a](page.md#part) [b](https://example.org/x) [c](gone.md) [d](#part)", encoding="utf-8")
    assert dead_links(page) == ["gone.md"]


@pytest.mark.parametrize("name", ["README.md", "docs/architecture.md"])
def test_the_promise_stands_word_for_word(name: str) -> None:
    """The promise that the fault tests check is the one that users read."""
    text = " ".join((ROOT / name).read_text(encoding="utf-8").replace("\n> ", "\n").split())
    assert PROMISE in text
