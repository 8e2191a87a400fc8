"""How this program is started: what the system is told to run at log-in and for links."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

#: The folder that `python -m desktop_agent` has to run in.
SOURCE_FOLDER = Path(__file__).resolve().parents[3]
#: Argument of a start that nobody asked for just now: no window opens.
BACKGROUND = "--background"
#: Arguments before a link. Whatever follows `--` is no option, however it begins.
OPEN_LINK = ("open", "--")
#: Where macOS puts an app that was not moved out of the download; it is gone when the app ends.
_TRANSLOCATED = "AppTranslocation"
_FROM_ANYWHERE = (
    "import runpy,sys;sys.path.insert(0,{folder!r});"
    "runpy.run_module('desktop_agent',run_name='__main__',alter_sys=True)"
)


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """The program, and the folder that it has to be started in."""

    program: tuple[str, ...]
    #: None where any folder will do.
    folder: Path | None = None

    def line(self, *arguments: str) -> tuple[str, ...]:
        """Give the program with arguments."""
        return (*self.program, *arguments)

    def line_anywhere(self, *arguments: str) -> tuple[str, ...]:
        """Give the program with arguments, for a system that cannot be told a folder."""
        if self.folder is None:
            return self.line(*arguments)
        return (self.program[0], "-c", _FROM_ANYWHERE.format(folder=str(self.folder)), *arguments)

    @property
    def lasts(self) -> bool:
        """Whether the program will be there tomorrow."""
        return _TRANSLOCATED not in PurePath(self.program[0]).parts


def own_command(
    environ: Mapping[str, str], *, executable: str = sys.executable, frozen: bool = getattr(sys, "frozen", False)
) -> OwnCommand:
    """Find out how this program was started."""
    if frozen:
        # An AppImage is unpacked to another place at each start; only the runtime knows the file itself.
        return OwnCommand((environ.get("APPIMAGE") or executable,))
    windowed = Path(executable).with_name("pythonw.exe")
    python = str(windowed) if windowed.exists() else executable
    return OwnCommand((python, "-m", "desktop_agent"), SOURCE_FOLDER)


def is_gone(program: str, folder: str = "") -> bool:
    """Tell whether a command that was written down leads nowhere: its program or its folder is not there any more."""
    missing = not Path(program).exists() if Path(program).is_absolute() else shutil.which(program) is None
    return missing or (folder != "" and not Path(folder).exists())
