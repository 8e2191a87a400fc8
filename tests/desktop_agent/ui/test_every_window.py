"""What holds for every window and both languages: no text is cut, everything has a name and a key of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QLabel,
    QProgressBar,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_agent.core import messages
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.errors import InsecureServer, KeyStoreMissing
from desktop_agent.core.pool.membership import save_membership
from desktop_agent.core.state import Download, EngineStatus
from desktop_agent.ui.about import AboutDialog
from desktop_agent.ui.crash_dialog import CrashDialog
from desktop_agent.ui.language import use_language
from desktop_agent.ui.leave_dialog import LeaveDialog
from desktop_agent.ui.log_window import LogWindow
from desktop_agent.ui.settings.add_program import AddProgram
from desktop_agent.ui.settings.store import SettingsStore
from desktop_agent.ui.settings.window import SettingsWindow
from desktop_agent.ui.setup.window import SetupWindow
from tests.desktop_agent.ui.hosts import LINK, MEMBER, SPEED, Asking, AtLogin, Wished
from tests.desktop_agent.ui.snapshots import MODEL, joined

AWAY = EngineStatus("ollama", reason=messages.engine.ollama_not_running("http://127.0.0.1:11434"))


class Stage:
    """Makes windows over a folder of their own."""

    def __init__(self, root: Path) -> None:
        self.folder, self.asks = DataFolder.open(root), Asking()
        self.store, self.login = SettingsStore(self.folder.settings), AtLogin()

    def setup(self) -> SetupWindow:
        window = SetupWindow(self.asks, Wished(), self.store, self.login)
        window.open_at_join()
        return window

    def typed(self) -> SetupWindow:
        window = self.setup()
        window.join.fields.put(LINK)
        window.join._check.ask_now()
        return window

    def settings(self, page: str) -> SettingsWindow:
        save_membership(self.folder.membership, MEMBER)
        window = SettingsWindow(self.asks, self.folder, self.store, self.login)
        window.show_snapshot(replace(joined(), update="0.3.0"))
        window.show_page(getattr(window, page))
        return window


def join_empty(stage: Stage) -> QWidget:
    return stage.setup()


def join_by_hand(stage: Stage) -> QWidget:
    window = stage.setup()
    window._press_aside()
    return window


def join_good(stage: Stage) -> QWidget:
    return stage.typed()


def join_again(stage: Stage) -> QWidget:
    window = stage.setup()
    window.open_at_join(again=True)
    return window


def join_insecure(stage: Stage) -> QWidget:
    stage.asks.host.answers["preview"] = InsecureServer(messages.joining.insecure_server("pool.example.org"))
    return stage.typed()


def join_without_key_store(stage: Stage) -> QWidget:
    window = stage.typed()
    stage.asks.host.answers["join"] = KeyStoreMissing(
        messages.joining.key_store_missing("keyring.backends.fail.Keyring")
    )
    window._press_next()
    return window


def pc_unknown(stage: Stage) -> QWidget:
    window = stage.typed()
    window._press_next()
    return window


def pc_without_ollama(stage: Stage) -> QWidget:
    window = stage.typed()
    window._press_next()
    window.show_snapshot(replace(joined(), engines=(AWAY,)))
    return window


def pc_downloading(stage: Stage) -> QWidget:
    window = stage.typed()
    window._press_next()
    window.show_snapshot(replace(joined(), download=Download(MODEL, 274_000_000, 137_000_000)))
    return window


def pc_good(stage: Stage) -> QWidget:
    window = stage.typed()
    window._press_next()
    window.show_snapshot(joined())
    window.pc._measured(SPEED)
    return window


def when(stage: Stage) -> QWidget:
    window = stage.typed()
    window._press_next()
    window._press_next()
    return window


def done(stage: Stage) -> QWidget:
    window = stage.typed()
    for _ in range(3):
        window._press_next()
    return window


def settings_page(page: str) -> Callable[[Stage], QWidget]:
    def make(stage: Stage) -> QWidget:
        return stage.settings(page)

    make.__name__ = f"settings_{page}"
    return make


def leave(stage: Stage) -> QWidget:
    return LeaveDialog(stage.asks, joined())


def left(stage: Stage) -> QWidget:
    dialog = LeaveDialog(stage.asks, joined())
    dialog._leave()
    return dialog


def crash(stage: Stage) -> QWidget:
    dialog = CrashDialog("Traceback: ValueError", stage.folder.logs)
    dialog.copy()
    return dialog


def log(stage: Stage) -> QWidget:
    return LogWindow(stage.folder.logs)


def about(stage: Stage) -> QWidget:
    return AboutDialog()


def add_program(stage: Stage) -> QWidget:
    return AddProgram(stage.settings("general"))


PAGES = ("general", "hours", "card", "ollama", "account", "notifications", "updates", "advanced", "about")
SCENES = [
    join_empty,
    join_by_hand,
    join_good,
    join_again,
    join_insecure,
    join_without_key_store,
    pc_unknown,
    pc_without_ollama,
    pc_downloading,
    pc_good,
    when,
    done,
    *(settings_page(page) for page in PAGES),
    leave,
    left,
    crash,
    log,
    about,
    add_program,
]


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    use_language(request.param)
    yield request.param
    use_language("en")


@pytest.fixture(params=SCENES, ids=lambda scene: scene.__name__)
def window(request: pytest.FixtureRequest, language: str, qtbot: QtBot, tmp_path: Path) -> QWidget:
    made: QWidget = request.param(Stage(tmp_path / "data"))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    QApplication.processEvents()
    return made


def visible(window: QWidget) -> list[QWidget]:
    return [widget for widget in window.findChildren(QWidget) if widget.isVisible()]


def cut(widget: QWidget) -> str:
    """Say what of a widget's text does not fit; nothing when all does."""
    if isinstance(widget, QLabel) and widget.text() and widget.wordWrap():
        needed, has = widget.heightForWidth(widget.width()), widget.height()
        return f"{widget.text()!r} needs {needed} px of height and has {has}" if needed > has else ""
    if isinstance(widget, QLabel | QAbstractButton) and widget.text():
        needed, has = widget.sizeHint().width(), widget.width()
        return f"{widget.text()!r} needs {needed} px of width and has {has}" if needed > has else ""
    if isinstance(widget, QScrollArea) and (page := widget.widget()) is not None:
        needed, has = page.width(), widget.viewport().width()
        return f"a page needs {needed} px of width and has {has}" if needed > has else ""
    return ""


def test_everything_on_the_window(window: QWidget) -> None:
    """Nothing is cut; what can be reached has a name that is read aloud; no two things share a letter."""
    widgets = visible(window)
    assert [words for widget in widgets if (words := cut(widget))] == []
    speaking = [widget for widget in widgets if is_reachable(widget) or isinstance(widget, QProgressBar)]
    assert [type(widget).__name__ for widget in speaking if not spoken_name(widget)] == []
    keys = Counter(key for widget in widgets if (key := letter(widget)))
    assert [key for key, count in keys.items() if count > 1] == []
    assert speaking


def is_reachable(widget: QWidget) -> bool:
    """Tell whether the Tab key stops there; the field inside a spin box speaks with the box's name."""
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and not isinstance(
        widget.parentWidget(), QAbstractSpinBox
    )


def spoken_name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name)


def letter(widget: QWidget) -> str:
    """Give the key that leads to a widget with Alt; a label's leads to its field."""
    words = ""
    if isinstance(widget, QAbstractButton) or (isinstance(widget, QLabel) and widget.buddy() is not None):
        words = widget.text()
    _, found, rest = words.replace("&&", "").partition("&")
    return rest[:1].lower() if found else ""


def test_an_empty_box_can_be_seen_in_the_dark(qtbot: QtBot) -> None:
    """The edge of a box that is not ticked stands out by 3:1 against what is around it, in both schemes."""
    for window, text in (("#191d23", "#e8ecf1"), ("#f3f5f8", "#18212c")):
        box = QCheckBox("")
        qtbot.addWidget(box)
        palette = box.palette()
        for role in (palette.ColorRole.Window, palette.ColorRole.Base):
            palette.setColor(role, QColor(window))
        palette.setColor(palette.ColorRole.WindowText, QColor(text))
        box.setPalette(palette)
        box.resize(box.sizeHint())
        image = box.grab().toImage()
        row = image.height() // 2
        best = max(contrast(image.pixelColor(x, row), QColor(window)) for x in range(image.width()))
        assert best >= 3


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
