"""A backup of a database of 200 MiB while eight threads write: how long it takes, and how long a write waits."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from server.clock import Clock
from server.services import backups
from server.services.pool import Pool
from tests.factories import make_settings, open_test_pool

MEBIBYTES, THREADS = 200, 8
#: Seconds between two writes of a thread.
PAUSE = 0.002


@dataclass(frozen=True, slots=True)
class Backup:
    """What it took; the writer's longest waits before it and during it."""

    seconds: float
    calm_ms: float
    worst_ms: float


def measure(folder: Path) -> Backup:
    """Fill a database, write to it all the time, and back it up."""
    pool = open_test_pool(make_settings(folder), Clock())
    pool.database.write(_create)
    for _ in range(MEBIBYTES):
        pool.database.write(_fill)
    waits: list[float] = []
    stop = threading.Event()
    threads = [threading.Thread(target=_write, args=(pool, stop, waits)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    before, began = len(waits), time.perf_counter()
    backups.start(pool)
    pool.backups.wait(120)
    seconds = time.perf_counter() - began
    stop.set()
    for thread in threads:
        thread.join()
    pool.database.close()
    return Backup(seconds, max(waits[:before]) * 1000, max(waits[before:]) * 1000)


def _create(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE bench (id INTEGER PRIMARY KEY, body BLOB)")


def _fill(connection: Connection) -> None:
    connection.exec_driver_sql(
        "INSERT INTO bench (body) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 64) "
        "SELECT randomblob(16384) FROM n"
    )


def _write(pool: Pool, stop: threading.Event, waits: list[float]) -> None:
    while not stop.is_set():
        began = time.perf_counter()
        pool.database.write(lambda connection: connection.exec_driver_sql("INSERT INTO bench (body) VALUES ('x')"))
        waits.append(time.perf_counter() - began)
        time.sleep(PAUSE)
