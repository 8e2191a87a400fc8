"""What starting at log-in is to the rest of the agent, and when it may be switched on.

It is switched on only by the owner. What the owner took away, in our windows or in the system's, is never put back; an
entry of ours is mended only where it leads to a place that the program has moved away from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ...errors import NotInstalled
from ...messages import desktop as messages
from ..own_command import OwnCommand

#: The entry's name where a person sees it.
NAME = "EmbedPool Agent"
#: In the data folder, once the owner has said yes or no.
MARKER = "start-at-login-chosen"


class Autostart(Protocol):
    """Whether the agent starts when its owner logs in. The truth is the system's; failures are OSErrors."""

    def is_on(self) -> bool:
        """Ask the system."""

    def turn_on(self) -> None:
        """Have the agent started at log-in; raises NotInstalled."""

    def turn_off(self) -> None:
        """Have it started no more."""

    def repair(self) -> bool:
        """Mend our entry if it leads nowhere, and tell whether it did."""


class RememberedAutostart:
    """An Autostart that remembers whether its owner has ever chosen."""

    def __init__(self, autostart: Autostart, data_folder: Path) -> None:
        """Keep the mark in the data folder, which exists."""
        self._autostart = autostart
        self._marker = data_folder / MARKER

    def is_on(self) -> bool:
        """Ask the system."""
        return self._autostart.is_on()

    def suggestion(self) -> bool:
        """Give what a first run suggests: to start at log-in, until the owner has chosen once."""
        return self._autostart.is_on() or not self._marker.exists()

    def turn_on(self) -> None:
        """Have the agent started at log-in; raises NotInstalled."""
        self._autostart.turn_on()
        self._marker.touch()

    def turn_off(self) -> None:
        """Have it started no more."""
        self._autostart.turn_off()
        self._marker.touch()

    def repair(self) -> bool:
        """Mend our entry if it leads nowhere, and tell whether it did."""
        return self._autostart.repair()


def require_lasting(command: OwnCommand) -> None:
    """Raise NotInstalled where the program runs from a place that will be gone."""
    if not command.lasts:
        raise NotInstalled(messages.NOT_INSTALLED)
