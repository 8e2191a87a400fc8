"""Where Linux desktops keep a user's things.

https://specifications.freedesktop.org/basedir-spec/latest/
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def config_home(environ: Mapping[str, str]) -> Path:
    """Give the folder of the user's configuration."""
    return _absolute(environ.get("XDG_CONFIG_HOME")) or _home(environ) / ".config"


def data_home(environ: Mapping[str, str]) -> Path:
    """Give the folder of the user's data."""
    return _absolute(environ.get("XDG_DATA_HOME")) or _home(environ) / ".local" / "share"


def data_folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Give the folders of data for all users, the weightiest first."""
    named = environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return tuple(folder for part in named.split(":") if (folder := _absolute(part)) is not None)


def _absolute(path: str | None) -> Path | None:
    """Give the path; a relative one is to be ignored, says the specification."""
    return Path(path) if path and path.startswith("/") else None


def _home(environ: Mapping[str, str]) -> Path:
    return _absolute(environ.get("HOME")) or Path.home()
