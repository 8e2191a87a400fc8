"""Backups that the operator makes by hand: copies of the database, made while the server runs.

A copy is written under a temporary name, read through, and only then gets the name of a backup: what has that name is
whole. It stands in the data folder; whoever has it has everything but the secrets, which are files of their own.
"""

from __future__ import annotations

import logging
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.domain.errors import Conflict, NotFound, PoolError
from server.services.backup_desk import Outcome, Progress
from server.services.pool import Pool
from server.storage import backup, events
from server.storage.backup import BackupFailedError, BackupStoppedError

log = logging.getLogger(__name__)

#: What a backup is called: when it was begun (UTC).
NAME = re.compile(r"embedpool-(\d{8}T\d{6}Z)\.db")
NAME_FORMAT, STAMP_FORMAT = "embedpool-{}.db", "%Y%m%dT%H%M%SZ"
#: What a copy is called until it is whole.
PART = ".part"
#: Bytes of the disk that a backup leaves to the queue.
RESERVE = 64 * 2**20
#: Why there is no backup, when the disk was full.
NO_ROOM = "The disk has no room for a backup: it needs about {need}, and {free} are free."


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as it lies on the disk."""

    name: str
    #: Bytes.
    size: int
    #: When it was begun (ms since 1970).
    made_at: int


def start(pool: Pool) -> Progress:
    """Begin a backup, and return at once; a thread makes it.

    Raises Conflict when one is being made already or the disk has no room.
    """
    folder = pool.settings.backups_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with pool.database.read() as connection:
        expected = backup.content_bytes(connection)
    if (free := shutil.disk_usage(folder).free) < expected + RESERVE:
        raise Conflict(NO_ROOM.format(need=_size(expected + RESERVE), free=_size(free)))
    progress = Progress(_free_name(pool, folder), pool.clock.wall(), 0, expected)
    pool.backups.begin(progress, lambda: _make(pool, folder / progress.name))
    return progress


def _free_name(pool: Pool, folder: Path) -> str:
    at = datetime.fromtimestamp(pool.clock.wall() / 1000, UTC)
    # Names are exact to the second.
    while (folder / (name := NAME_FORMAT.format(at.strftime(STAMP_FORMAT)))).exists():
        at += timedelta(seconds=1)
    return name


def _make(pool: Pool, target: Path) -> Outcome:
    part = target.with_name(target.name + PART)
    try:
        size = _write(pool, part)
        _record(pool, "backup.create", target.name, {"bytes": size})
        part.rename(target)
        _drop_surplus(pool)
        return Outcome(target.name, pool.clock.wall(), size)
    except BackupStoppedError:
        problem = "The server was stopped." if pool.backups.stopped else "The disk is nearly full."
    except (BackupFailedError, OSError) as error:
        problem = f"The backup failed: {error}."
    except PoolError as error:
        problem = error.message
    finally:
        _drop_parts(target.parent)
    log.warning("no backup %s: %s", target.name, problem)
    return Outcome(target.name, pool.clock.wall(), 0, problem)


def _write(pool: Pool, part: Path) -> int:
    """Write a copy and read it through; returns its size."""

    def watch(done: int) -> bool:
        pool.backups.note(done)
        # The queue has to be able to write, whatever else fills the disk meanwhile.
        return not pool.backups.stopped and shutil.disk_usage(part.parent).free >= RESERVE // 2

    backup.write_copy(pool.database.path, part, watch)
    size = part.stat().st_size
    pool.backups.note(size, checking=True)
    backup.check_copy(part)
    return size


def _drop_surplus(pool: Pool) -> None:
    for old in list_backups(pool)[pool.settings.backups_kept :]:
        (pool.settings.backups_folder / old.name).unlink(missing_ok=True)
        log.info("deleted the backup %s: %d newer ones are kept", old.name, pool.settings.backups_kept)


def _drop_parts(folder: Path) -> None:
    """Delete what is left of copies that did not become backups, and SQLite's own files beside them."""
    for part in folder.glob(f"embedpool-*{PART}*"):
        part.unlink(missing_ok=True)


def clean_up(pool: Pool) -> None:
    """Delete what a server that was killed left of a backup."""
    _drop_parts(pool.settings.backups_folder)


def list_backups(pool: Pool) -> list[Backup]:
    """Return the backups, newest first."""
    found = [_backup(path) for path in pool.settings.backups_folder.glob("embedpool-*.db") if NAME.fullmatch(path.name)]
    return sorted((one for one in found if one), key=lambda one: one.name, reverse=True)


def _backup(path: Path) -> Backup | None:
    try:
        at = datetime.strptime(path.name, NAME_FORMAT.format(STAMP_FORMAT)).replace(tzinfo=UTC)
        return Backup(path.name, path.stat().st_size, int(at.timestamp() * 1000))
    except (ValueError, FileNotFoundError):
        # A name that is no date; a file that was deleted in this moment.
        return None


def take(pool: Pool, name: str, now: int) -> Path:
    """Return where a backup lies, and write down that it was taken; NotFound when there is none of that name."""
    path = _path(pool, name)
    _record(pool, "backup.download", name, {}, now)
    return path


def delete(pool: Pool, name: str, now: int) -> None:
    """Delete a backup; NotFound when there is none of that name."""
    _path(pool, name).unlink(missing_ok=True)
    _record(pool, "backup.delete", name, {}, now)


def _path(pool: Pool, name: str) -> Path:
    """Find a backup by its exact name: nothing else can be named, whatever stands in the folder or beside it."""
    if name not in {one.name for one in list_backups(pool)}:
        raise NotFound(f"There is no backup {name[:64]}.")
    return pool.settings.backups_folder / name


def _record(pool: Pool, verb: str, name: str, detail: dict[str, object], now: int | None = None) -> None:
    at = pool.clock.now() if now is None else now
    pool.database.write(
        lambda connection: events.record(
            connection, actor=events.OPERATOR, verb=verb, subject=name, now=at, detail=detail
        )
    )


def _size(count: int) -> str:
    return f"{count / 2**20:,.0f} MiB"
