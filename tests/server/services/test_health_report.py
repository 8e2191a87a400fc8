"""How the server does: numbers that are true, and sentences for what needs its operator."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from server import __version__
from server.services.operator.health_report import LEAST_FREE, Gauge, HealthReport, health_report, worries
from server.services.pool import Pool
from server.services.sweeper import Sweeper
from tests.factories import SetClock, issue_client_key


@pytest.fixture
def report(pool: Pool) -> HealthReport:
    """Give the report of a pool that does well."""
    pool.vitals.note_round(pool.clock.now(), 3.5)
    found = health_report(pool, pool.clock.now())
    return replace(found, files=replace(found.files, free_bytes=2 * LEAST_FREE))


def test_what_is_told_is_true(pool: Pool, clock: SetClock) -> None:
    """Versions, schema, files, writer, waiters, time."""
    for number in range(3):
        issue_client_key(pool, f"key {number}")
    clock.advance(90)
    report = health_report(pool, clock.now())
    assert dict(report.versions).items() >= {"EmbedPool": __version__, "SQLite": sqlite3.sqlite_version}.items()
    assert report.schema.here == report.schema.newest != ""
    assert report.files.database == pool.settings.database_path.absolute()
    assert report.files.database_bytes == pool.settings.database_path.stat().st_size
    assert 0 < report.files.free_bytes <= report.files.disk_bytes
    assert report.writing.operations >= report.writing.transactions >= 3
    assert (report.writing.largest, report.writing.failures) == (1, 0)
    assert (report.polls, report.waits, report.threads.in_use) == (Gauge(0, 20), Gauge(0, 20), 0)
    assert (report.uptime_ms, report.leap_ms) == (90_000, 0)
    assert report.memory_bytes is None or report.memory_bytes > 10 * 2**20


def test_an_upgrade_is_told_by_the_copy_it_left(pool: Pool, clock: SetClock) -> None:
    """The newest copy beside the database says when."""
    assert health_report(pool, clock.now()).schema.upgraded_at is None
    path = pool.settings.database_path
    for revision, at in (("0001", 1_600_000_000), ("0002", 1_700_000_000)):
        copy = path.with_name(f"{path.name}.before-{revision}.bak")
        copy.touch()
        os.utime(copy, (at, at))
    assert health_report(pool, clock.now()).schema.upgraded_at == 1_700_000_000_000


def test_the_sweeper_notes_its_rounds(pool: Pool) -> None:
    """Once it runs, its last round is seen."""
    sweeper = Sweeper(pool)
    sweeper.start()
    try:
        deadline = time.monotonic() + 20
        while pool.vitals.swept_at is None and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        sweeper.stop()
    assert pool.vitals.swept_at == pool.clock.now()
    assert pool.vitals.sweep_ms > 0


def test_a_server_that_does_well_worries_nobody(report: HealthReport, pool: Pool) -> None:
    """Neither does one that has just started."""
    assert worries(report, pool.clock.now()) == []
    assert worries(replace(report, swept_at=None, uptime_ms=1000), pool.clock.now()) == []


def test_what_is_wrong_is_said(report: HealthReport, pool: Pool) -> None:
    """One sentence for each."""
    now = pool.clock.now()
    wrong = {
        "512 MiB are left": replace(report, files=replace(report.files, free_bytes=512 * 2**20)),
        "7 transactions failed": replace(report, writing=replace(report.writing, failures=7)),
        "sweeper stands still": replace(report, swept_at=now - 60_000),
        "clock was set by -3,600 s": replace(report, leap_ms=-3_600_000),
        "Every thread is busy": replace(report, threads=Gauge(90, 90)),
    }
    for words, one in wrong.items():
        (sentence,) = worries(one, now)
        assert words in sentence
    (stuck,) = worries(replace(report, swept_at=None, uptime_ms=60_000), now)
    assert "sweeper" in stuck


def test_failures_of_the_writer_are_counted(pool: Pool) -> None:
    """A transaction that failed is seen in the report."""

    def fail(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE ballast (body BLOB)")
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.exec_driver_sql("INSERT INTO ballast VALUES (zeroblob(10000000))")

    with pytest.raises(Exception, match="cannot store"):
        pool.database.write(fail)
    assert health_report(pool, pool.clock.now()).writing.failures == 1
