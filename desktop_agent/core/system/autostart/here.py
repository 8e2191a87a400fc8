"""The way of starting at log-in that this system has."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from ..own_command import OwnCommand, own_command
from .base import Autostart, RememberedAutostart

if sys.platform == "win32":
    from ..windows_registry import CurrentUser
    from .windows import RunKeyAutostart

    def _of_this_system(_environ: Mapping[str, str], command: OwnCommand) -> Autostart:
        return RunKeyAutostart(CurrentUser(), command)

elif sys.platform == "darwin":
    from .macos import LaunchAgentAutostart

    def _of_this_system(_environ: Mapping[str, str], command: OwnCommand) -> Autostart:
        return LaunchAgentAutostart(Path.home(), command)

else:
    from ..xdg_folders import config_home
    from .linux import XdgAutostart

    def _of_this_system(environ: Mapping[str, str], command: OwnCommand) -> Autostart:
        return XdgAutostart(config_home(environ), command)


def autostart_here(environ: Mapping[str, str], data_folder: Path) -> RememberedAutostart:
    """Give this user's start at log-in; the data folder remembers that the owner has chosen."""
    return RememberedAutostart(_of_this_system(environ, own_command(environ)), data_folder)
