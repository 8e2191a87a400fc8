"""A program with nothing but the tray icon and its notices, for tests on a real desktop: `tray_program.py FOLDER`.

It prints one line for whatever happens to it, and draws the state whose name stands in FOLDER/state.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication

from desktop_agent.core import messages
from desktop_agent.core.settings import Settings
from desktop_agent.core.state import AgentState, StateSnapshot
from desktop_agent.ui.icons import app_icon
from desktop_agent.ui.language import use_language
from desktop_agent.ui.notifications import Notifier
from desktop_agent.ui.theme import use_theme
from desktop_agent.ui.tray import Tray
from tests.desktop_agent.ui.snapshots import MODEL, joined

LOOK_MS = 50
SNAPSHOTS: dict[str, StateSnapshot] = {
    "working": replace(joined(AgentState.WORKING, "x"), model=MODEL, texts_per_minute=412, texts_today=8412),
    "paused": joined(AgentState.PAUSED, messages.states.PAUSED),
    "waiting": joined(AgentState.WAITING, "You are using this PC."),
    "update": replace(joined(), update="0.3.0"),
}
WISHES = ("open", "pause", "resume", "finish_then_pause", "work_now", "settings", "about", "quit")


class Program:
    """Watches the file and prints."""

    def __init__(self, folder: Path) -> None:
        self.tray = Tray()
        self.notifier = Notifier(folder / "notices.json", self.tray, Settings())
        self.notifier.action_requested.connect(lambda action: say("notice", action.value))
        self._file = folder / "state"
        self._state = self._where = ""
        for wish in WISHES:
            getattr(self.tray.menu, f"{wish}_requested").connect(lambda *_, wish=wish: say("menu", wish))
        self.tray.menu.pause_until_requested.connect(lambda until: say("menu", "pause_until", str(until)))
        self.tray.open_requested.connect(lambda: say("opened"))
        self.tray.available_changed.connect(lambda there: say("available", str(there)))
        self.tray.menu.aboutToShow.connect(lambda: QTimer.singleShot(100, self._say_menu))
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(LOOK_MS)
        self.tray.start()

    def _look(self) -> None:
        name = self._file.read_text(encoding="utf-8") if self._file.exists() else "working"
        if name != self._state:
            self._state = name
            self.tray.show_snapshot(SNAPSHOTS[name])
            self.notifier.show_snapshot(SNAPSHOTS[name])
            say("drawn", name)
        if self.tray.icon is not None:
            at = self.tray.icon.geometry().center()
            if self._where != (where := f"{at.x()} {at.y()}") and at.x() > 0:
                self._where = where
                say("icon", where)

    def _say_menu(self) -> None:
        menu = self.tray.menu
        for action in menu.actions():
            if action.isVisible() and action.text():
                at = menu.mapToGlobal(menu.actionGeometry(action).center() - QPoint(20, 0))
                say("item", f"{at.x()} {at.y()}", action.text())


def say(*words: str) -> None:
    print(*words, sep="\t", flush=True)


def main() -> None:
    app = QApplication(sys.argv)
    app.setDesktopFileName("io.embedpool.Agent")
    app.setWindowIcon(app_icon())
    app.setQuitOnLastWindowClosed(False)
    use_language("en")
    use_theme(app)
    program = Program(Path(sys.argv[1]))
    program.tray.menu.quit_requested.connect(app.quit)
    say("started")
    app.exec()


if __name__ == "__main__":
    main()
