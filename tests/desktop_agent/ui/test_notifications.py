"""Notifications over a real D-Bus, and without one: clicks come back, and nothing that is missing does any harm."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_agent.core.settings import Settings
from desktop_agent.core.text import Text
from desktop_agent.ui.notices import Notice, NoticeAction, NoticeKind
from desktop_agent.ui.notifications import Notifier, TrayNotices
from desktop_agent.ui.notify_dbus import DbusNotices
from desktop_agent.ui.tray import PATIENCE_LOOKS, Tray
from tests.desktop_agent.ui.snapshots import joined
from tests.desktop_session import Desktop, wait_until
from tests.fakes.dbus_services import DBusServices
from tests.fakes.status_notifier import StatusNotifierHost

OLLAMA = Notice(NoticeKind.OLLAMA, Text("A <b> & c"), NoticeAction.START_OLLAMA, Text("Start Ollama"))
HELLO = Notice(NoticeKind.STILL_HERE, Text("Hello"))


@pytest.fixture
def bus(buses: Desktop, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the address of a session bus, which is ours for this test."""
    address = buses.environ["DBUS_SESSION_BUS_ADDRESS"]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    return address


@pytest.fixture
def clicks() -> queue.Queue[NoticeAction]:
    return queue.Queue()


@pytest.fixture
def notices(clicks: queue.Queue[NoticeAction]) -> Iterator[DbusNotices]:
    made = DbusNotices(clicks.put)
    yield made
    made.stop()
    assert "notices" not in {thread.name for thread in threading.enumerate()}


def test_clicks_come_back(bus: str, notices: DbusNotices, clicks: queue.Queue[NoticeAction]) -> None:
    """A click on the notice opens, one on its button does what the button says; each notice has its own."""
    with StatusNotifierHost(bus) as host:
        host.appear()
        notices.show(HELLO)
        wait_until(lambda: len(host.notifications()) == 1, "the first notice")
        notices.show(OLLAMA)
        wait_until(lambda: len(host.notifications()) == 2, "the second notice")
        first, second = host.notifications()
        assert (first.actions, second.actions[2:]) == (("default", "Open EmbedPool"), ("start-ollama", "Start Ollama"))
        host.invoke(second, "start-ollama")
        assert clicks.get(timeout=20) is NoticeAction.START_OLLAMA
        host.invoke(first, "default")
        assert clicks.get(timeout=20) is NoticeAction.OPEN


def test_a_click_on_a_notice_of_others_is_not_ours(
    bus: str, notices: DbusNotices, clicks: queue.Queue[NoticeAction]
) -> None:
    """Every program on the bus hears of every click."""
    with StatusNotifierHost(bus) as host:
        host.appear()
        notices.show(OLLAMA)
        wait_until(lambda: len(host.notifications()) == 1, "the notice")
        (ours,) = host.notifications()
        host.invoke(replace(ours, number=99), "start-ollama")
        host.invoke(ours, "default")
        assert clicks.get(timeout=20) is NoticeAction.OPEN
        assert clicks.empty()


def test_words_are_no_markup(bus: str, notices: DbusNotices) -> None:
    """Some desktops would read a < as the begin of a tag."""
    with StatusNotifierHost(bus) as host:
        host.appear()
        notices.show(OLLAMA)
        wait_until(lambda: len(host.notifications()) == 1, "the notice")
        assert host.notifications()[0].body == "A &lt;b&gt; &amp; c"


def test_a_desktop_without_notifications(bus: str, notices: DbusNotices, caplog: pytest.LogCaptureFixture) -> None:
    """The log says so, and a service that comes later is used."""
    with DBusServices(bus), caplog.at_level(logging.WARNING):
        notices.show(HELLO)
        wait_until(lambda: "Nothing shows notifications here" in caplog.text, "the log's line")
    with StatusNotifierHost(bus) as host:
        host.appear()
        notices.show(HELLO)
        wait_until(lambda: len(host.notifications()) == 1, "the notice")


def test_no_bus_at_all(
    notices: DbusNotices, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Nothing is raised; the log says why nothing is seen."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")
    with caplog.at_level(logging.WARNING):
        notices.show(HELLO)
        wait_until(lambda: "Notifications cannot be shown" in caplog.text, "the log's line")


class _Shown:
    """Keeps what is to be shown."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def show(self, notice: Notice) -> None:
        self.notices.append(notice)

    def stop(self) -> None:
        pass


def test_the_notifier_honours_settings_that_change(qtbot: QtBot, tmp_path: Path) -> None:
    """Switched off, then on again, without a restart."""
    shown = _Shown()
    notifier = Notifier(tmp_path / "notices.json", Tray(), Settings(notify_updates=False), shown)
    newer = replace(joined(), update="0.3.0")
    notifier.show_snapshot(newer)
    assert shown.notices == []
    notifier.use_settings(Settings())
    notifier.show_snapshot(newer)
    notifier.window_closed()
    notifier.window_closed()
    assert [notice.kind for notice in shown.notices] == [NoticeKind.UPDATE, NoticeKind.STILL_HERE]


def test_without_a_tray_the_trays_notices_are_silent(qtbot: QtBot) -> None:
    """No icon, no message, no click, no error."""
    tray = Tray()
    clicked: list[NoticeAction] = []
    notices = TrayNotices(tray, clicked.append)
    notices.show(OLLAMA)
    tray.message_clicked.emit()
    assert clicked == []


def test_a_desktop_without_a_tray_is_told_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some looks in vain, so that the window can take the icon's place; and no icon is made."""
    monkeypatch.setattr("desktop_agent.ui.tray.LOOK_MS", 1)
    tray = Tray()
    told: list[bool] = []
    tray.available_changed.connect(told.append)
    tray.start()
    qtbot.waitUntil(lambda: bool(told))
    qtbot.wait(20 * PATIENCE_LOOKS)
    tray.stop()
    assert told == [False]
    assert tray.icon is None
    assert not tray.available
