"""The tray's menu: built once and then only kept up to date, because panels close a menu that is built anew."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from ..core.state import AgentState, Remedy, StateSnapshot
from ..core.text import Text
from . import texts
from .language import shown
from .pause_menu import PauseMenu
from .wording import menu_line

#: States in which there is something that can be paused.
_AT_WORK = (AgentState.ERROR, AgentState.OFFLINE, AgentState.WAITING, AgentState.READY, AgentState.WORKING)


class TrayMenu(QMenu):
    """Shows state and reason, and asks for what its owner wants."""

    open_requested = Signal()
    join_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    finish_then_pause_requested = Signal()
    pause_until_requested = Signal(float)
    work_now_requested = Signal()
    start_ollama_requested = Signal()
    update_requested = Signal()
    settings_requested = Signal()
    open_logs_requested = Signal()
    copy_diagnostics_requested = Signal()
    report_problem_requested = Signal()
    about_requested = Signal()
    quit_requested = Signal()

    def __init__(self) -> None:
        super().__init__(shown(texts.APP_NAME))
        self._state = AgentState.SETUP
        self._line = self._add_line()
        self._today = self._add_line()
        self.addSeparator()
        self.setDefaultAction(self._add(texts.OPEN, self.open_requested))
        self._join = self._add(texts.JOIN, self.join_requested)
        self._pause = self._add(texts.PAUSE, self._pause_or_resume)
        self._pause_for = PauseMenu(self)
        self._pause_for.until_chosen.connect(self.pause_until_requested)
        self._pause_for.until_resumed_chosen.connect(self.pause_requested)
        self.addMenu(self._pause_for)
        self._finish = self._add(texts.FINISH_THEN_PAUSE, self.finish_then_pause_requested)
        self._work_now = self._add(texts.WORK_NOW, self.work_now_requested)
        self._start_ollama = self._add(texts.START_OLLAMA, self.start_ollama_requested)
        self.addSeparator()
        self._update = self._add(Text(""), self.update_requested)
        self._add_last_part()

    def _add_last_part(self) -> None:
        settings = self._add(texts.SETTINGS, self.settings_requested)
        # Kept by Python too: Qt takes no ownership of what `addMenu` is given.
        self._help = QMenu(shown(texts.HELP), self)
        for text, act in (
            (texts.OPEN_LOGS, self.open_logs_requested),
            (texts.COPY_DIAGNOSTICS, self.copy_diagnostics_requested),
            (texts.REPORT_PROBLEM, self.report_problem_requested),
            (texts.ABOUT, self.about_requested),
        ):
            self._add(text, act, self._help)
        self.addMenu(self._help)
        self.addSeparator()
        leave = self._add(texts.QUIT, self.quit_requested)
        if sys.platform == "darwin":
            settings.setShortcut("Ctrl+,")
            leave.setShortcut("Ctrl+Q")

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Bring texts and visibility up to date; what has not changed is left alone."""
        self._state = state = snapshot.state
        _set_text(self._line, menu_line(snapshot))
        _set_text(self._today, _today(snapshot))
        paused = state is AgentState.PAUSED
        _set_text(self._pause, shown(texts.RESUME if paused else texts.PAUSE))
        _set_text(self._update, shown(texts.update_to(snapshot.update)) if snapshot.update else "")
        self._join.setVisible(state is AgentState.SETUP)
        self._pause.setVisible(paused or state in _AT_WORK)
        self._pause_for.menuAction().setVisible(state in _AT_WORK)
        self._finish.setVisible(state is AgentState.WORKING)
        self._work_now.setVisible(state is AgentState.WAITING)
        self._start_ollama.setVisible(snapshot.remedy is Remedy.START_OLLAMA)

    def _pause_or_resume(self) -> None:
        if self._state is AgentState.PAUSED:
            self.resume_requested.emit()
        else:
            self.pause_requested.emit()

    def _add(self, text: Text, act: SignalInstance | Callable[[], None], menu: QMenu | None = None) -> QAction:
        action = QAction(shown(text), self)
        # macOS would move an action called “Settings” or “Quit” to a menu bar that we do not have.
        action.setMenuRole(QAction.MenuRole.NoRole)
        action.triggered.connect(act)
        (menu or self).addAction(action)
        return action

    def _add_line(self) -> QAction:
        """Add a line that only says something."""
        action = QAction(self)
        action.setEnabled(False)
        action.setVisible(False)
        self.addAction(action)
        return action


def _set_text(action: QAction, text: str) -> None:
    # In a menu, one & marks the letter to press; two are one that is shown.
    safe = text.replace("&", "&&")
    if action.text() != safe:
        action.setText(safe)
    action.setVisible(bool(text))


def _today(snapshot: StateSnapshot) -> str:
    if not snapshot.texts_today:
        return ""
    return shown(Text.counted("{n} text today", "{n} texts today", snapshot.texts_today))
