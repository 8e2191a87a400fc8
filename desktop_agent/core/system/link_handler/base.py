"""What opening links is to the rest of the agent."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

#: The scheme of our links: `embedpool://join?server=…&code=…`.
SCHEME = "embedpool"


class Registration(StrEnum):
    """Who gets our links on this PC."""

    NOBODY = "nobody"  # or a program that is not there any more
    OURS = "ours"
    OTHER = "other"  # another program, or another installation of ours


class LinkHandler(Protocol):
    """This user's choice of the program for our links; failures are OSErrors."""

    def registered(self) -> Registration:
        """Ask the system."""

    def register(self, *, replace: bool = False) -> bool:
        """Get our links, and tell whether we do. What another program has is taken only if it is to be replaced."""

    def unregister(self) -> None:
        """Get them no more; another program's registration stays."""
