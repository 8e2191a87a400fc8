"""Command lines as Windows programs read them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence


def command_line(arguments: Sequence[str]) -> str:
    """Give the arguments as one line; the program is always quoted, so that no shorter path can be meant."""
    program, *rest = arguments
    return " ".join(filter(None, [f'"{program}"', subprocess.list2cmdline(rest)]))


def program_of(line: str) -> str:
    """Give the program that a line starts; empty for an empty line."""
    line = line.strip()
    if line.startswith('"'):
        return line[1:].partition('"')[0]
    return line.split(maxsplit=1)[0] if line else ""
