"""Desktop entries, as Linux desktops read them: written and read with every kind of path.

https://specifications.freedesktop.org/desktop-entry-spec/latest/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

#: Names our entries: the desktops know the program by it.
DESKTOP_ID = "io.embedpool.Agent"

_GROUP = "Desktop Entry"
_RESERVED = re.compile(r"[\s\"'\\><~|&;$*?#()`]")
_IN_QUOTES = re.compile(r"([\"`$\\])")
_ESCAPES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_ARGUMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)')


def write_entry(values: Mapping[str, str]) -> str:
    """Give the text of an entry."""
    lines = [f"{name}={_escaped(value)}" for name, value in values.items()]
    return "\n".join([f"[{_GROUP}]", *lines, ""])


def read_entry(text: str) -> dict[str, str]:
    """Give the values of an entry, without those of its actions; nothing for a text that is none."""
    values: dict[str, str] = {}
    group = ""
    for line in text.split("\n"):
        if line.startswith("["):
            group = line.strip().strip("[]")
        elif group == _GROUP and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            values[name.strip()] = _unescaped(value.strip())
    return values


def exec_line(arguments: Sequence[str], field: str = "") -> str:
    """Give the value of `Exec`; a field code such as `%u` is for the desktop to fill in."""
    return " ".join([*(_quoted(argument.replace("%", "%%")) for argument in arguments), *filter(None, [field])])


def exec_arguments(line: str) -> list[str]:
    """Give the arguments in a value of `Exec`, field codes included."""
    found = _ARGUMENT.findall(line)
    return [(re.sub(r"\\(.)", r"\1", quoted) if quoted else plain).replace("%%", "%") for quoted, plain in found]


def _quoted(argument: str) -> str:
    if argument and not _RESERVED.search(argument):
        return argument
    return '"' + _IN_QUOTES.sub(r"\\\1", argument) + '"'


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace("\t", r"\t").replace("\r", r"\r")


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), value)
