"""The one connection that changes the SQLite database, and group commit, so that full durability costs little.

SQLite has one writer at a time, whatever we do. Whoever has something to write and finds nobody writing writes it
itself: no other thread has to be woken, which would take longer than the writing. What others hand in meanwhile waits,
and the first of them then writes for all of them, up to `MAX_BATCH` operations in one transaction. So the disk's sync
is a shared cost under load, and no SQLITE_BUSY can happen.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from server.domain.errors import Unavailable

T = TypeVar("T")
#: What is to be done in one transaction. It may be run twice (the first run undone), so it changes nothing but the
#: database.
Operation = Callable[[Connection], T]

#: SQLite's primary result codes for a disk that is full, broken, read-only or gone.
STORAGE_FAILURES = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}

log = logging.getLogger(__name__)

#: Operations per transaction at most: more would make the first of them wait for the last.
MAX_BATCH = 64
#: Seconds without a write after which the write-ahead log is worth folding back into the database.
IDLE_SECONDS = 5.0


@dataclass(slots=True)
class _Entry:
    """An operation on its way to the disk, and what came of it."""

    operation: Operation[Any]
    #: Held until the operation is done, or its thread is to write. A bare lock is the cheapest thing to wait on.
    wake: threading.Lock = field(default_factory=threading.Lock)
    done: bool = False
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs operations one after another on the only writing connection and answers after COMMIT."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connection = connect()
        #: Guards what follows; held for moments only, never while writing.
        self._gate = threading.Lock()
        self._entries: deque[_Entry] = deque()
        #: Whether some thread writes now.
        self._busy = False
        self._stopped = False
        #: Whether something was written since the log was folded, and when the last write was.
        self._dirty = False
        self._last_write = time.monotonic()
        #: How many operations shared the last transaction.
        self.last_batch = 0
        #: How many transactions had 0, 1, 2 … operations, and how many failed.
        self.batches = [0] * (MAX_BATCH + 1)
        self.failures = 0

    def run(self, operation: Operation[T]) -> T:
        """Run an operation in a transaction and return its result once that is on disk.

        Raises whatever the operation raised (its changes are undone, its neighbours' are not), and `Unavailable` when
        the database cannot take writes (disk full or failing) or is being closed.
        """
        entry = _Entry(operation)
        entry.wake.acquire()
        with self._gate:
            if self._stopped:
                raise Unavailable("The server is being stopped. Try again in a few seconds.", retry_after=2)
            self._entries.append(entry)
            write_now, self._busy = not self._busy, True
        if not write_now:
            entry.wake.acquire()
        if not entry.done:
            self._write_batch()
        if entry.error is not None:
            raise entry.error
        return cast(T, entry.result)

    def fold_if_idle(self) -> None:
        """Fold the write-ahead log back into the database when nobody has written for some seconds.

        A reader in the way is not waited for, because writers would wait too: a backup reads for seconds. The log is
        folded later then.
        """
        with self._gate:
            if self._busy or not self._dirty or time.monotonic() - self._last_write < IDLE_SECONDS:
                return
            self._busy = True
        try:
            self._dirty = not _fold_at_once(self._connection)
        finally:
            self._pass_on()

    def stop(self) -> None:
        """Finish what was handed in, fold the log, close the connection; later operations are refused."""
        last = _Entry(_nothing)
        last.wake.acquire()
        with self._gate:
            if self._stopped:
                return
            self._stopped = True
            self._entries.append(last)
            write_now, self._busy = not self._busy, True
        if not write_now:
            last.wake.acquire()
        # Nothing can be behind the last entry: what is left is this batch.
        while not last.done:
            self._write_batch()
        _fold_log(self._connection)
        self._connection.close()

    def _write_batch(self) -> None:
        """Write what waits, as the one thread that writes, then let the next thread write or none."""
        with self._gate:
            batch = [self._entries.popleft() for _ in range(min(MAX_BATCH, len(self._entries)))]
        try:
            self._commit(batch)
        finally:
            self._last_write, self._dirty = time.monotonic(), True
            self._pass_on()
        for entry in batch:
            entry.done = True
            entry.wake.release()

    def _pass_on(self) -> None:
        with self._gate:
            following = self._entries[0] if self._entries else None
            self._busy = following is not None
        if following is not None:
            following.wake.release()

    def _commit(self, batch: list[_Entry]) -> None:
        self.last_batch = len(batch)
        self.batches[len(batch)] += 1
        try:
            # Nearly always every operation succeeds, and the price of a savepoint each is saved.
            if not _attempt(self._connection, batch, _run_all):
                _attempt(self._connection, batch, _run_in_savepoints)
        except Exception as error:
            log.exception("a transaction of %d operations failed", len(batch))
            self.failures += 1
            _roll_back(self._connection)
            refusal = Unavailable("The database cannot store anything now. Try again later.", retry_after=10)
            refusal.__cause__ = error
            for entry in batch:
                entry.result, entry.error = None, refusal


def _nothing(_connection: Connection) -> None:
    """Change nothing."""


def _attempt(connection: Connection, batch: list[_Entry], run: Callable[[Connection, list[_Entry]], bool]) -> bool:
    """Run a batch in one transaction; False, and nothing has changed, when `run` gave up."""
    execute = connection.connection.cursor().execute
    execute("BEGIN IMMEDIATE")
    if not run(connection, batch):
        execute("ROLLBACK")
        return False
    execute("COMMIT")
    return True


def _run_all(connection: Connection, batch: list[_Entry]) -> bool:
    """Run operations one after the other; give up at the first that raises."""
    try:
        for entry in batch:
            entry.result = entry.operation(connection)
    except Exception:  # noqa: BLE001 (the second run finds out which one it was, and with what)
        return False
    return True


def _run_in_savepoints(connection: Connection, batch: list[_Entry]) -> bool:
    """Run each operation in a savepoint: what one raises undoes its own changes only."""
    execute = connection.connection.cursor().execute
    for entry in batch:
        execute("SAVEPOINT operation")
        try:
            entry.result = entry.operation(connection)
        except Exception as error:
            if _cannot_store(error):
                # That is nobody's own error: the whole batch fails.
                raise
            entry.result, entry.error = None, error
            execute("ROLLBACK TO operation")
        execute("RELEASE operation")
    return True


def _cannot_store(error: Exception) -> bool:
    """Whether the database itself cannot go on (a full disk), rather than the operation being wrong."""
    cause = error.orig if isinstance(error, OperationalError) else error
    # The low byte is the primary code; the others say where it happened (https://www.sqlite.org/rescode.html).
    code = getattr(cause, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in STORAGE_FAILURES


def _roll_back(connection: Connection) -> None:
    # After some failures (a full disk) SQLite has rolled back by itself, and a second ROLLBACK would be an error.
    if getattr(connection.connection.dbapi_connection, "in_transaction", False):
        try:
            connection.connection.cursor().execute("ROLLBACK")
        except connection.dialect.loaded_dbapi.Error:
            log.exception("the failed transaction could not be rolled back")


def _fold_at_once(connection: Connection) -> bool:
    """Fold the log without waiting for anybody; returns whether nobody was in the way."""
    cursor = connection.connection.cursor()
    (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
    cursor.execute("PRAGMA busy_timeout = 0")
    try:
        return _fold_log(connection)
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {patience}")


def _fold_log(connection: Connection) -> bool:
    """Copy the write-ahead log into the database and cut it to nothing (best effort: a reader may be in the way).

    Returns whether that was done.
    """
    try:
        busy, _, _ = connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        log.warning("the write-ahead log could not be folded now: %s", error)
        return False
    return not busy
