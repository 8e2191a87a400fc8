"""Durable transactions a second of the writer, with many threads that each wait for theirs."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from sqlalchemy import Connection, Text, column, insert, table

from server.storage import schema
from server.storage.database import open_writing_engine
from server.storage.prepared import Prepared
from server.storage.writer import Writer

SECONDS = 4.0
THREADS = 64

_INSERT = Prepared(insert(table("bench", column("body", Text))), "body")


def measure(folder: Path) -> float:
    """Return transactions a second at `synchronous=FULL` with `THREADS` threads, one small row each."""
    path = folder / "writer.db"
    schema.migrate(path)
    engine = open_writing_engine(path)
    writer = Writer(engine.connect)
    writer.run(lambda connection: connection.exec_driver_sql("CREATE TABLE bench (id INTEGER PRIMARY KEY, body TEXT)"))
    counts = [0] * THREADS
    until = time.perf_counter() + SECONDS

    def store(connection: Connection) -> int:
        return _INSERT.run(connection, {"body": "x" * 100})

    def work(number: int) -> None:
        while time.perf_counter() < until:
            writer.run(store)
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.stop()
    engine.dispose()
    return sum(counts) / SECONDS
