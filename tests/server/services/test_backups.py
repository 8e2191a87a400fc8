"""Backups made by hand: one at a time, whole or not at all, the newest kept, found by exact name only."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections import namedtuple
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from server.app import close_app, create_app, pool_of
from server.domain.errors import Conflict, NotFound
from server.services import backups
from server.services.backup_desk import Outcome
from server.services.pool import Pool
from server.settings import Settings
from server.storage import events, schema
from tests.factories import SetClock, issue_client_key, make_settings, open_test_pool
from tests.server.storage.test_backup import fill, kill_half_way

Usage = namedtuple("Usage", "total used free")


def made(pool: Pool) -> Outcome:
    """Make a backup, and return how it ended."""
    backups.start(pool)
    pool.backups.wait(30)
    outcome = pool.backups.last
    assert outcome is not None
    assert pool.backups.progress is None
    return outcome


def told(pool: Pool) -> list[tuple[str, str, Any]]:
    """Return what was written down of backups: verb, name, detail."""
    with pool.database.read() as connection:
        found = events.page(connection, before=events.LAST, limit=50)
    return [(one.verb, one.subject, orjson.loads(one.detail)) for one in found if one.verb.startswith("backup.")]


def files(pool: Pool) -> set[str]:
    return {path.name for path in pool.settings.backups_folder.iterdir()}


def test_a_backup_has_everything_and_can_be_opened(pool: Pool, tmp_path: Path) -> None:
    """Put in the place of the database, it is the pool as it was; it is named after its time."""
    key = issue_client_key(pool, "kept").key
    outcome = made(pool)
    assert (outcome.name, outcome.problem) == ("embedpool-20260101T000000Z.db", "")
    issue_client_key(pool, "later")
    (backup,) = backups.list_backups(pool)
    assert (backup.name, backup.size, backup.made_at) == (outcome.name, outcome.size, pool.clock.now())
    assert told(pool) == [("backup.create", outcome.name, {"bytes": outcome.size})]

    restored = make_settings(tmp_path / "restored")
    shutil.copy(pool.settings.backups_folder / outcome.name, restored.database_path)
    again = open_test_pool(restored, SetClock())
    try:
        assert again.keys.recognise(key, again.clock.now()).id
        with again.database.read() as connection:
            assert connection.exec_driver_sql("SELECT name FROM client_keys").scalars().all() == ["kept"]
    finally:
        again.database.close()


def test_only_the_newest_are_kept(tmp_path: Path, clock: SetClock) -> None:
    """`BACKUPS_KEPT` of them; two in one second have names of their own. A file of another name is nobody's backup."""
    pool = open_test_pool(make_settings(tmp_path, backups_kept=3), clock)
    try:
        names = [made(pool).name for _ in range(2)]
        (pool.settings.backups_folder / "embedpool-mine.db").touch()
        for _ in range(3):
            clock.advance(3600)
            names.append(made(pool).name)
        assert len(set(names)) == 5
        assert [one.name for one in backups.list_backups(pool)] == sorted(names, reverse=True)[:3]
        assert files(pool) == {*names[2:], "embedpool-mine.db"}
    finally:
        pool.database.close()


def hold(monkeypatch: pytest.MonkeyPatch, pool: Pool) -> threading.Event:
    """Let the next backup stand still in its middle until the event is set."""
    inside, go_on = threading.Event(), threading.Event()
    free = shutil.disk_usage

    def wait_there(path: Path) -> Any:
        if threading.current_thread().name == "backup":
            inside.set()
            # A stopped server does not wait for the test.
            while not go_on.wait(0.01) and not pool.backups.stopped:
                pass
        return free(path)

    monkeypatch.setattr(shutil, "disk_usage", wait_there)
    backups.start(pool)
    assert inside.wait(20)
    return go_on


def test_two_at_once_are_one(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is refused in words, while the first says how far it is and ends well."""
    fill(pool, 2)
    go_on = hold(monkeypatch, pool)
    with pytest.raises(Conflict, match="being made already"):
        backups.start(pool)
    progress = pool.backups.progress
    assert progress is not None
    assert 0 <= progress.share <= 1
    assert progress.expected >= 2 * 2**20
    assert backups.list_backups(pool) == []
    go_on.set()
    pool.backups.wait(30)
    assert [one.name for one in backups.list_backups(pool)] == [progress.name]


def test_a_server_that_stops_gives_the_backup_up(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left of it, and none can be begun any more."""
    fill(pool, 2)
    hold(monkeypatch, pool)
    pool.backups.stop()
    last = pool.backups.last
    assert last is not None
    assert last.problem == "The server was stopped."
    assert files(pool) == set()
    with pytest.raises(Conflict):
        backups.start(pool)


def test_a_disk_without_room_refuses_at_once(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal says how much is needed and how much is there."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(2**30, 2**30, 5 * 2**20))
    with pytest.raises(Conflict, match=r"needs about 6[45] MiB, and 5 MiB are free"):
        backups.start(pool)
    assert pool.backups.progress is None


def test_a_disk_that_fills_up_meanwhile_ends_it(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the queue has no room to write; nothing is left, and the next one is made."""
    fill(pool, 2)

    def free(_path: Path) -> Usage:
        return Usage(2**40, 0, 2**39 if threading.current_thread().name != "backup" else 2**20)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", free)
        assert made(pool).problem == "The disk is nearly full."
    assert (files(pool), told(pool)) == (set(), [])
    assert made(pool).problem == ""


def test_a_write_that_fails_ends_it(pool: Pool) -> None:
    """The sentence says what the system said; nothing is left of it."""
    resource = pytest.importorskip("resource")
    fill(pool, 8)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 2**20, limits[1]))
    try:
        outcome = made(pool)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert outcome.problem.startswith("The backup failed: ")
    assert files(pool) == set()


def test_what_a_killed_server_left_goes_at_the_next_start(settings: Settings) -> None:
    """The part of a copy and SQLite's files beside it; whole backups stay."""
    schema.migrate(settings.database_path)
    with closing(sqlite3.connect(settings.database_path)) as connection, connection:
        connection.execute("CREATE TABLE ballast (body BLOB)")
        connection.executemany("INSERT INTO ballast VALUES (?)", [(bytes(2**16),)] * 64)
    folder = settings.backups_folder
    folder.mkdir()
    whole, part = folder / "embedpool-20260101T000000Z.db", folder / "embedpool-20260102T000000Z.db.part"
    whole.touch()
    kill_half_way(settings.database_path, part)
    part.with_name(f"{part.name}-journal").touch()
    app = create_app(settings)
    try:
        assert files(pool_of(app)) == {whole.name}
    finally:
        close_app(app)


@pytest.mark.parametrize(
    "name",
    [
        "embedpool-20260101T000001Z.db",
        "../embedpool.db",
        "../mgmt_token",
        "embedpool-mine.db",
        "embedpool-20261301T000000Z.db",
        "embedpool-20260101T000000Z.db/",
        "./embedpool-20260101T000000Z.db",
        "embedpool-20260101T000000Z.db\n",
        "EMBEDPOOL-20260101T000000Z.db",
        "",
        "\0",
    ],
)
def test_only_an_exact_name_is_one(pool: Pool, name: str) -> None:
    """Nothing else in the folder or beside it can be taken or deleted."""
    kept = made(pool).name
    for other in ("embedpool-mine.db", "embedpool-20261301T000000Z.db"):
        (pool.settings.backups_folder / other).touch()
    before = files(pool)
    for act in (backups.take, backups.delete):
        with pytest.raises(NotFound):
            act(pool, name, pool.clock.now())
    assert files(pool) == before
    assert [one.name for one in backups.list_backups(pool)] == [kept]


def test_taking_and_deleting_are_written_down(pool: Pool) -> None:
    """A backup holds everything: who took it is worth knowing."""
    name = made(pool).name
    path = backups.take(pool, name, pool.clock.now())
    assert path.read_bytes()[:15] == b"SQLite format 3"
    backups.delete(pool, name, pool.clock.now())
    assert not path.exists()
    assert {(verb, subject) for verb, subject, _ in told(pool)} == {
        ("backup.create", name),
        ("backup.download", name),
        ("backup.delete", name),
    }
