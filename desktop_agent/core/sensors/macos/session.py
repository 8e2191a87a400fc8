"""Locked screens and switched users, on macOS.

https://developer.apple.com/documentation/coregraphics/cgsessioncopycurrentdictionary()
"""

from __future__ import annotations

from ...messages import sensors as messages
from ..base import SensorFailed, SessionState
from .core_foundation import CoreFoundation, Plain
from .frameworks import Library, Ref, declare, load


class MacSession:
    """What the window server knows of our session."""

    def __init__(self, graphics: Library = None, core_foundation: CoreFoundation | None = None) -> None:
        """Open the frameworks, unless some are given; raises OSError or AttributeError where they are missing."""
        self._copy = declare(graphics or load("CoreGraphics"), "CGSessionCopyCurrentDictionary", Ref, [])
        self._core_foundation = core_foundation or CoreFoundation()

    def read(self) -> SessionState:
        """Tell; fails where nobody is logged in at the screen, such as over ssh."""
        session = self._copy()
        if not session:
            raise SensorFailed(messages.cannot_tell_session(messages.NOBODY_LOGGED_IN))
        try:
            return state_of(self._core_foundation.plain(session))
        finally:
            self._core_foundation.release(session)

    def close(self) -> None:
        """Nothing is held."""


def state_of(session: Plain) -> SessionState:
    """Read the window server's words. Another user in front of this Mac counts as remote: we do not see their input.

    The lock's key is not in Apple's pages; it has been there since OS X 10.7, and only while the screen is locked.
    """
    if not isinstance(session, dict):
        raise SensorFailed(messages.cannot_tell_session(messages.NOBODY_LOGGED_IN))
    return SessionState(
        locked=bool(session.get("CGSSessionScreenIsLocked", False)),
        remote=not session.get("kCGSSessionOnConsoleKey", True),
    )
