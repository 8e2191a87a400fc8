"""The opened database: readers that cannot write, one process at a time, and the promised pragmas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from server.services.pool import Pool
from server.settings import Settings
from server.storage.database import READERS, DatabaseInUseError, lock_folder
from tests.factories import SetClock, open_test_pool

ROOT = Path(__file__).resolve().parents[3]


def test_readers_cannot_write(pool: Pool) -> None:
    """A statement that would change something fails on a reader's connection, however it is sent."""
    with pool.database.read() as connection:
        for statement in ("DELETE FROM tasks", "CREATE TABLE more (id)", "UPDATE agents SET tier = 1"):
            with pytest.raises(OperationalError, match="readonly"):
                connection.execute(text(statement))


def test_readers_see_what_was_written_at_once(pool: Pool) -> None:
    """Also readers that were used before: none keeps an old state open."""
    for number in range(1, 4):
        pool.database.write(lambda connection: connection.exec_driver_sql(f"PRAGMA user_version = {number}"))  # noqa: B023
        with pool.database.read() as first, pool.database.read() as second:
            for connection in (first, second):
                assert connection.exec_driver_sql("PRAGMA user_version").scalar() == number


def test_more_readers_at_once_than_stay_open(pool: Pool) -> None:
    """Who needs a connection gets one; afterwards only a few stay."""
    opened = [pool.database.read() for _ in range(READERS + 5)]
    for one in opened:
        assert one.__enter__().execute(text("SELECT 1")).scalar() == 1
    for one in opened:
        one.__exit__(None, None, None)
    assert len(pool.database._idle) == READERS


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        # FULL: NORMAL loses acknowledged commits at a power cut.
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
        ("journal_size_limit", 64 * 2**20),
    ],
)
def test_the_writers_pragmas(pool: Pool, pragma: str, value: object) -> None:
    """The writing connection is set up for durability."""
    assert pool.database.write(lambda c: c.exec_driver_sql(f"PRAGMA {pragma}").scalar()) == value


@pytest.mark.parametrize(("pragma", "value"), [("query_only", 1), ("wal_autocheckpoint", 0), ("busy_timeout", 5000)])
def test_the_readers_pragmas(pool: Pool, pragma: str, value: object) -> None:
    """Readers never write and never touch the log: two connections that fold it can corrupt it."""
    with pool.database.read() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_foreign_keys_hold(pool: Pool) -> None:
    """A task of no job is refused by the database itself."""
    statement = "INSERT INTO offers (agent_id, capability) VALUES ('nobody', 'embed.x')"
    with pytest.raises(Exception, match="FOREIGN KEY"):
        pool.database.write(lambda connection: connection.exec_driver_sql(statement))


def test_a_second_server_is_refused(pool: Pool, settings: Settings, clock: SetClock) -> None:
    """In words, and without touching the first one; when that is closed, the folder is free."""
    with pytest.raises(DatabaseInUseError, match="Another EmbedPool server"):
        open_test_pool(settings, clock)
    pool.database.close()
    open_test_pool(settings, clock).database.close()


def test_another_process_is_refused_too(pool: Pool, settings: Settings) -> None:
    """The lock holds between processes."""
    program = (
        "import sys; from pathlib import Path; from server.storage.database import lock_folder, DatabaseInUseError\n"
        "try: lock_folder(Path(sys.argv[1]))\n"
        "except DatabaseInUseError: sys.exit(42)"
    )
    arguments = [sys.executable, "-c", program, str(settings.database_root_path)]
    assert subprocess.run(arguments, check=False, timeout=60, cwd=ROOT).returncode == 42


def test_the_lock_goes_with_its_process(tmp_path: Path) -> None:
    """A server that was killed leaves no lock behind."""
    program = (
        "import os, sys; from pathlib import Path; from server.storage.database import lock_folder\n"
        "lock_folder(Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, timeout=60, cwd=ROOT)
    lock_folder(tmp_path).release()
