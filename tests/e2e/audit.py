"""Python's own audit of a program: every connection, every file it writes, every process it starts."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.programs import ROOT

#: Python runs this before anything else; what it sees cannot be hidden from it.
_HOOK = """
import json, os, sys
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_log = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def _audit(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)) and isinstance(args[2], int) and args[2] & _WRITES:
        told = ["write", os.path.realpath(os.fsdecode(args[0]))]
    elif event == "socket.connect":
        # A path is a socket of this PC: sensors ask its desktop.
        told = ["connect", args[1][:2]] if isinstance(args[1], tuple) else ["ask", os.fsdecode(args[1])]
    elif event.startswith(("subprocess.", "os.exec", "os.posix_spawn", "os.fork", "os.system")):
        told = ["start", event]
    else:
        return
    os.write(_log, json.dumps(told).encode() + b"\\n")
sys.addaudithook(_audit)
"""


class Audit:
    """Watches every Python program that is started with its environment."""

    def __init__(self, folder: Path) -> None:
        self._log, hook = folder / "audit.jsonl", folder / "hook"
        hook.mkdir()
        (hook / "sitecustomize.py").write_text(_HOOK.format(log=str(self._log)), encoding="utf-8")
        # Python's own compiled files would be written wherever it imports something for the first time.
        self.environment: Mapping[str, str] = {
            "PYTHONPATH": os.pathsep.join([str(hook), str(ROOT)]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @property
    def connections(self) -> set[tuple[str, int]]:
        """Addresses and ports that were connected to."""
        return {(where[0], where[1]) for where in self._seen("connect")}

    @property
    def written(self) -> set[Path]:
        """Files that were opened for writing."""
        return {Path(where) for where in self._seen("write")}

    @property
    def started(self) -> list[str]:
        """How processes were started."""
        return self._seen("start")

    def _seen(self, kind: str) -> list[Any]:
        lines = map(json.loads, self._log.read_text(encoding="utf-8").splitlines())
        return [where for what, where in lines if what == kind]
