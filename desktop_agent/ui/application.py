"""The agent with a face: tray, windows, notices and the host, put together by signals."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from ..core.data_folder import DataFolder
from ..core.errors import AgentError
from ..core.instance import Message, Verb
from ..core.state import Remedy, StateSnapshot
from ..core.system.autostart.here import autostart_here
from ..core.system.link_handler.here import link_handler_here
from .bridge import Bridge, MakeHost
from .crashes import Crashes
from .notices import NoticeAction
from .notifications import Notifier
from .qt_app import make_app
from .settings.store import SettingsStore
from .shutdown import Shutdown
from .single_instance import SingleInstance
from .tray import Tray
from .windows import Parts, Windows, error_box
from .wishes import Wishes

log = logging.getLogger(__name__)

#: Milliseconds until a host that broke is started again: the first time, and at most.
RESTART_MS, MAX_RESTART_MS = 10_000, 300_000


class Application(QObject):
    """Everything that has a face, for as long as the program runs."""

    def __init__(self, app: QApplication, folder: DataFolder, make_host: MakeHost, first: Message | None) -> None:
        super().__init__()
        self._app, self._folder, self._first = app, folder, first
        self.bridge, self.wishes, self.tray = Bridge(make_host), Wishes(folder, self), Tray(self)
        self._store = SettingsStore(folder.settings, self)
        self._crashes, self._shutdown = Crashes(), Shutdown(app)
        autostart = autostart_here(os.environ, folder.root)
        self.windows = Windows(Parts(folder, self.bridge, self.wishes, self._store, autostart))
        self._notifier = Notifier(folder.notices, self.tray, self._store.settings)
        self._instance = SingleInstance(folder, self)
        self._restart = QTimer(self, singleShot=True, interval=RESTART_MS)
        self._restart.setObjectName("restart")
        self._ending = False
        self._connect()
        self._connect_tray()
        threading.Thread(target=_mend_entries, args=(autostart.repair,), name="entries", daemon=True).start()

    def start(self) -> None:
        """Let everything begin."""
        self._crashes.install()
        self._shutdown.listen_to_signals()
        self._app.installEventFilter(self)
        self.bridge.start()
        self.tray.start()
        self.windows.tell_broken_settings()

    def tell(self, message: Message) -> None:
        """Do what another start of the program wants."""
        log.info("Asked from outside to %s", message.verb)
        if message.verb is Verb.QUIT:
            self._app.exit(0)
        elif message.verb is Verb.OPEN_LINK:
            self.windows.show_setup(message.link)
        elif message.verb is Verb.SETTINGS:
            self.windows.show_settings()
        else:
            self.windows.show_first()

    def _connect(self) -> None:
        self.bridge.snapshot_changed.connect(self._show)
        self.bridge.failed.connect(self._crashes.report)
        self.bridge.ended.connect(self._host_ended)
        self._restart.timeout.connect(self.bridge.start)
        self._crashes.happened.connect(self.windows.show_crash, Qt.ConnectionType.QueuedConnection)
        self.wishes.failed.connect(self.windows.show_error)
        self._store.changed.connect(self._notifier.use_settings)
        self._notifier.action_requested.connect(self._act)
        self._instance.told.connect(self.tell)
        self.windows.quit_requested.connect(lambda: self._app.exit(0))
        self.windows.main_closed.connect(self._notifier.window_closed)
        self._shutdown.ending.connect(self._give_back)
        self._shutdown.stayed.connect(self._go_on)
        self._app.aboutToQuit.connect(self._end)

    def _connect_tray(self) -> None:
        self.tray.open_requested.connect(self.windows.show_first)
        self.tray.available_changed.connect(self._tray_changed)
        menu, wishes, windows = self.tray.menu, self.wishes, self.windows
        menu.join_requested.connect(windows.show_setup)
        menu.pause_requested.connect(wishes.pause)
        menu.finish_then_pause_requested.connect(wishes.finish_then_pause)
        menu.resume_requested.connect(wishes.resume)
        menu.pause_until_requested.connect(wishes.pause_until)
        menu.work_now_requested.connect(wishes.work_now)
        menu.start_ollama_requested.connect(lambda: windows.mend(Remedy.START_OLLAMA))
        menu.update_requested.connect(windows.show_update)
        menu.settings_requested.connect(windows.show_settings)
        menu.open_logs_requested.connect(windows.open_log_folder)
        menu.copy_diagnostics_requested.connect(windows.copy_diagnostics)
        menu.report_problem_requested.connect(windows.report_problem)
        menu.about_requested.connect(windows.show_about)
        menu.quit_requested.connect(lambda: self._app.exit(0))

    def _show(self, snapshot: StateSnapshot) -> None:
        self.tray.show_snapshot(snapshot)
        self.windows.show_snapshot(snapshot)
        self._notifier.show_snapshot(snapshot)
        if self._first is not None:
            # Only now is it known whether this PC belongs to a pool, which decides what is shown.
            first, self._first = self._first, None
            self.tell(first)

    def _tray_changed(self, there: bool) -> None:
        self.windows.set_tray_there(there)
        if not there:
            self.windows.show_first(minimized=True)

    def _act(self, action: NoticeAction) -> None:
        if action is NoticeAction.START_OLLAMA:
            self.windows.mend(Remedy.START_OLLAMA)
        elif action is NoticeAction.JOIN_AGAIN:
            self.windows.mend(Remedy.JOIN_AGAIN)
        elif action is NoticeAction.SHOW_UPDATE:
            self.windows.show_update()
        else:
            self.windows.show_first()

    def _host_ended(self) -> None:
        if self._ending:
            return
        log.error("The agent broke; it starts again in %d s", self._restart.interval() // 1000)
        self._restart.start()
        self._restart.setInterval(min(MAX_RESTART_MS, 2 * self._restart.interval()))

    def _give_back(self) -> None:
        self._ending = True
        self._restart.stop()
        self.bridge.stop()

    def _go_on(self) -> None:
        self._ending = False
        if not self.bridge.is_running:
            self.bridge.start()

    def _end(self) -> None:
        self._store.flush()
        self._instance.close()
        self._notifier.stop()
        self.tray.stop()
        self._shutdown.close()
        self._crashes.uninstall()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take links as macOS hands them over: it starts no second program."""
        if isinstance(event, QFileOpenEvent) and event.url().scheme() == "embedpool":
            self.tell(Message(Verb.OPEN_LINK, event.url().toString()))
            return True
        return super().eventFilter(watched, event)


def _mend_entries(repair: Callable[[], object]) -> None:
    """Have the start at log-in and our links lead here, where they led to a place that is gone, or nowhere."""
    try:
        repair()
        link_handler_here(os.environ).register()
    except (OSError, AgentError) as error:
        log.warning("The entries for log-in and links could not be looked after: %s", error)


def run(folder: DataFolder, make_host: MakeHost, first: Message | None) -> int:
    """Show the tray icon and the windows until the program ends; gives the exit code. Raises NoWindows."""
    app = make_app()
    application = Application(app, folder, make_host, first)
    application.start()
    return app.exec()


def tell(error: AgentError) -> None:
    """Show an error until it is closed, in a program that has no windows yet. Raises NoWindows."""
    app = make_app()
    box = error_box(error)
    box.finished.connect(app.exit)
    box.open()
    app.exec()
