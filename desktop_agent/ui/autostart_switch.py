"""Switching the start at log-in, with words for when the system says no."""

from __future__ import annotations

from ..core.errors import AgentError
from ..core.text import Text
from .asking import Autostart

SWITCHED_OFF_THERE = Text(
    "Your system's own settings keep EmbedPool from starting at log-in. Only you can switch it on there."
)


def switch_autostart(autostart: Autostart, *, on: bool) -> str:
    """Have it as wanted; gives why that failed, or nothing."""
    try:
        if on:
            autostart.turn_on()
        else:
            autostart.turn_off()
    except AgentError as error:
        return error.message
    except OSError as error:
        return Text("The start at log-in could not be changed: {why}.", why=error.strerror or str(error))
    return SWITCHED_OFF_THERE if on and not autostart.is_on() else ""
