"""The sensors of macOS, made for this Mac. Each raises OSError or AttributeError where its framework is missing."""

from __future__ import annotations

import psutil

from ..base import DisplayInhibitors, FullScreen, Network, Session, UserIdle
from .full_screen import MacFullScreen
from .inhibitors import MacInhibitors
from .network import MacNetwork
from .session import MacSession
from .user_idle import MacUserIdle


def user_idle() -> UserIdle:
    """Give keyboard, mouse and trackpad."""
    return MacUserIdle()


def inhibitors() -> DisplayInhibitors:
    """Give the programs that keep the screen on."""
    return MacInhibitors(_process_name)


def full_screen() -> FullScreen:
    """Give games and presentations."""
    return MacFullScreen()


def session() -> Session:
    """Give the lock and the switched user."""
    return MacSession()


def network() -> Network:
    """Give the connection's price, which is not to be had."""
    return MacNetwork()


def _process_name(process: int) -> str:
    try:
        return psutil.Process(process).name()
    except psutil.Error:
        return ""
