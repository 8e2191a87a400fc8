"""Installers: files that the operator puts into a folder, so that volunteers fetch the agent from this server.

A file's SHA-256 is computed once, in a thread of its own, and again when the file has changed: installers have a
hundred megabytes, and whoever asks for their list must not wait for that.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from server.domain.errors import NotFound

log = logging.getLogger(__name__)

System = Literal["windows", "macos", "linux"]

#: Endings of names, in small letters, and the system that such a file installs on.
SYSTEMS: dict[str, System] = {
    ".exe": "windows",
    ".msi": "windows",
    ".dmg": "macos",
    ".pkg": "macos",
    ".deb": "linux",
    ".rpm": "linux",
    ".appimage": "linux",
    ".tar.gz": "linux",
}
#: Bytes that are read at once for a sum.
CHUNK = 2**20

_PROCESSOR = re.compile(r"(?<![a-z0-9])(?:(x86[_-]64|amd64|x64)|(arm64|aarch64))(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Installer:
    """A file that installs the agent."""

    name: str
    system: System
    #: `x86-64` or `ARM64`, as far as the name tells; else empty.
    processor: str
    #: Bytes.
    size: int
    #: When the file was last changed (nanoseconds since 1970).
    changed_ns: int
    #: In hexadecimal; None while it is being computed.
    sha256: str | None

    @property
    def kind(self) -> str:
        """The ending of its name, as people know such files: `.exe`, `.AppImage`."""
        ending = next(one for one in SYSTEMS if self.name.lower().endswith(one))
        return self.name[-len(ending) :]


#: What tells a file from another, and from itself before it was changed: name, size, time of the change (ns).
Print = tuple[str, int, int]


class Installers:
    """The folder, and the sums of what lies in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sums: dict[Print, str] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def listed(self) -> list[Installer]:
        """Return the installers by name; the sums that are missing are being computed from now on."""
        found = sorted(self._found(), key=lambda one: one.name)
        if any(one.sha256 is None for one in found):
            self._begin()
        return found

    def open(self, name: str) -> tuple[Installer, BinaryIO]:
        """Open an installer to be read, which the caller closes; NotFound where the list has none of that name."""
        found = next((one for one in self._found() if one.name == name), None)
        if found is not None:
            try:
                return found, _open(self._folder / found.name)
            except OSError:
                log.warning("the installer %s cannot be read", found.name)
        raise NotFound("There is no installer of that name.")

    def stop(self) -> None:
        """Give up what is being computed, and begin nothing more."""
        with self._lock:
            self._stopped.set()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _found(self) -> Iterator[Installer]:
        try:
            entries = list(os.scandir(self._folder))
        except OSError:
            return
        yield from (one for entry in entries if (one := self._read(entry)) is not None)

    def _read(self, entry: os.DirEntry[str]) -> Installer | None:
        """Return an entry of the folder as an installer; None for anything else."""
        name, system = entry.name, system_of(entry.name)
        if system is None or name.startswith(".") or not name.isprintable():
            return None
        try:
            # A link could lead anywhere.
            if not entry.is_file(follow_symlinks=False):
                return None
            stat = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        size, changed = stat.st_size, stat.st_mtime_ns
        return Installer(name, system, processor_of(name), size, changed, self._sums.get((name, size, changed)))

    def _begin(self) -> None:
        with self._lock:
            if self._stopped.is_set() or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._sum_up, name="installers", daemon=True)
            self._thread.start()

    def _sum_up(self) -> None:
        """Compute what is missing; what is changed meanwhile is left to the next time."""
        sums: dict[Print, str] = {}
        for one in self._found():
            before = (one.name, one.size, one.changed_ns)
            sha256 = one.sha256 or self._sum_of(before)
            if sha256 is not None:
                sums[before] = sha256
                self._sums = {**self._sums, before: sha256}
        self._sums = sums

    def _sum_of(self, before: Print) -> str | None:
        """Return the SHA-256 of a file; None when it is not what it was, cannot be read, or nobody wants it now."""
        hashed = hashlib.sha256()
        try:
            with _open(self._folder / before[0]) as file:
                while chunk := file.read(CHUNK):
                    if self._stopped.is_set():
                        return None
                    hashed.update(chunk)
                stat = os.fstat(file.fileno())
        except OSError:
            return None
        return hashed.hexdigest() if (before[0], stat.st_size, stat.st_mtime_ns) == before else None


def system_of(name: str) -> System | None:
    """Return the system that a file of this name installs on; None for what is no installer."""
    lower = name.lower()
    return next((system for ending, system in SYSTEMS.items() if lower.endswith(ending)), None)


def processor_of(name: str) -> str:
    """Return the processor that a name tells; empty where it tells none."""
    found = _PROCESSOR.search(name.lower())
    if found is None:
        return ""
    return "x86-64" if found[1] else "ARM64"


def _open(path: Path) -> BinaryIO:
    """Open a file to be read, but no link."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags), "rb")
