"""The names of the programs that run now, for their owner to choose from."""

from __future__ import annotations

import psutil

from ..settings import clean_programs


def running_programs() -> list[str]:
    """Give each name once, in alphabetical order, as the settings keep them; those of this user where that is known."""
    mine: list[str] = []
    others: list[str] = []
    me = psutil.Process().username()
    for process in psutil.process_iter(("name", "username")):
        (mine if process.info["username"] == me else others).append(process.info["name"] or "")
    return sorted(clean_programs(mine or others))
