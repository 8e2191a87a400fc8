"""The whole application over a small host: who opens what, and what becomes of what its owner asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_agent.core.control import load_control
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.instance import Message, Verb, addresses
from desktop_agent.core.state import AgentState, StateSnapshot
from desktop_agent.ui import application as module
from desktop_agent.ui.application import Application
from desktop_agent.ui.bridge import BridgedHost
from desktop_agent.ui.crash_dialog import CrashDialog
from desktop_agent.ui.settings.window import SettingsWindow
from desktop_agent.ui.setup.window import SetupWindow
from desktop_agent.ui.shutdown import Shutdown
from desktop_agent.ui.status_window import StatusWindow

#: What the platform for tests has to say about windows that it cannot show.
pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support")

NOT_JOINED = StateSnapshot(AgentState.SETUP, "Not joined.")
READY = StateSnapshot(AgentState.READY, "Ready.", server="https://pool.example.org", pool="Test pool", agent_id="a")
LINK = "embedpool://join?server=http%3A%2F%2F127.0.0.1%3A9&code=ep_inv_abcd"


class SmallHost:
    """A host that publishes one snapshot and remembers what it was asked."""

    def __init__(self, publish: Callable[[StateSnapshot], None], snapshot: StateSnapshot) -> None:
        self._publish, self.snapshot = publish, snapshot
        self.watched: list[bool] = []
        self.broken = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.gave_back = False

    async def run(self, stop: asyncio.Event) -> None:
        self.loop = asyncio.get_running_loop()
        self._publish(self.snapshot)
        stopping, breaking = asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self.broken.wait())
        await asyncio.wait([stopping, breaking], return_when=asyncio.FIRST_COMPLETED)
        if self.broken.is_set():
            raise ZeroDivisionError("on purpose")
        self.gave_back = True

    def set_watched(self, watched: bool) -> None:
        self.watched.append(watched)


class Running:
    """An application at work."""

    def __init__(self, qapp: QApplication, folder: DataFolder) -> None:
        self.qapp, self.folder = qapp, folder
        self.hosts: list[SmallHost] = []
        self.application: Application | None = None

    def start(self, snapshot: StateSnapshot, first: Message | None) -> Application:
        """Start with a host that publishes this snapshot."""

        def make(publish: Callable[[StateSnapshot], None]) -> BridgedHost:
            self.hosts.append(SmallHost(publish, snapshot))
            return cast(BridgedHost, self.hosts[-1])

        self.application = Application(self.qapp, self.folder, make, first)
        self.application.start()
        return self.application

    def window(self, kind: type[QWidget]) -> QWidget | None:
        """Give the visible window of a kind."""
        return next((one for one in self.qapp.topLevelWidgets() if isinstance(one, kind) and one.isVisible()), None)


@pytest.fixture
def running(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        (tmp_path / name).mkdir(mode=0o700)
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr(module, "_mend_entries", lambda *_: None)
    # The test's own process is not to be ended, nor to lose its handlers.
    monkeypatch.setattr(Shutdown, "listen_to_signals", lambda _: None)
    running = Running(qapp, DataFolder.open(tmp_path / "data"))
    yield running
    if running.application is not None:
        qapp.aboutToQuit.emit()
    for widget in qapp.topLevelWidgets():
        widget.close()
        widget.deleteLater()


def test_a_pc_without_a_pool_is_shown_how_to_join(qtbot: QtBot, running: Running) -> None:
    """Started by hand, the first run opens by itself."""
    running.start(NOT_JOINED, Message(Verb.SHOW))
    qtbot.waitUntil(lambda: running.window(SetupWindow) is not None)
    assert running.window(StatusWindow) is None


def test_a_start_at_log_in_opens_nothing(qtbot: QtBot, running: Running) -> None:
    """With --background nobody asked for a window."""
    application = running.start(NOT_JOINED, None)
    with qtbot.waitSignal(application.bridge.snapshot_changed):
        pass
    assert [widget for widget in running.qapp.topLevelWidgets() if widget.isVisible()] == []


def test_a_member_sees_the_main_window(qtbot: QtBot, running: Running) -> None:
    """The host hears that somebody looks, and that nobody does any more."""
    running.start(READY, Message(Verb.SHOW))
    qtbot.waitUntil(lambda: running.window(StatusWindow) is not None)
    qtbot.waitUntil(lambda: running.hosts[0].watched == [True])
    window = running.window(StatusWindow)
    assert window is not None
    window.close()
    qtbot.waitUntil(lambda: running.hosts[0].watched == [True, False])


def test_a_desktop_without_a_tray_gets_the_window(qtbot: QtBot, running: Running) -> None:
    """Even at log-in: there it lies minimised in the task bar, which is the only place to find it."""
    application = running.start(READY, None)
    with qtbot.waitSignal(application.bridge.snapshot_changed):
        pass
    application.tray.available_changed.emit(False)
    window = running.window(StatusWindow)
    assert window is not None
    assert window.isMinimized()


def test_a_link_opens_the_first_run(qtbot: QtBot, running: Running) -> None:
    """Handed over at the start or later, it stands in the field."""
    application = running.start(NOT_JOINED, Message(Verb.OPEN_LINK, LINK))
    qtbot.waitUntil(lambda: running.window(SetupWindow) is not None)
    window = running.window(SetupWindow)
    assert isinstance(window, SetupWindow)
    assert window.join.fields.link() == LINK
    application.tell(Message(Verb.OPEN_LINK, LINK.replace("abcd", "efgh")))
    assert window.join.fields.link().endswith("efgh")


def test_what_the_menu_offers_is_done(qtbot: QtBot, running: Running) -> None:
    """Pause, resume and the like are in the file that the host reads; windows open."""
    application = running.start(READY, None)
    with qtbot.waitSignal(application.bridge.snapshot_changed):
        pass
    menu, control = application.tray.menu, running.folder.control
    menu.pause_requested.emit()
    assert load_control(control).paused
    menu.finish_then_pause_requested.emit()
    assert load_control(control).finish_first
    menu.pause_until_requested.emit(4e9)
    assert load_control(control).snoozed_until == 4e9
    menu.work_now_requested.emit()
    assert load_control(control).work_now_until is not None
    menu.resume_requested.emit()
    assert not load_control(control).is_resting(0)
    menu.settings_requested.emit()
    assert running.window(SettingsWindow) is not None
    menu.open_requested.emit()
    assert running.window(StatusWindow) is not None
    menu.copy_diagnostics_requested.emit()
    copied = running.qapp.clipboard().text()
    assert "EmbedPool Agent" in copied
    assert "Idle:" in copied


def test_a_full_disk_is_said(qtbot: QtBot, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wish that cannot be written is told in words."""
    application = running.start(READY, None)
    errors: list[object] = []
    application.wishes.failed.connect(errors.append)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("desktop_agent.ui.wishes.save_control", full)
    application.tray.menu.pause_requested.emit()
    assert len(errors) == 1
    assert "No space left on device" in str(errors[0])


@pytest.mark.qt_no_exception_capture
def test_a_host_that_breaks_is_shown_and_started_again(qtbot: QtBot, running: Running) -> None:
    """The report is on the screen, once, and the agent goes on by itself."""
    application = running.start(READY, None)
    with qtbot.waitSignal(application.bridge.snapshot_changed):
        pass
    timer = application.findChild(QTimer, "restart")
    assert timer is not None
    timer.setInterval(0)
    host = running.hosts[0]
    assert host.loop is not None
    host.loop.call_soon_threadsafe(host.broken.set)
    qtbot.waitUntil(lambda: len(running.hosts) == 2)
    qtbot.waitUntil(lambda: running.window(CrashDialog) is not None)
    dialog = running.window(CrashDialog)
    assert isinstance(dialog, CrashDialog)
    assert "ZeroDivisionError: on purpose" in dialog.report


def test_the_end_gives_the_work_back(qtbot: QtBot, running: Running) -> None:
    """When the loop has ended, the host has given back, and nobody listens any more."""
    application = running.start(READY, Message(Verb.SHOW))
    qtbot.waitUntil(lambda: running.window(StatusWindow) is not None)
    running.qapp.aboutToQuit.emit()
    running.application = None
    assert running.hosts[0].gave_back
    assert not application.bridge.is_running
    assert not any(Path(address).exists() for address in addresses(running.folder))


def test_a_session_that_stays_has_its_agent_back(qtbot: QtBot, running: Running) -> None:
    """The work is given back before the system ends us; if it does not, the agent goes on."""
    application = running.start(READY, None)
    with qtbot.waitSignal(application.bridge.snapshot_changed):
        pass
    application._shutdown.ending.emit()
    assert running.hosts[0].gave_back
    with qtbot.waitSignal(application.bridge.snapshot_changed):
        application._shutdown.stayed.emit()
    assert len(running.hosts) == 2
