"""The first run over the real host and a real server: what the person presses is all that happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_agent.core.control import load_control
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.engines.embedded import MODEL as BUILT_IN
from desktop_agent.core.host.desktop_host import DesktopHost
from desktop_agent.core.host.outside import Outside
from desktop_agent.core.pool.membership import load_membership
from desktop_agent.core.pool.server_api import ServerApi
from desktop_agent.core.sensors.base import Sensors
from desktop_agent.core.settings import EngineChoice, WorkWhen, load_settings, save_settings
from desktop_agent.core.state import AgentState, StateSnapshot
from desktop_agent.ui.bridge import Bridge
from desktop_agent.ui.marks import Sign
from desktop_agent.ui.settings.store import SettingsStore
from desktop_agent.ui.setup import texts
from desktop_agent.ui.setup.window import DONE, PC, SetupWindow
from desktop_agent.ui.wishes import Wishes
from tests.conftest import LiveServer
from tests.desktop_agent.ui.hosts import AtLogin

ANSWER_MS = 20_000


class Volunteer:
    """A PC with the built-in engine, no key store and nobody in front of it, at its first run."""

    def __init__(self, qtbot: QtBot, root: Path) -> None:
        self.qtbot, self.folder = qtbot, DataFolder.open(root)
        only = replace(load_settings(self.folder.settings), engine=EngineChoice.EMBEDDED)
        save_settings(self.folder.settings, only)
        outside = Outside(
            lambda server, insecure: ServerApi(server, allow_insecure=insecure),
            Sensors(),
            "0.1.0",
            override=lambda settings: replace(settings, work_when=WorkWhen.ALWAYS),
        )
        self.bridge = Bridge(lambda publish: DesktopHost(self.folder, outside, publish))
        self.wishes = Wishes(self.folder)
        self.window = SetupWindow(self.bridge, self.wishes, SettingsStore(self.folder.settings), AtLogin())
        qtbot.addWidget(self.window)
        self.bridge.snapshot_changed.connect(self.window.show_snapshot)
        self.bridge.start()
        self.window.open_at_join()

    @property
    def seen(self) -> StateSnapshot:
        """Give what the host said last."""
        return self.bridge.snapshot or StateSnapshot(AgentState.SETUP, "")

    def press(self, words: str) -> None:
        (button,) = [b for b in self.window.findChildren(QPushButton) if b.isVisible() and b.text() == words]
        button.click()

    def until_page(self, page: int) -> None:
        self.qtbot.waitUntil(lambda: self.window._pages.currentIndex() == page, timeout=ANSWER_MS)

    def until_said(self, sign: Sign) -> str:
        notice = self.window.join.notice
        self.qtbot.waitUntil(lambda: notice.sign is sign, timeout=ANSWER_MS)
        return notice.words


@pytest.fixture
def volunteer(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Volunteer]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    QGuiApplication.clipboard().clear()
    made = Volunteer(qtbot, tmp_path / "data")
    yield made
    made.bridge.stop()


def link(server: LiveServer, code: str) -> str:
    return f"{server.url}/join/{code}"


def test_from_the_link_to_the_first_task(volunteer: Volunteer, live_server: LiveServer, qtbot: QtBot) -> None:
    """The pool is seen before it is joined; the key goes into a file by choice; not one task before Finish."""
    invite = live_server.issue_invite()
    volunteer.window.offer_link(link(live_server, invite))
    assert live_server.url.removeprefix("http://") in volunteer.until_said(Sign.GOOD)
    volunteer.press(texts.JOIN)
    assert "no key store was found" in volunteer.until_said(Sign.BAD)
    assert load_membership(volunteer.folder.membership) is None
    volunteer.press(texts.KEEP_IN_FILE)
    volunteer.until_page(PC)
    assert load_control(volunteer.folder.control).paused
    member = load_membership(volunteer.folder.membership)
    assert member is not None
    assert member.key_in_file

    submit(live_server, "first")
    volunteer.press(texts.CONTINUE)
    qtbot.waitUntil(lambda: volunteer.seen.connected, timeout=ANSWER_MS)
    assert volunteer.seen.state is AgentState.PAUSED
    assert volunteer.seen.counters.texts_done == 0
    finished_at = time.time()
    volunteer.press(texts.FINISH)
    volunteer.until_page(DONE)
    qtbot.waitUntil(lambda: volunteer.seen.counters.texts_done == 1, timeout=ANSWER_MS)
    assert (volunteer.seen.last_task_at or 0) >= finished_at


def test_an_invite_that_is_used_up(volunteer: Volunteer, live_server: LiveServer) -> None:
    """It is said while it is typed, in words of ours."""
    volunteer.window.offer_link(link(live_server, "ep_inv_nobody-made-this"))
    assert volunteer.until_said(Sign.ATTENTION) == texts.INVITE_USED


def test_the_speed_test(volunteer: Volunteer, live_server: LiveServer, qtbot: QtBot) -> None:
    """The built-in engine is measured without a text leaving the PC."""
    volunteer.window.offer_link(link(live_server, live_server.issue_invite()))
    volunteer.until_said(Sign.GOOD)
    volunteer.window.join.key_in_file = True
    volunteer.press(texts.JOIN)
    volunteer.until_page(PC)
    qtbot.waitUntil(lambda: BUILT_IN in volunteer.window.pc.model._detail.text(), timeout=ANSWER_MS)
    volunteer.press(texts.TEST_SPEED)
    qtbot.waitUntil(lambda: "per minute" in volunteer.window.pc.speed._value.text(), timeout=ANSWER_MS)


def submit(server: LiveServer, text: str) -> None:
    """Hand one text in, and do not wait for it."""
    headers = {"Authorization": f"Bearer {server.issue_key()}"}
    body = {"model": BUILT_IN, "input": text}
    answer = httpx.post(f"{server.url}/v1/embeddings?wait=0", json=body, headers=headers, trust_env=False)
    assert answer.status_code == 202, answer.text
