"""The one thread that changes the SQLite database: group commit, so that full durability costs little.

SQLite has one writer at a time, whatever we do. Giving that place to one thread with one connection, and committing up
to `MAX_BATCH` waiting operations together, makes the disk's sync a shared cost, and no SQLITE_BUSY can happen.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from server.domain.errors import Unavailable

T = TypeVar("T")
#: What is to be done in one transaction. It may be run twice (the first run undone), so it changes nothing but the
#: database.
Operation = Callable[[Connection], T]

log = logging.getLogger(__name__)

#: Operations per transaction at most: more would make the first of them wait for the last.
MAX_BATCH = 64
#: Seconds without work after which the writer folds the write-ahead log back into the database.
IDLE_SECONDS = 5.0


@dataclass(slots=True)
class _Entry:
    """An operation on its way through the writer, and what came of it."""

    operation: Operation[Any]
    #: Whether somebody waits for the outcome; if not, an error is logged instead of raised.
    awaited: bool
    #: Held until the outcome is durable. A bare lock wakes its waiter at half the price of an Event.
    done: threading.Lock = field(default_factory=threading.Lock)
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs operations one after another on the only writing connection and answers after COMMIT."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._entries: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._stopped = False
        #: Nothing is handed in after the end was.
        self._gate = threading.Lock()
        #: How many operations shared the last transaction.
        self.last_batch = 0

    def start(self) -> None:
        """Begin to serve operations."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what was handed in, fold the log, close the connection; later operations are refused."""
        with self._gate:
            self._stopped = True
            self._entries.put(None)
        self._thread.join()

    def run(self, operation: Operation[T]) -> T:
        """Run an operation in a transaction and return its result once that is on disk.

        Raises whatever the operation raised (its changes are undone, its neighbours' are not), and `Unavailable` when
        the database cannot take writes (disk full or failing).
        """
        entry = self._hand_in(operation, awaited=True)
        entry.done.acquire()
        if entry.error is not None:
            raise entry.error
        return cast(T, entry.result)

    def post(self, operation: Operation[Any]) -> None:
        """Hand in an operation nobody waits for; a failure is logged."""
        self._hand_in(operation, awaited=False)

    def _hand_in(self, operation: Operation[Any], *, awaited: bool) -> _Entry:
        entry = _Entry(operation, awaited)
        entry.done.acquire()
        with self._gate:
            if self._stopped:
                raise Unavailable("The server is being stopped. Try again in a few seconds.", retry_after=2)
            self._entries.put(entry)
        return entry

    def _run(self) -> None:
        connection = self._connect()
        try:
            self._serve(connection)
        finally:
            _fold_log(connection)
            connection.close()

    def _serve(self, connection: Connection) -> None:
        dirty = False
        while True:
            try:
                first = self._entries.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                if dirty:
                    _fold_log(connection)
                dirty = False
                continue
            if first is None:
                return
            batch, last = self._fill([first])
            self._commit(connection, batch)
            dirty = True
            if last:
                return

    def _fill(self, batch: list[_Entry]) -> tuple[list[_Entry], bool]:
        """Add what waits already; the flag says that the end was among it."""
        while len(batch) < MAX_BATCH:
            try:
                entry = self._entries.get_nowait()
            except queue.Empty:
                break
            if entry is None:
                return batch, True
            batch.append(entry)
        return batch, False

    def _commit(self, connection: Connection, batch: list[_Entry]) -> None:
        self.last_batch = len(batch)
        try:
            # Nearly always every operation succeeds, and the price of a savepoint each is saved.
            if not _attempt(connection, batch, _run_all):
                _attempt(connection, batch, _run_in_savepoints)
        except Exception as error:
            log.exception("a transaction of %d operations failed", len(batch))
            _roll_back(connection)
            refusal = Unavailable("The database cannot store anything now. Try again later.", retry_after=10)
            refusal.__cause__ = error
            for entry in batch:
                entry.result, entry.error = None, refusal
        for entry in batch:
            entry.done.release()


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
            entry.result, entry.error = None, error
            execute("ROLLBACK TO operation")
            if not entry.awaited:
                log.exception("an operation that nobody waits for failed")
        execute("RELEASE operation")
    return True


def _roll_back(connection: Connection) -> None:
    # After some failures (a full disk) SQLite has rolled back by itself, and a second ROLLBACK would be an error.
    if getattr(connection.connection.dbapi_connection, "in_transaction", False):
        try:
            connection.connection.cursor().execute("ROLLBACK")
        except connection.dialect.loaded_dbapi.Error:
            log.exception("the failed transaction could not be rolled back")


def _fold_log(connection: Connection) -> None:
    """Copy the write-ahead log into the database and cut it to nothing (best effort: a reader may be in the way)."""
    try:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        log.warning("the write-ahead log could not be folded now: %s", error)
