"""Scenes of the first run, the settings and the small dialogs, over a host that answers by itself."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop_agent.core import messages
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.errors import InviteLinkInvalid
from desktop_agent.core.pool.membership import save_membership
from desktop_agent.ui.about import AboutDialog
from desktop_agent.ui.crash_dialog import CrashDialog
from desktop_agent.ui.leave_dialog import LeaveDialog
from desktop_agent.ui.settings.store import SettingsStore
from desktop_agent.ui.settings.window import SettingsWindow
from desktop_agent.ui.setup.window import DONE, PC, WHEN, SetupWindow
from scenes_status import working
from tests.desktop_agent.ui.hosts import FOUND, LINK, MEMBER, Asking, AtLogin, Wished

WRONG = "https://example.org/hello"
PAGES = ("general", "hours", "card", "ollama", "account", "notifications", "updates", "advanced", "about")
CRASH = 'Traceback (most recent call last):\n  File "desktop_agent/app.py", line 98, in run\nZeroDivisionError'


def _folder() -> DataFolder:
    folder = DataFolder.open(Path(tempfile.mkdtemp(prefix="embedpool-screens-")))
    save_membership(folder.membership, MEMBER)
    return folder


def setup(page: int = 0, *, link: str = LINK, answer: object = FOUND) -> QWidget:
    """Make the window of the first run, turned to a page; `answer` is what the pool says of the link."""
    asks = Asking()
    asks.host.answers["preview"] = answer
    made = SetupWindow(asks, Wished(), SettingsStore(_folder().settings), AtLogin())
    made.show_snapshot(working())
    made.open_at_join()
    made.join._name.setText(MEMBER.display_name)
    made.join.fields.put(link)
    made.join._check.ask_now()
    for to in range(1, page + 1):
        _turn(made, to)
    return made


def _turn(made: SetupWindow, to: int) -> None:
    """Press the window's own buttons up to a page."""
    presses: dict[int, Callable[[], None]] = {PC: made._join, WHEN: made._ask_when, DONE: made._finish}
    presses[to]()


def settings(page: str) -> QWidget:
    """Make the settings, opened at a page."""
    made = SettingsWindow(Asking(), _folder(), SettingsStore(_folder().settings), AtLogin())
    made.show_snapshot(working())
    made.show_page(getattr(made, page))
    return made


WINDOW_SCENES: dict[str, Callable[[], QWidget]] = {
    "firstrun": setup,
    "firstrun-wrong-link": lambda: setup(link=WRONG, answer=InviteLinkInvalid(messages.joining.INVITE_INVALID)),
    "firstrun-pc": lambda: setup(PC),
    "firstrun-when": lambda: setup(WHEN),
    "firstrun-done": lambda: setup(DONE),
    **{f"settings-{page}": lambda page=page: settings(page) for page in PAGES},  # type: ignore[misc]
    "leave": lambda: LeaveDialog(Asking(), working()),
    "crash": lambda: CrashDialog(CRASH, _folder().logs),
    "about": AboutDialog,
}
