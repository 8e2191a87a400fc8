"""Starting at log-in on Windows: a value in the user's Run key.

https://learn.microsoft.com/windows/win32/setupapi/run-and-runonce-registry-keys
"""

from __future__ import annotations

from ..own_command import BACKGROUND, OwnCommand, is_gone
from ..windows_command_line import command_line, program_of
from ..windows_registry import Registry
from .base import NAME

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
#: What Task Manager and Settings write when a person switches an entry: bytes, of which an odd first one means off.
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"


class RunKeyAutostart:
    """`EmbedPool Agent` in the Run key, as Task Manager shows it."""

    def __init__(self, registry: Registry, command: OwnCommand) -> None:
        """Take the registry, and what is to be started."""
        self._registry = registry
        self._command = command

    def is_on(self) -> bool:
        """Tell whether there is a value that Task Manager did not switch off."""
        return self._line() != "" and not self._switched_off()

    def turn_on(self) -> None:
        """Set the value; the owner's latest word counts, so Task Manager's switch goes back."""
        self._write()
        self._registry.delete_value(APPROVED, NAME)

    def turn_off(self) -> None:
        """Take the value and its switch away."""
        self._registry.delete_value(RUN, NAME)
        self._registry.delete_value(APPROVED, NAME)

    def repair(self) -> bool:
        """Set the value anew if its program is gone; a switched-off one stays so."""
        line = self._line()
        if not line or not is_gone(program_of(line)):
            return False
        self._write()
        return True

    def _line(self) -> str:
        line = self._registry.value(RUN, NAME)
        return line if isinstance(line, str) else ""

    def _switched_off(self) -> bool:
        approved = self._registry.value(APPROVED, NAME)
        return isinstance(approved, bytes) and approved != b"" and approved[0] % 2 == 1

    def _write(self) -> None:
        self._registry.set_text(RUN, NAME, command_line(self._command.line_anywhere(BACKGROUND)))
