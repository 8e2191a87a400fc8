r"""Links on Windows: a key in the user's classes.

https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/platform-apis/aa767914(v=vs.85)
"""

from __future__ import annotations

from ...messages import desktop as messages
from ..own_command import OPEN_LINK, OwnCommand, is_gone
from ..windows_command_line import command_line, program_of
from ..windows_registry import Registry
from .base import SCHEME, Registration

KEY = rf"Software\Classes\{SCHEME}"
_COMMAND = rf"{KEY}\shell\open\command"


class ClassesLinkHandler:
    r"""`HKEY_CURRENT_USER\Software\Classes\embedpool`."""

    def __init__(self, registry: Registry, command: OwnCommand) -> None:
        """Take the registry, and what is to be started."""
        self._registry = registry
        self._program = command.program[0]
        # The browser's words take the place of %1. In quotes and after `--` they are one argument and no option; a
        # quotation mark in them can only make further arguments of them, which the command refuses.
        self._line = command_line(command.line_anywhere(*OPEN_LINK)) + ' "%1"'

    def registered(self) -> Registration:
        """Read the key."""
        line = self._registry.value(_COMMAND, "")
        if not isinstance(line, str) or not line:
            return Registration.NOBODY
        if line == self._line:
            return Registration.OURS
        # The program itself, with other words: an older version of ours, or the installer, wrote it.
        if program_of(line).lower() == self._program.lower() or is_gone(program_of(line)):
            return Registration.NOBODY
        return Registration.OTHER

    def register(self, *, replace: bool = False) -> bool:
        """Write the key, unless another program has it."""
        found = self.registered()
        if found is Registration.OTHER and not replace:
            return False
        if found is not Registration.OURS:
            self._write()
        return True

    def unregister(self) -> None:
        """Delete the key, if it is ours."""
        if self.registered() is Registration.OURS:
            self._registry.delete_key(KEY)

    def _write(self) -> None:
        self._registry.set_text(KEY, "", f"URL:{messages.LINK_NAME}")
        self._registry.set_text(KEY, "URL Protocol", "")
        self._registry.set_text(rf"{KEY}\DefaultIcon", "", f'"{self._program}",0')
        self._registry.set_text(_COMMAND, "", self._line)
