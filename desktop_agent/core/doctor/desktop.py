"""Looks at what the desktop does for EmbedPool: tray, start at log-in, invite links."""

from __future__ import annotations

from ..messages import doctor as words
from ..system.autostart.base import Autostart
from ..system.link_handler.base import LinkHandler, Registration
from .finding import Finding, attention, good


def look_at_tray(tray: bool | None) -> Finding:
    """Say whether there is one; None where the windows cannot be shown at all."""
    if tray is None:
        return attention(words.TRAY, words.TRAY_NO_WINDOWS, words.RUN_HEADLESS)
    return (
        good(words.TRAY, words.TRAY_GOOD) if tray else attention(words.TRAY, words.TRAY_NONE, words.OPEN_BY_APPLICATION)
    )


def look_at_autostart(autostart: Autostart) -> Finding:
    """Ask the system."""
    try:
        on = autostart.is_on()
    except OSError as error:
        return attention(words.AUTOSTART, words.cannot_tell(error.strerror or str(error)))
    return good(words.AUTOSTART, words.AUTOSTART_ON) if on else good(words.AUTOSTART, words.AUTOSTART_OFF)


def look_at_links(handler: LinkHandler) -> Finding:
    """Ask the system who gets our links."""
    try:
        found = handler.registered()
    except OSError as error:
        return attention(words.LINKS, words.cannot_tell(error.strerror or str(error)))
    seen = {
        Registration.OURS: words.LINKS_OURS,
        Registration.NOBODY: words.LINKS_NOBODY,
        Registration.OTHER: words.LINKS_OTHER,
    }
    return good(words.LINKS, seen[found]) if found is Registration.OURS else attention(words.LINKS, seen[found])
