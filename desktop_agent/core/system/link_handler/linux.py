"""Links on Linux: a desktop entry of the user with the scheme as a MIME type, made the default by `xdg-mime`.

https://specifications.freedesktop.org/mime-apps-spec/latest/
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ...files import write_bytes
from ...messages import desktop as messages
from ..child_environment import for_other_programs
from ..desktop_entry import DESKTOP_ID, exec_arguments, exec_line, read_entry, write_entry
from ..own_command import OPEN_LINK, OwnCommand, is_gone
from ..xdg_folders import data_folders, data_home
from .base import SCHEME, Registration

MIME_TYPE = f"x-scheme-handler/{SCHEME}"
_FILE = f"{DESKTOP_ID}.desktop"
#: Seconds that one of the desktop's tools may take.
_TOOL_SECONDS = 10.0


class DesktopEntryLinkHandler:
    """`applications/io.embedpool.Agent.desktop`, which is the program's place in the menu of applications, too."""

    def __init__(self, environ: Mapping[str, str], command: OwnCommand) -> None:
        """Take the environment that names the user's folders, and what is to be started."""
        self._environ = environ
        self._command = command
        self._file = data_home(environ) / "applications" / _FILE

    def registered(self) -> Registration:
        """Ask for the default program, and read our entry."""
        default = self._tool("xdg-mime", "query", "default", MIME_TYPE)
        if default not in ("", _FILE):
            return Registration.OTHER
        return self._entry_is()

    def register(self, *, replace: bool = False) -> bool:
        """Write our entry and have it be the default, unless another program is."""
        found = self.registered()
        if found is Registration.OTHER and not replace:
            return False
        if found is not Registration.OURS:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(self._file, write_entry(self._values()).encode(errors="surrogateescape"))
            self._tool("update-desktop-database", str(self._file.parent))
            self._tool("xdg-mime", "default", _FILE, MIME_TYPE)
        return True

    def unregister(self) -> None:
        """Delete our entry, if it starts this program."""
        if self._file.exists() and self._entry_is() is Registration.OURS:
            self._file.unlink()
            self._tool("update-desktop-database", str(self._file.parent))

    def _entry_is(self) -> Registration:
        """Tell whose entry the desktop finds under our name: the user's, or one that a package installed."""
        files = (self._file, *(folder / "applications" / _FILE for folder in data_folders(self._environ)))
        entry = next(filter(None, map(_read, files)), {})
        started = exec_arguments(entry.get("Exec", ""))
        if not started or is_gone(started[0], entry.get("Path", "")):
            return Registration.NOBODY
        same_folder = entry.get("Path", "") == str(self._command.folder or "")
        ours = same_folder and _same_program(started[0], self._command.program[0])
        return Registration.OURS if ours else Registration.OTHER

    def _values(self) -> dict[str, str]:
        folder = {} if self._command.folder is None else {"Path": str(self._command.folder)}
        return {
            "Type": "Application",
            "Name": "EmbedPool Agent",
            "Comment": messages.COMMENT,
            "Exec": exec_line(self._command.line(*OPEN_LINK), "%u"),
            **folder,
            "Icon": DESKTOP_ID,
            "Terminal": "false",
            "StartupNotify": "false",
            "Categories": "Utility;Qt;",
            "Keywords": "embedding;GPU;volunteer;Ollama;",
            "MimeType": f"{MIME_TYPE};",
        }

    def _tool(self, name: str, *arguments: str) -> str:
        """Give what one of the desktop's tools writes; nothing where it is missing or fails."""
        path = shutil.which(name, path=self._environ.get("PATH", os.defpath))
        if path is None:
            return ""
        try:
            ended = subprocess.run(  # noqa: S603 - a tool of the system with arguments of our own
                [path, *arguments],
                env=for_other_programs(self._environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_TOOL_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return ended.stdout.strip()


def _read(file: Path) -> dict[str, str]:
    try:
        return read_entry(file.read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return {}


def _same_program(one: str, other: str) -> bool:
    paths = [shutil.which(each) or each for each in (one, other)]
    return Path(paths[0]).resolve() == Path(paths[1]).resolve()
