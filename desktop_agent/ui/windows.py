"""Every window of the agent: made when it is first wanted, one of each, wired to what it asks for."""

from __future__ import annotations

import platform
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QObject, Qt, QUrl, Signal, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from .. import __version__
from ..core.data_folder import DataFolder
from ..core.diagnostics import diagnostics
from ..core.errors import AgentError
from ..core.state import AgentState, Remedy, StateSnapshot
from ..core.system.autostart.base import RememberedAutostart
from ..core.text import Text
from .about import AboutDialog
from .bridge import Bridge
from .crash_dialog import CrashDialog
from .front import bring_to_front
from .language import shown
from .leave_dialog import LeaveDialog
from .log_window import LogWindow
from .past import Past
from .settings.broken import tell_broken_settings
from .settings.store import SettingsStore
from .settings.window import SettingsWindow
from .setup.window import SetupWindow
from .status_window import StatusWindow
from .wishes import Wishes

REPORT_TITLE = Text("Report a problem")
REPORT_HOW = Text(
    "The diagnostics are on the clipboard now; there is no key in them, and no text that was computed. Send them to "
    "whoever gave you the invite link, with a sentence about what you did and what happened."
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What windows are made with."""

    folder: DataFolder
    bridge: Bridge
    wishes: Wishes
    store: SettingsStore
    autostart: RememberedAutostart


class Windows(QObject):
    """Opens windows, and keeps those that are open up to date."""

    quit_requested = Signal()
    #: The main window was closed by its owner, and EmbedPool goes on.
    main_closed = Signal()

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self._parts = parts
        self._snapshot: StateSnapshot | None = None
        self._tray_there = True
        self._main: StatusWindow | None = None
        self._setup: SetupWindow | None = None
        self._settings: SettingsWindow | None = None
        self._log: LogWindow | None = None
        #: Dialogs that are on the screen, kept from being collected.
        self._dialogs: set[QWidget] = set()

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Have every window draw it that there is."""
        self._snapshot = snapshot
        for window in (self._main, self._setup, self._settings):
            if window is not None:
                window.show_snapshot(snapshot)

    def set_tray_there(self, there: bool) -> None:
        """Say whether there is an icon to come back by."""
        self._tray_there = there
        if self._main is not None:
            self._main.set_tray_there(there)

    def show_first(self, *, minimized: bool = False) -> None:
        """Open what its owner needs first: how to join, while this PC belongs to no pool; else the main window."""
        if self._snapshot is not None and self._snapshot.state is AgentState.SETUP:
            self.show_setup()
        elif minimized:
            self._main_window().showMinimized()
        else:
            bring_to_front(self._main_window())

    def show_setup(self, link: str = "", *, again: bool = False) -> None:
        """Open the first run, with a link if there is one."""
        if link:
            self._setup_window().offer_link(link)
        else:
            self._setup_window().open_at_join(again=again)

    def show_settings(self) -> None:
        """Open the settings."""
        self._settings_window().show_page()

    def show_log(self) -> None:
        """Open the log."""
        if self._log is None:
            self._log = LogWindow(self._parts.folder.logs)
        bring_to_front(self._log)

    def open_log_folder(self) -> None:
        """Open the folder of the log in the system's file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._parts.folder.logs)))

    def show_about(self) -> None:
        """Say what this program is."""
        dialog = AboutDialog(self._main)
        dialog.copy_diagnostics_requested.connect(self.copy_diagnostics)
        self._open(dialog)

    def show_crash(self, report: str) -> None:
        """Show what went wrong by a mistake of ours."""
        dialog = CrashDialog(f"{report}\n{self._diagnostics()}", self._parts.folder.logs)
        dialog.report_requested.connect(self.report_problem)
        self._open(dialog)

    def show_error(self, error: AgentError) -> None:
        """Say why something that was asked for did not happen."""
        self._open(error_box(error))

    def copy_diagnostics(self) -> None:
        """Put the diagnostics on the clipboard."""
        QGuiApplication.clipboard().setText(self._diagnostics())

    def report_problem(self) -> None:
        """Say who can help, with what they need to know on the clipboard."""
        self.copy_diagnostics()
        self._open(_box(QMessageBox.Icon.Information, REPORT_TITLE, REPORT_HOW))

    def tell_broken_settings(self) -> None:
        """Say so once, if the settings could not be read and the defaults took their place."""
        self._keep(tell_broken_settings(self._parts.folder.settings, self._main))

    def show_update(self) -> None:
        """Open the pool's page in the browser: that is where its volunteers get the program."""
        if self._snapshot is not None and self._snapshot.server:
            QDesktopServices.openUrl(QUrl(self._snapshot.server))

    def mend(self, remedy: Remedy, model: str = "") -> None:
        """Do what would end a trouble."""
        bridge = self._parts.bridge
        if remedy in (Remedy.JOIN, Remedy.JOIN_AGAIN):
            self.show_setup(again=remedy is Remedy.JOIN_AGAIN)
        elif remedy is Remedy.UNLOCK:
            bridge.ask(lambda host: host.try_again(), failed=self.show_error)
        elif remedy is Remedy.START_OLLAMA:
            bridge.ask(lambda host: host.start_ollama(), failed=self.show_error)
        elif remedy is Remedy.DOWNLOAD_MODEL:
            bridge.ask(lambda host: host.download(model), failed=self.show_error)
        elif remedy is Remedy.WORK_NOW:
            self._parts.wishes.work_now()

    def _ask_to_leave(self) -> None:
        self._open(LeaveDialog(self._parts.bridge, self._snapshot, self._settings))

    def _main_window(self) -> StatusWindow:
        if self._main is None:
            self._main = self._made_main()
        return self._main

    def _made_main(self) -> StatusWindow:
        window, wishes, bridge = StatusWindow(), self._parts.wishes, self._parts.bridge
        window.set_tray_there(self._tray_there)
        window.choose_gpu(self._parts.store.settings.gpu)
        self._parts.store.changed.connect(lambda settings: window.choose_gpu(settings.gpu))
        past = Past(self._parts.folder, window)
        past.history_changed.connect(window.show_history)
        past.ran_changed.connect(window.show_ran)
        window.shown_changed.connect(past.watch)
        window.shown_changed.connect(bridge.watch)
        window.join_requested.connect(self.show_setup)
        window.pause_requested.connect(wishes.pause)
        window.finish_then_pause_requested.connect(wishes.finish_then_pause)
        window.resume_requested.connect(wishes.resume)
        window.pause_until_requested.connect(wishes.pause_until)
        window.work_now_requested.connect(wishes.work_now)
        window.try_again_requested.connect(lambda: self.mend(Remedy.UNLOCK))
        window.remedy_requested.connect(self.mend)
        window.cancel_download_requested.connect(lambda: bridge.ask(lambda host: host.cancel_download()))
        window.settings_requested.connect(self.show_settings)
        window.log_requested.connect(self.show_log)
        window.quit_requested.connect(self.quit_requested)
        window.closed.connect(self.main_closed)
        if self._snapshot is not None:
            window.show_snapshot(self._snapshot)
        return window

    def _setup_window(self) -> SetupWindow:
        if self._setup is None:
            parts = self._parts
            self._setup = SetupWindow(parts.bridge, parts.wishes, parts.store, parts.autostart)
            if self._snapshot is not None:
                self._setup.show_snapshot(self._snapshot)
        return self._setup

    def _settings_window(self) -> SettingsWindow:
        if self._settings is None:
            parts = self._parts
            window = SettingsWindow(parts.bridge, parts.folder, parts.store, parts.autostart)
            window.leave_requested.connect(self._ask_to_leave)
            window.join_requested.connect(self.show_setup)
            window.log_requested.connect(self.show_log)
            window.copy_diagnostics_requested.connect(self.copy_diagnostics)
            window.update_requested.connect(self.show_update)
            if self._snapshot is not None:
                window.show_snapshot(self._snapshot)
            self._settings = window
        return self._settings

    def _open(self, dialog: QWidget) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._keep(dialog)
        bring_to_front(dialog)

    def _keep(self, dialog: QWidget | None) -> None:
        self._dialogs = {each for each in self._dialogs if shiboken6.isValid(each)}
        if dialog is not None:
            self._dialogs.add(dialog)

    def _diagnostics(self) -> str:
        versions = {"EmbedPool Agent": __version__, "Qt": qVersion(), "Platform": platform.platform()}
        versions["Qt platform"] = QGuiApplication.platformName()
        return diagnostics(self._parts.folder, self._parts.store.settings, self._snapshot, versions)


def error_box(error: AgentError) -> QMessageBox:
    """Make the box that shows an error of ours."""
    return _box(QMessageBox.Icon.Warning, error.title, error.message)


def _box(icon: QMessageBox.Icon, heading: str, words: str) -> QMessageBox:
    box = QMessageBox(icon, shown(heading), shown(heading))
    box.setInformativeText(shown(words))
    box.setTextFormat(Qt.TextFormat.PlainText)
    return box
