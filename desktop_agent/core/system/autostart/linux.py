"""Starting at log-in on Linux: an entry in the desktops' autostart folder.

https://specifications.freedesktop.org/autostart-spec/latest/
"""

from __future__ import annotations

from pathlib import Path

from ...files import write_bytes
from ...messages import desktop as messages
from ..desktop_entry import DESKTOP_ID, exec_arguments, exec_line, read_entry, write_entry
from ..own_command import BACKGROUND, OwnCommand, is_gone
from .base import NAME


class XdgAutostart:
    """`autostart/io.embedpool.Agent.desktop` in the user's configuration folder."""

    def __init__(self, config_home: Path, command: OwnCommand) -> None:
        """Take the configuration folder, `~/.config`, and what is to be started."""
        self._file = config_home / "autostart" / f"{DESKTOP_ID}.desktop"
        self._command = command

    def is_on(self) -> bool:
        """Tell whether there is an entry that no desktop's settings switched off."""
        entry = self._read()
        switched_off = entry.get("Hidden") == "true" or entry.get("X-GNOME-Autostart-enabled") == "false"
        return "Exec" in entry and not switched_off

    def turn_on(self) -> None:
        """Write the entry; one that was switched off is replaced."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(self._file, write_entry(self._values()).encode(errors="surrogateescape"))

    def turn_off(self) -> None:
        """Delete the entry."""
        self._file.unlink(missing_ok=True)

    def repair(self) -> bool:
        """Write the entry anew if it is on and its program or folder is gone."""
        entry = self._read()
        started = exec_arguments(entry.get("Exec", ""))
        if not self.is_on() or not started or not is_gone(started[0], entry.get("Path", "")):
            return False
        self.turn_on()
        return True

    def _read(self) -> dict[str, str]:
        try:
            return read_entry(self._file.read_text(encoding="utf-8", errors="surrogateescape"))
        except FileNotFoundError:
            return {}

    def _values(self) -> dict[str, str]:
        folder = {} if self._command.folder is None else {"Path": str(self._command.folder)}
        return {
            "Type": "Application",
            "Name": NAME,
            "Comment": messages.COMMENT,
            "Exec": exec_line(self._command.line(BACKGROUND)),
            **folder,
            "Icon": DESKTOP_ID,
            "Terminal": "false",
            "StartupNotify": "false",
            "X-GNOME-Autostart-enabled": "true",
            # The tray is part of the panel: an icon that comes before it would never be seen.
            "X-KDE-autostart-after": "panel",
            "X-LXQt-Need-Tray": "true",
        }
