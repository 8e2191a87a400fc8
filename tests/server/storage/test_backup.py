"""Copying the database while it is written to: whole, one state, for its owner only, and no burden to the writer."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from server.services.pool import Pool
from server.storage import backup
from server.storage.backup import BackupFailedError, BackupStoppedError

ROOT = Path(__file__).resolve().parents[3]
MIB = 2**20


def fill(pool: Pool, mebibytes: int) -> None:
    """Give the database so much content that cannot be pressed together."""
    pool.database.write(
        lambda connection: connection.exec_driver_sql("CREATE TABLE ballast (id INTEGER PRIMARY KEY, body BLOB)")
    )
    for _ in range(mebibytes):
        pool.database.write(
            lambda connection: connection.exec_driver_sql(
                "INSERT INTO ballast (body) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 64) "
                "SELECT randomblob(16384) FROM n"
            )
        )


def rows_of(copy: Path, table: str = "ballast") -> int:
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_a_copy_is_one_state_though_the_writer_goes_on(pool: Pool, tmp_path: Path) -> None:
    """What is committed while it is copied is not in the copy, and is committed at once."""
    fill(pool, 8)
    before = rows_of(pool.database.path)
    written: list[int] = []

    def write_meanwhile(done: int) -> bool:
        # Before the first byte is written, it may not yet have looked at the database.
        if done and len(written) < 5:
            written.append(
                pool.database.write(
                    lambda connection: connection.exec_driver_sql("INSERT INTO ballast (body) VALUES ('new')").rowcount
                )
            )
        return True

    backup.write_copy(pool.database.path, tmp_path / "copy", write_meanwhile)
    backup.check_copy(tmp_path / "copy")
    assert sum(written) == 5
    assert rows_of(tmp_path / "copy") == before
    assert rows_of(pool.database.path) == before + 5


def test_a_copy_is_its_owners_and_stands_alone(pool: Pool, tmp_path: Path) -> None:
    """One file with mode 0600, without a log beside it; nothing that was deleted is in it."""
    pool.database.write(
        lambda connection: connection.exec_driver_sql("CREATE TABLE ballast (id INTEGER PRIMARY KEY, body TEXT)")
    )
    for statement in (
        "INSERT INTO ballast VALUES (1, 'a deleted secret ' || hex(zeroblob(9000)))",
        "DELETE FROM ballast",
    ):
        pool.database.write(partial(Connection.exec_driver_sql, statement=statement))
    backup.write_copy(pool.database.path, tmp_path / "copy", lambda _done: True)
    assert rows_of(tmp_path / "copy") == 0
    assert b"a deleted secret" not in (tmp_path / "copy").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} - {"data"} == {"copy"}
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600


def test_a_copy_never_replaces_a_file(pool: Pool, tmp_path: Path) -> None:
    """Whatever is there under its name stays as it is."""
    (tmp_path / "copy").write_text("mine")
    with pytest.raises(BackupFailedError):
        backup.write_copy(pool.database.path, tmp_path / "copy", lambda _done: True)
    assert (tmp_path / "copy").read_text() == "mine"


def test_the_watch_is_told_how_far_it_is_and_may_stop_it(pool: Pool, tmp_path: Path) -> None:
    """The numbers grow towards what was expected; a no ends it."""
    fill(pool, 8)
    told: list[int] = []

    def note(done: int) -> bool:
        told.append(done)
        return True

    backup.write_copy(pool.database.path, tmp_path / "copy", note)
    with pool.database.read() as connection:
        expected = backup.content_bytes(connection)
    assert told == sorted(told)
    assert len(set(told)) > 4
    assert (tmp_path / "copy").stat().st_size == pytest.approx(expected, rel=0.05)
    with pytest.raises(BackupStoppedError):
        backup.write_copy(pool.database.path, tmp_path / "another", lambda done: done < 2 * MIB)
    assert (tmp_path / "another").stat().st_size < 4 * MIB


def test_a_copy_that_cannot_be_written_says_why(pool: Pool, tmp_path: Path) -> None:
    """A disk that takes no more ends it with SQLite's or the system's words; the database is untouched."""
    resource = pytest.importorskip("resource")
    fill(pool, 8)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, hard))
    try:
        with pytest.raises(BackupFailedError, match=r"disk I/O error|full"):
            backup.write_copy(pool.database.path, tmp_path / "copy", lambda _done: True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert rows_of(pool.database.path) == 8 * 64


def test_a_damaged_copy_is_found(pool: Pool, tmp_path: Path) -> None:
    """Bytes that changed in the middle, and a file that is no database."""
    fill(pool, 1)
    copy = tmp_path / "copy"
    backup.write_copy(pool.database.path, copy, lambda _done: True)
    whole = bytearray(copy.read_bytes())
    whole[8192:16384] = bytes(8192)
    copy.write_bytes(whole)
    with pytest.raises(BackupFailedError, match="damaged"):
        backup.check_copy(copy)
    copy.write_bytes(b"not a database at all" * 500)
    with pytest.raises(BackupFailedError, match="damaged"):
        backup.check_copy(copy)


KILLED_HALF_WAY = """
import os, sys
from pathlib import Path
from server.storage import backup
def watch(done):
    if done > 2**20:
        os.kill(os.getpid(), 9)
    return True
backup.write_copy(Path(sys.argv[1]), Path(sys.argv[2]), watch)
"""


def kill_half_way(source: Path, target: Path) -> None:
    """Copy a database in a process that is killed when a MiB is written."""
    command = [sys.executable, "-c", KILLED_HALF_WAY, str(source), str(target)]
    assert subprocess.run(command, check=False, timeout=60, cwd=ROOT).returncode != 0


def test_being_killed_half_way_does_the_database_no_harm(pool: Pool, tmp_path: Path) -> None:
    """What is left is a part of a copy; the pool goes on, and the next copy is whole."""
    fill(pool, 8)
    kill_half_way(pool.database.path, tmp_path / "copy")
    assert (tmp_path / "copy").exists()
    fill_one_more = "INSERT INTO ballast (body) VALUES ('after')"
    pool.database.write(lambda connection: connection.exec_driver_sql(fill_one_more))
    backup.write_copy(pool.database.path, tmp_path / "next", lambda _done: True)
    backup.check_copy(tmp_path / "next")
    assert rows_of(tmp_path / "next") == 8 * 64 + 1
