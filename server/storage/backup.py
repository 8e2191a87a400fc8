"""Copying the database while it is in use, by a connection that only reads.

`VACUUM INTO` copies what is in the tables and nothing else: the copy is one file, as small as it can be, and what was
deleted (prompts, answers) is not in it. It reads one state of the database; the writer goes on meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

#: Whether to go on, asked with the number of bytes that the copy has so far.
Watch = Callable[[int], bool]

#: Steps of SQLite's virtual machine between two looks at the copy: about a quarter of a MiB of it.
STEPS = 200
#: Bytes of the copy after which it is synced. Left to the operating system, hundreds of MiB would be written out at
#: once, and the writer's own sync would have to wait for them.
SYNC_BYTES = 4 * 2**20


class BackupFailedError(Exception):
    """The copy could not be written, or is not sound; the message says why."""


class BackupStoppedError(Exception):
    """The watch said no."""


def content_bytes(connection: Connection) -> int:
    """Return how many bytes a copy will have, about: the pages in use, without those that wait to be used again."""
    pages, free, size = (
        int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def write_copy(source: Path, target: Path, watch: Watch) -> None:
    """Copy the database at `source` into a new file that only its owner may read, and sync it.

    Raises `BackupFailedError` and `BackupStoppedError`; what was written until then is left behind.
    """
    try:
        descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _vacuum(source, target, _Pace(descriptor, watch))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except (sqlite3.Error, OSError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise BackupStoppedError from None
        raise BackupFailedError(str(error)) from error


def _vacuum(source: Path, target: Path, pace: _Pace) -> None:
    # A connection that cannot write never folds the log either (see `database.py`).
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        connection.set_progress_handler(pace, STEPS)
        connection.execute("VACUUM INTO ?", (str(target),))


@dataclass(slots=True)
class _Pace:
    """Syncs the copy as it grows, and asks whether to go on."""

    descriptor: int
    watch: Watch
    synced: int = 0

    def __call__(self) -> int:
        size = os.fstat(self.descriptor).st_size
        if size - self.synced >= SYNC_BYTES:
            os.fsync(self.descriptor)
            self.synced = size
        return 0 if self.watch(size) else 1


def check_copy(copy: Path) -> None:
    """Read a copy through; raises `BackupFailedError` when it is not a sound database."""
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict != "ok":
        raise BackupFailedError(f"the copy is damaged: {verdict}")
