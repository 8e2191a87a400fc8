"""Windows' sensors, made for this PC. Each raises OSError or AttributeError where its library is missing."""

from __future__ import annotations

import logging

from ..base import DisplayInhibitors, FullScreen, Network, Session, UserIdle
from .full_screen import WindowsFullScreen
from .game_pads import XInputPads
from .inhibitors import WindowsInhibitors
from .network import WindowsNetwork
from .session import WindowsSession
from .user_idle import WindowsUserIdle

log = logging.getLogger(__name__)


def user_idle() -> UserIdle:
    """Give keyboard, mouse and, where this Windows has XInput, game pads."""
    return WindowsUserIdle(_game_pads())


def inhibitors() -> DisplayInhibitors:
    """Give the word for programs that keep the screen on."""
    return WindowsInhibitors()


def full_screen() -> FullScreen:
    """Give games and presentations."""
    return WindowsFullScreen()


def session() -> Session:
    """Give the lock and the remote desktop."""
    return WindowsSession()


def network() -> Network:
    """Give the connection's price."""
    return WindowsNetwork()


def _game_pads() -> XInputPads | None:
    try:
        return XInputPads()
    except (OSError, AttributeError) as error:
        log.info("Game pads are not seen: %s", error)
        return None
