"""How the server does, for its operator: versions, database, threads, writer, sweeper, clock, memory."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from server import __version__
from server.services.pool import Pool
from server.storage import schema
from server.storage.schema import SchemaState

#: Packages whose versions are worth knowing when something is odd.
PACKAGES = ("Flask", "SQLAlchemy", "waitress")
#: Bytes of free disk, milliseconds since the sweeper's last round, and milliseconds that the clock was set by, beyond
#: which something is wrong.
LEAST_FREE, LATE_MS, LEAP_MS = 2**30, 15_000, 60_000


@dataclass(frozen=True, slots=True)
class Files:
    """Where the data lies; sizes are bytes."""

    database: Path
    database_bytes: int
    #: The write-ahead log.
    log_bytes: int
    free_bytes: int
    disk_bytes: int


@dataclass(frozen=True, slots=True)
class Writing:
    """What the writer did since the server started."""

    transactions: int
    operations: int
    #: Operations that shared the largest transaction.
    largest: int
    failures: int


@dataclass(frozen=True, slots=True)
class Gauge:
    """How much of something is in use."""

    in_use: int
    limit: int


@dataclass(frozen=True, slots=True)
class HealthReport:
    """How the server does now; times are milliseconds since 1970, durations milliseconds."""

    #: (what, version).
    versions: list[tuple[str, str]]
    schema: SchemaState
    files: Files
    writing: Writing
    #: Threads of the web server, agents' polls, clients' waits.
    threads: Gauge
    polls: Gauge
    waits: Gauge
    uptime_ms: int
    #: When the sweeper's last round ended well, and how long it took.
    swept_at: int | None
    sweep_ms: float
    #: How far the wall clock was set on (or back, below 0) since the server started.
    leap_ms: int
    #: Resident memory; None where the system does not tell.
    memory_bytes: int | None


def health_report(pool: Pool, now: int) -> HealthReport:
    """Look at every part."""
    with pool.database.read() as connection:
        state = schema.state(connection, pool.database.path)
    return HealthReport(
        versions=versions(),
        schema=state,
        files=files(pool),
        writing=_writing(pool),
        threads=Gauge(pool.vitals.busy_threads(), pool.settings.threads),
        polls=Gauge(pool.agents.gate.in_use, pool.agents.gate.limit),
        waits=Gauge(pool.jobs.gate.in_use, pool.jobs.gate.limit),
        uptime_ms=now - pool.vitals.started_at,
        swept_at=pool.vitals.swept_at,
        sweep_ms=pool.vitals.sweep_ms,
        leap_ms=pool.clock.wall() - now,
        memory_bytes=_memory(pool),
    )


def worries(report: HealthReport, now: int) -> list[str]:
    """Say in sentences what needs the operator's attention."""
    return list(_worries(report, now))


def _worries(report: HealthReport, now: int) -> Iterator[str]:
    if report.files.free_bytes < LEAST_FREE:
        left = f"{report.files.free_bytes / 2**20:,.0f} MiB"
        yield f"The disk is nearly full: {left} are left. When it is full, no work can be taken."
    if report.writing.failures:
        yield f"{report.writing.failures:,} transactions failed since the server started. The log says why."
    if now - (report.swept_at or now - report.uptime_ms) > LATE_MS:
        yield "The sweeper stands still: lost leases and old tasks are not noticed. The log says why."
    if abs(report.leap_ms) > LEAP_MS:
        yield (
            f"This computer's clock was set by {report.leap_ms / 1000:+,.0f} s since the server started. Leases do not "
            "mind; keys and invites expire by the new time."
        )
    if report.threads.in_use >= report.threads.limit:
        yield "Every thread is busy: requests wait until one is free."


@cache
def versions() -> list[tuple[str, str]]:
    """Return what runs here, and which version of it."""
    own = [("EmbedPool", __version__), ("Python", platform.python_version()), ("SQLite", sqlite3.sqlite_version)]
    return [*own, *((package, version(package)) for package in PACKAGES)]


def files(pool: Pool) -> Files:
    """Measure the database and the disk that it lies on."""
    path = pool.database.path.absolute()
    disk = shutil.disk_usage(path.parent)
    return Files(path, pool.database.file_bytes(), pool.database.log_bytes(), disk.free, disk.total)


def _writing(pool: Pool) -> Writing:
    batches = list(enumerate(pool.database.writer.batches))
    return Writing(
        transactions=sum(number for _, number in batches),
        operations=sum(size * number for size, number in batches),
        largest=max((size for size, number in batches if number), default=0),
        failures=pool.database.writer.failures,
    )


def _memory(pool: Pool) -> int | None:
    found = pool.metrics.registry.get_sample_value("process_resident_memory_bytes")
    return None if found is None else int(found)
