"""Opening the database: its folder, its connections and their pragmas.

SQLite before 3.51.3 can corrupt a write-ahead log that two connections checkpoint. Hence one writing connection (see
`writer.py`), readers that may not write, and a lock file that keeps a second server process out.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from server.storage.writer import Operation, Writer

T = TypeVar("T")

#: Connections for reading that stay open; a request holds one for well under a millisecond.
READERS = 8
#: Milliseconds a connection waits for a lock that an outside program holds.
BUSY_TIMEOUT_MS = 5000
#: Bytes of write-ahead log kept on disk between checkpoints.
LOG_SIZE_LIMIT = 64 * 2**20
#: Pages of write-ahead log after which a commit folds it back.
CHECKPOINT_PAGES = 8000


class DatabaseInUseError(Exception):
    """Another server process has this data folder."""


@dataclass(slots=True)
class Database:
    """The open database: one writer for everything that changes, readers for the rest."""

    path: Path
    readers: Engine
    writing_engine: Engine
    writer: Writer
    lock: FileLock
    #: Readers' connections that nobody uses now; taking one from here costs nothing.
    _idle: deque[Connection] = field(default_factory=deque)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection that cannot write. Never hold it while waiting for something else."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self.readers.connect()
        try:
            yield connection
        finally:
            if len(self._idle) < READERS:
                self._idle.append(connection)
            else:
                connection.close()

    def write(self, operation: Operation[T]) -> T:
        """Run an operation in the writer's next transaction; returns once it is on disk. See `Writer.run`."""
        return self.writer.run(operation)

    def file_bytes(self) -> int:
        """Return the size of the database file."""
        return _size(self.path)

    def log_bytes(self) -> int:
        """Return the size of the write-ahead log."""
        return _size(self.path.with_name(f"{self.path.name}-wal"))

    def close(self) -> None:
        """Finish what the writer has, close every connection, let the folder go."""
        self.writer.stop()
        while self._idle:
            self._idle.pop().close()
        self.readers.dispose()
        self.writing_engine.dispose()
        self.lock.release()


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def lock_folder(folder: Path) -> FileLock:
    """Take the data folder for this process; raises `DatabaseInUseError` when another one has it."""
    lock = FileLock(folder / "embedpool.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise DatabaseInUseError(f"Another EmbedPool server is using the data folder {folder}.") from None
    return lock


def open_database(path: Path, readers: Engine, lock: FileLock) -> Database:
    """Open an SQLite file whose schema is up to date, and its writer. `readers` is prepared already."""
    writing_engine = open_writing_engine(path)
    return Database(path, readers, writing_engine, Writer(writing_engine.connect), lock)


def open_writing_engine(path: Path) -> Engine:
    """Make the engine with the one writing connection; nothing else may write to the file meanwhile."""
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=StaticPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"check_same_thread": False},
        # An error's text would otherwise carry the values it failed with, prompts included, into the log.
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_writer)
    return engine


def reader_options() -> dict[str, Any]:
    """Return the options of the engine that reads."""
    return {
        "poolclass": QueuePool,
        "pool_size": READERS,
        # As many as ask at once; only `READERS` stay open.
        "max_overflow": -1,
        # Reading is autocommit: a transaction left open would keep the log from being folded.
        "isolation_level": "AUTOCOMMIT",
        "pool_reset_on_return": None,
        "connect_args": {"check_same_thread": False},
        "hide_parameters": True,
    }


def prepare_readers(engine: Engine) -> None:
    """See to it that an engine's connections cannot write and never touch the log."""
    event.listen(engine, "connect", _prepare_reader)


def _prepare_writer(connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in (
        "journal_mode = WAL",
        # NORMAL loses acknowledged commits at a power cut.
        "synchronous = FULL",
        "fullfsync = ON",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        f"journal_size_limit = {LOG_SIZE_LIMIT}",
        "cache_size = -65536",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_reader(connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in ("query_only = ON", f"busy_timeout = {BUSY_TIMEOUT_MS}", "wal_autocheckpoint = 0"):
        connection.execute(f"PRAGMA {pragma}")
