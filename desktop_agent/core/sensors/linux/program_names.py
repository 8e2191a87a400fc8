"""What a program is called by people, from the name it gives itself to the desktop."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Longer names are cut: they come from programs that may say anything.
_LONGEST = 60
#: Names that can be those of a desktop file; nothing with a slash may ever become a path.
_DESKTOP_ID = re.compile(r"\w[\w.+-]*")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_NAME = re.compile(r"^Name=(.+)$", re.MULTILINE)


def application_folders(environ: Mapping[str, str]) -> list[Path]:
    """Give the folders with the desktop files of installed programs, a person's own first."""
    own = environ.get("XDG_DATA_HOME") or f"{environ.get('HOME', '')}/.local/share"
    shared = environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return [Path(folder, "applications") for folder in [own, *shared.split(":")] if folder.startswith("/")]


def program_name(given: str, folders: Sequence[Path]) -> str:
    """Give the name that the desktop's menu shows; where there is none, make the given one readable."""
    short = given.rpartition("/")[2].removesuffix(".desktop")
    if not _DESKTOP_ID.fullmatch(short):
        return _readable(given)
    for folder in folders:
        listed = _name_in(folder / f"{short}.desktop")
        if listed:
            return _readable(listed)
    last = short.rpartition(".")[2] if short.count(".") >= 2 else short
    return _readable(last[:1].upper() + last[1:])


def _name_in(desktop_file: Path) -> str:
    try:
        text = desktop_file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
    # The sections after the first one are the program's actions, with names of their own.
    named = _NAME.search(text.partition("[Desktop Entry]")[2].partition("\n[")[0])
    return named[1] if named else ""


def _readable(name: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", name).split())[:_LONGEST]
