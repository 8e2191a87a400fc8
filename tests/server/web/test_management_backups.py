"""`/management/backups`: made, waited for, listed, downloaded from the file, deleted."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from server.services import backups
from tests.live_pool import LivePool
from tests.server.services.test_backups import hold
from tests.server.storage.test_backup import fill
from tests.server.web.conftest import Start
from tests.server.web.test_agent_registration import check_envelope


def made(live: LivePool) -> dict[str, Any]:
    """Make a backup, and wait for it."""
    answer = live.operator().post("/management/backups/create?wait=30")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_a_backup_is_made_listed_and_downloaded(start: Start, tmp_path: Path) -> None:
    """What comes over the line is the database."""
    live = start()
    operator = live.operator()
    assert operator.get("/management/backups/list").json() == {"items": [], "last": None}
    run = made(live)
    assert (run["state"], run["expectedBytes"], run["problem"]) == ("done", None, None)
    listed = operator.get("/management/backups/list").json()
    (item,) = listed["items"]
    assert (item["name"], item["bytes"], listed["last"]) == (run["name"], run["bytes"], run)
    assert item["made"].endswith("Z")
    answer = operator.get(f"/management/backups/{run['name']}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-length"] == str(run["bytes"])
    assert answer.headers["cache-control"] == "no-store"
    (tmp_path / "taken.db").write_bytes(answer.content)
    with closing(sqlite3.connect(tmp_path / "taken.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_download_is_read_as_it_is_sent(start: Start) -> None:
    """The file is handed to the server, not read into memory; a part of it can be asked for."""
    live = start()
    fill(live.pool, 4)
    name = made(live)["name"]
    with live.app.test_request_context(headers={"X-Mgmt-Token": live.settings.mgmt_token}):
        response = live.app.ensure_sync(live.app.view_functions["management_api.management_backups.get_backup"])(name)
        assert response.direct_passthrough
        response.close()
    part = live.operator().get(f"/management/backups/{name}", headers={"Range": "bytes=0-14"})
    assert (part.status_code, part.content) == (206, b"SQLite format 3")


def test_one_that_is_under_way_is_told(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """How far it is; a second one is refused meanwhile."""
    live = start()
    fill(live.pool, 2)
    go_on = hold(monkeypatch, live.pool)
    operator = live.operator()
    last = operator.get("/management/backups/list").json()["last"]
    assert last["state"] == "running"
    assert 0 <= last["bytes"] <= last["expectedBytes"]
    check_envelope(operator.post("/management/backups/create"), 409, "conflict")
    go_on.set()
    live.pool.backups.wait(30)
    assert operator.get("/management/backups/list").json()["last"]["state"] == "done"


def test_no_wait_is_answered_at_once(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is known then."""
    live = start()
    fill(live.pool, 2)
    go_on = hold(monkeypatch, live.pool)
    go_on.set()
    live.pool.backups.wait(30)
    monkeypatch.undo()
    run = live.operator().post("/management/backups/create").json()
    assert run["state"] in {"running", "done"}
    check_envelope(live.operator().post("/management/backups/create?wait=61"), 400, "bad_request", "wait")
    live.pool.backups.wait(30)


def test_a_disk_without_room_is_a_conflict(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sentence that says how much is missing."""
    live = start()
    usage = shutil.disk_usage(live.settings.database_root_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=2**20))
    check_envelope(live.operator().post("/management/backups/create"), 409, "conflict")


def test_a_backup_is_deleted_by_its_exact_name(start: Start) -> None:
    """Nothing else on the disk can be named."""
    live = start()
    name = made(live)["name"]
    operator = live.operator()
    for other in (
        "embedpool.db",
        "..%2Fembedpool.db",
        "..%5Cembedpool.db",
        "%2Fetc%2Fpasswd",
        "mgmt_token",
        f"{name}.part",
    ):
        assert operator.get(f"/management/backups/{other}").status_code == 404
        assert operator.post(f"/management/backups/delete/{other}").status_code == 404
    assert operator.post(f"/management/backups/delete/{name}").json() == {"deleted": name}
    check_envelope(operator.post(f"/management/backups/delete/{name}"), 404, "not_found")
    assert backups.list_backups(live.pool) == []
