"""Starting at log-in on macOS: a launch agent of the user.

`man 5 launchd.plist`. What a person switches off in System Settings stays off, whatever the file says.
"""

from __future__ import annotations

import plistlib
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from ...files import write_bytes
from ..own_command import BACKGROUND, OwnCommand, is_gone
from .base import require_lasting

LABEL = "io.embedpool.Agent"


class LaunchAgentAutostart:
    """`~/Library/LaunchAgents/io.embedpool.Agent.plist`."""

    def __init__(self, home: Path, command: OwnCommand) -> None:
        """Take the home folder, and what is to be started."""
        self._file = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
        self._command = command

    def is_on(self) -> bool:
        """Tell whether there is an agent that is not disabled."""
        agent = self._read()
        return bool(_program(agent)) and agent.get("Disabled") is not True

    def turn_on(self) -> None:
        """Write the agent's file; raises NotInstalled where macOS runs the app from a place that will be gone."""
        require_lasting(self._command)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(self._file, plistlib.dumps(self._values()))

    def turn_off(self) -> None:
        """Delete the agent's file; what runs now goes on."""
        self._file.unlink(missing_ok=True)

    def repair(self) -> bool:
        """Write the file anew if it is on and its program or folder is gone."""
        agent = self._read()
        program, folder = _program(agent), agent.get("WorkingDirectory", "")
        if not self.is_on() or not self._command.lasts or not is_gone(program, str(folder)):
            return False
        self.turn_on()
        return True

    def _read(self) -> dict[str, Any]:
        try:
            agent = plistlib.loads(self._file.read_bytes())
        except (FileNotFoundError, plistlib.InvalidFileException, ExpatError, ValueError):
            return {}
        return agent if isinstance(agent, dict) else {}

    def _values(self) -> dict[str, Any]:
        folder = {} if self._command.folder is None else {"WorkingDirectory": str(self._command.folder)}
        return {
            "Label": LABEL,
            "ProgramArguments": list(self._command.line(BACKGROUND)),
            **folder,
            "RunAtLoad": True,
            # Only where there is a desktop, and with an app's share of the processor, not a daemon's.
            "LimitLoadToSessionType": "Aqua",
            "ProcessType": "Interactive",
        }


def _program(agent: dict[str, Any]) -> str:
    arguments = agent.get("ProgramArguments")
    return str(arguments[0]) if isinstance(arguments, list) and arguments else ""
