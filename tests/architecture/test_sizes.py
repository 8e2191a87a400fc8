"""A file is a room with one purpose, and a function is short enough to see whole."""

from __future__ import annotations

import pytest

from tests.architecture.sources import Source, sources

LONGEST_FILE_LINES = 300
LONGEST_FUNCTION_LINES = 40


def long_files(source: Source) -> list[str]:
    lines = len(source.text.splitlines())
    return [f"{source.path}: {lines} lines"] if lines > LONGEST_FILE_LINES else []


def long_functions(source: Source) -> list[str]:
    return [
        f"{source.place(function)} {function.name}: {lines} lines"
        for function in source.functions()
        if (lines := (function.end_lineno or function.lineno) - function.lineno + 1) > LONGEST_FUNCTION_LINES
    ]


@pytest.mark.parametrize("folder", ["server", "desktop_agent", "packaging"])
def test_no_file_is_longer_than_a_reader_can_hold(folder: str) -> None:
    """No file of the program has more than 300 lines."""
    findings = [finding for source in sources(folder) for finding in long_files(source)]
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("folder", ["server", "desktop_agent", "packaging"])
def test_no_function_is_longer_than_a_screen(folder: str) -> None:
    """No function of the program has more than 40 lines."""
    findings = [finding for source in sources(folder) for finding in long_functions(source)]
    assert not findings, "\n".join(findings)


def test_both_measures_find_what_is_too_long() -> None:
    """The measures count: 300 and 40 lines pass, one more of each is found."""
    assert long_files(Source.of("x = 1\n" * 300)) == []
    assert long_files(Source.of("x = 1\n" * 301)) == ["example.py: 301 lines"]
    assert long_functions(Source.of("def f():\n" + "    x = 1\n" * 39)) == []
    assert long_functions(Source.of("async def f():\n" + "    x = 1\n" * 40)) == ["example.py:1 f: 41 lines"]
