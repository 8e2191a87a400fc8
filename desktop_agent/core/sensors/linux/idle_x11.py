"""The idle time from the X server's screen saver extension."""

from __future__ import annotations

from Xlib.ext import screensaver

from ...messages import sensors as messages
from ..base import SensorFailed
from .x11 import XServer


class XIdle:
    """Asks the X server. Not for Xwayland, which sees only the input that goes to its own windows."""

    name: str = messages.FROM_X11

    def __init__(self, server: XServer) -> None:
        self._server = server

    def read(self) -> float:
        """Give the seconds since the last input."""
        with self._server.asked() as display:
            if not display.has_extension(screensaver.extname) or display.has_extension("XWAYLAND"):
                raise SensorFailed(messages.NO_X_SCREEN_SAVER)
            told = screensaver.query_info(display.screen().root)
        return int(told.idle) / 1000

    def close(self) -> None:
        """Let go of the X server."""
        self._server.close()
