"""The way of getting links that this system has."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from ..own_command import OwnCommand, own_command
from .base import LinkHandler

if sys.platform == "win32":
    from ..windows_registry import CurrentUser
    from .windows import ClassesLinkHandler

    def _of_this_system(_environ: Mapping[str, str], command: OwnCommand) -> LinkHandler:
        return ClassesLinkHandler(CurrentUser(), command)

elif sys.platform == "darwin":
    from .macos import BundleLinkHandler

    def _of_this_system(_environ: Mapping[str, str], command: OwnCommand) -> LinkHandler:
        return BundleLinkHandler(command)

else:
    from .linux import DesktopEntryLinkHandler

    def _of_this_system(environ: Mapping[str, str], command: OwnCommand) -> LinkHandler:
        return DesktopEntryLinkHandler(environ, command)


def link_handler_here(environ: Mapping[str, str]) -> LinkHandler:
    """Give this user's choice of the program for our links."""
    return _of_this_system(environ, own_command(environ))
