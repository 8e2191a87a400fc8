"""Links on macOS: the app's Info.plist says it, and macOS reads that when the app is first seen.

Nothing is done at run time. A link arrives as an event (Qt: QFileOpenEvent), not as an argument.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from ...messages import desktop as messages
from ..own_command import OwnCommand
from .base import SCHEME, Registration

#: CFBundleURLTypes of the app's Info.plist.
BUNDLE_URL_TYPES: list[dict[str, Any]] = [
    {"CFBundleURLName": str(messages.LINK_NAME), "CFBundleURLSchemes": [SCHEME], "CFBundleTypeRole": "Viewer"}
]


class BundleLinkHandler:
    """What being an app, or none, comes to."""

    def __init__(self, command: OwnCommand) -> None:
        """Take what is started now."""
        parts = PurePath(command.program[0]).parts
        self._in_app = any(part.endswith(".app") for part in parts[:-1]) and command.lasts

    def registered(self) -> Registration:
        """Tell whether this is an app that macOS knows; which of several gets the links, it does not tell."""
        return Registration.OURS if self._in_app else Registration.NOBODY

    def register(self, *, replace: bool = False) -> bool:  # noqa: ARG002
        """Tell whether the app's Info.plist has done it."""
        return self._in_app

    def unregister(self) -> None:
        """Nothing is to be undone: it goes with the app."""
