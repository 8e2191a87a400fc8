"""Backing up from the page: now, with progress; the download asks for the token; deleting asks first."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.services import backups
from server.services.operator.sessions import CONFIRMED_MS
from server.storage.models import OperatorSession
from tests.live_pool import LivePool
from tests.server.services.test_backups import hold
from tests.server.storage.test_backup import fill
from tests.server.web.pages.conftest import OpenWindow, Operator

PAGE = "/admin/health/backups"


def make(live: LivePool) -> str:
    """Make a backup, and return its name."""
    backups.start(live.pool)
    live.pool.backups.wait(30)
    assert live.pool.backups.last is not None
    return live.pool.backups.last.name


def let_token_age(live: LivePool) -> None:
    """Let it be a while ago that the management token was given."""
    live.pool.database.write(
        lambda connection: connection.execute(
            OperatorSession.__table__.update().values(confirmed_at=live.pool.clock.now() - CONFIRMED_MS)  # type: ignore[attr-defined]
        )
    )


def verbs(live: LivePool) -> list[str]:
    with live.pool.database.read() as connection:
        return list(connection.exec_driver_sql("SELECT verb FROM events WHERE verb LIKE 'backup.%'").scalars())


def test_back_up_now(live: LivePool, operator: Operator) -> None:
    """The button makes one; the page says that it is whole, and lists it."""
    assert "There is no backup yet" in operator.get(PAGE).text
    assert operator.post(PAGE).headers["location"] == PAGE
    live.pool.backups.wait(30)
    (backup,) = backups.list_backups(live.pool)
    page = operator.get(PAGE).text
    assert f"The backup {backup.name} is made" in page
    assert "found whole" in page


def test_progress_is_shown_and_a_second_one_is_refused(
    live: LivePool, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one is made, the live part says how far it is."""
    fill(live.pool, 2)
    go_on = hold(monkeypatch, live.pool)
    part = operator.fragment(PAGE)
    assert "<progress" in part
    assert "of about" in part
    refused = operator.post(PAGE)
    assert refused.status_code == 409
    assert "being made already" in refused.text
    go_on.set()
    live.pool.backups.wait(30)
    assert "<progress" not in operator.fragment(PAGE)


def test_a_backup_that_failed_says_why(live: LivePool, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the next one is made."""
    fill(live.pool, 2)
    hold(monkeypatch, live.pool)
    live.pool.backups.stop()
    assert "The server was stopped." in operator.fragment(PAGE)


def test_a_download_wants_the_token_again(live: LivePool, operator: Operator) -> None:
    """Right after signing in it is given away at once; later only with the token, and a wrong one keeps the page."""
    name = make(live)
    address = f"{PAGE}/{name}/download"
    given = operator.post(address)
    assert (given.status_code, given.headers["content-type"]) == (200, "application/octet-stream")
    assert given.headers["content-disposition"] == f"attachment; filename={name}"
    assert given.content == (live.settings.backups_folder / name).read_bytes()

    let_token_age(live)
    for form, words in (
        ({}, "Give the management token."),
        ({"management_token": "wrong"}, "not the management token"),
    ):
        refused = operator.post(address, form)
        assert refused.status_code == 422
        assert words in refused.text
        assert f"Download {name}" in refused.text
    assert operator.post(address, {"management_token": live.settings.mgmt_token}).content == given.content
    assert operator.post(address).content == given.content
    assert verbs(live).count("backup.download") == 3


def test_a_backup_is_deleted(live: LivePool, operator: Operator) -> None:
    """Once; a name that is none, or leads elsewhere, is not found."""
    name = make(live)
    answer = operator.post(f"{PAGE}/{name}/delete")
    assert answer.headers["location"] == f"{PAGE}?done=backup.deleted"
    for other in (name, "..%2Fembedpool.db", "mgmt_token"):
        for act in ("delete", "download"):
            assert operator.post(f"{PAGE}/{other}/{act}").status_code == 404
    assert live.settings.database_path.exists()


def test_in_a_browser(live: LivePool, open_window: OpenWindow, tmp_path: Path) -> None:
    """Back up, see it come without loading the page, download it with the token, delete it after being asked."""
    window = open_window()
    page = window.page
    window.go(PAGE)
    page.get_by_role("button", name="Back up now").click()
    expect(page.get_by_text("read through and found whole")).to_be_visible()
    let_token_age(live)
    # The live part notices by itself that the token is wanted now.
    row = page.get_by_role("row").filter(has_text="embedpool-")
    expect(row.locator("dialog[id^='download-']")).to_have_count(1)
    row.get_by_role("button", name="Download").click()
    dialog = page.get_by_role("dialog", name="Download this backup?")
    dialog.get_by_label("Management token").fill(live.settings.mgmt_token)
    with page.expect_download() as waiting:
        dialog.get_by_role("button", name="Download").click()
    waiting.value.save_as(tmp_path / "taken.db")
    with closing(sqlite3.connect(tmp_path / "taken.db")) as connection:
        assert connection.execute("SELECT count(*) FROM operator_sessions").fetchone() == (1,)
    expect(dialog).to_be_hidden()

    row.get_by_role("button", name="Delete").click()
    asked = page.get_by_role("dialog", name="Delete this backup?")
    asked.get_by_role("button", name="Cancel").click()
    assert len(backups.list_backups(live.pool)) == 1
    row.get_by_role("button", name="Delete").click()
    asked.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("The backup is deleted.")).to_be_visible()
    assert backups.list_backups(live.pool) == []
