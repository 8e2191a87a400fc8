"""The main window: what it shows, what it asks for, how it closes, and that everybody can use it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QCloseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTableView, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from desktop_agent.core import messages
from desktop_agent.core.engines.base import EMBEDDING
from desktop_agent.core.ran import HowEnded, TaskEnd
from desktop_agent.core.state import AgentState, Download, Remedy, StateSnapshot
from desktop_agent.ui.cards import Card
from desktop_agent.ui.graph import Graph
from desktop_agent.ui.header import Header
from desktop_agent.ui.keep_running import KeepRunningQuestion
from desktop_agent.ui.status_window import StatusWindow
from desktop_agent.ui.theme import use_scheme
from tests.desktop_agent.ui.snapshots import MODEL, joined
from tests.desktop_agent.ui.test_graph import DAYS

WORKING = replace(joined(AgentState.WORKING, "x"), model=MODEL, texts_per_minute=412)
NO_MODEL = replace(joined(AgentState.ERROR, "Missing."), remedy=Remedy.DOWNLOAD_MODEL, remedy_model=MODEL)
ENDED = (TaskEnd(1_790_000_000.0, MODEL, EMBEDDING, 32, 4100, 2.3, HowEnded.DONE),)


@pytest.fixture
def window(qtbot: QtBot) -> StatusWindow:
    made = StatusWindow()
    qtbot.addWidget(made)
    made.show_history(DAYS, 12_345)
    made.show_ran(ENDED)
    made.show_snapshot(WORKING)
    made.show()
    return made


def words(window: QWidget) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel) if label.isVisible() and label.text()]


def button(window: QWidget, text: str) -> QPushButton:
    return next(made for made in window.findChildren(QPushButton) if made.text() == text and made.isVisible())


def test_state_and_reason_stand_on_top(window: StatusWindow) -> None:
    """With the main button of the state."""
    assert words(window)[:2] == ["Working", f"{MODEL} · 412 texts per minute"]
    assert button(window, "Pause").isEnabled()
    window.show_snapshot(joined(AgentState.PAUSED, messages.states.PAUSED))
    assert words(window)[:2] == ["Paused", "Your PC takes no work."]
    assert button(window, "Resume").isEnabled()


@pytest.mark.parametrize(
    ("snapshot", "label", "signal", "values"),
    [
        (StateSnapshot(AgentState.SETUP, messages.states.NOT_JOINED), "Join a pool…", "join_requested", []),
        (WORKING, "Pause", "pause_requested", []),
        (joined(AgentState.PAUSED, "P"), "Resume", "resume_requested", []),
        (joined(AgentState.OFFLINE, "O"), "Try again", "try_again_requested", []),
        (NO_MODEL, f"Download {MODEL}", "remedy_requested", [Remedy.DOWNLOAD_MODEL, MODEL]),
        (replace(NO_MODEL, remedy=Remedy.UNLOCK), "Unlock", "remedy_requested", [Remedy.UNLOCK, MODEL]),
        (replace(NO_MODEL, remedy=Remedy.JOIN_AGAIN), "Join again", "remedy_requested", [Remedy.JOIN_AGAIN, MODEL]),
        (replace(NO_MODEL, download=Download(MODEL, 9, 1)), "Cancel download", "cancel_download_requested", []),
        (WORKING, "View log", "log_requested", []),
        (WORKING, "Settings…", "settings_requested", []),
    ],
)
def test_buttons_ask(
    window: StatusWindow, qtbot: QtBot, snapshot: StateSnapshot, label: str, signal: str, values: list[object]
) -> None:
    """Each for its own thing, with what is needed to do it."""
    window.show_snapshot(snapshot)
    with qtbot.waitSignal(getattr(window, signal), timeout=1000) as asked:
        QTest.mouseClick(button(window, label), Qt.MouseButton.LeftButton)
    assert asked.args == values


class _Repaints(QObject):
    """Counts what is painted below a window."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        self.number += event.type() is QEvent.Type.Paint
        return False


@pytest.fixture
def repaints(qapp: QApplication) -> Iterator[_Repaints]:
    counter = _Repaints()
    qapp.installEventFilter(counter)
    yield counter
    qapp.removeEventFilter(counter)


def test_nothing_is_painted_when_nothing_changed(window: StatusWindow, qtbot: QtBot, repaints: _Repaints) -> None:
    """The same snapshot, days and tasks again cost no paint event; another state does."""
    qtbot.waitUntil(lambda: repaints.number > 0)
    qtbot.wait(100)
    repaints.number = 0
    window.show_snapshot(replace(WORKING, written_at=time.time()))
    window.show_history(DAYS, 12_345)
    window.show_ran(ENDED)
    qtbot.wait(100)
    assert repaints.number == 0
    window.show_snapshot(joined())
    qtbot.waitUntil(lambda: repaints.number > 0)


def test_a_hidden_window_draws_nothing_and_catches_up(window: StatusWindow, qtbot: QtBot) -> None:
    """What happened while nobody looked is there when somebody does."""
    shown: list[bool] = []
    window.shown_changed.connect(shown.append)
    window.hide()
    window.show_snapshot(joined(AgentState.PAUSED, "P"))
    assert next(label.text() for label in window.findChildren(QLabel) if label.text()) == "Working"
    window.show()
    assert words(window)[0] == "Paused"
    assert shown == [False, True]


def test_closing_hides_where_there_is_a_tray(window: StatusWindow, qtbot: QtBot) -> None:
    """And says so, for the note of the first time."""
    with qtbot.waitSignal(window.closed, timeout=1000):
        window.close()
    assert not window.isVisible()


class _ByPerson(QCloseEvent):
    """Closing by the window system: by its owner."""

    def spontaneous(self) -> bool:
        return True


def test_without_a_tray_closing_asks(window: StatusWindow, qtbot: QtBot) -> None:
    """Keep hides, quit quits, and until then the window stays."""
    window.set_tray_there(False)
    event = _ByPerson()
    window.closeEvent(event)
    assert not event.isAccepted()
    question = window.findChild(KeepRunningQuestion)
    assert question is not None
    with qtbot.waitSignal(window.quit_requested, timeout=1000):
        question.quit_button.click()
    assert window.isVisible()
    window.closeEvent(_ByPerson())
    asked = [made for made in window.findChildren(KeepRunningQuestion) if made.isVisible()]
    with qtbot.waitSignal(window.closed, timeout=1000):
        asked[-1].keep_button.click()
    assert not window.isVisible()


def test_the_end_of_a_session_never_waits_for_an_answer(window: StatusWindow, qtbot: QtBot) -> None:
    """A close that the program itself asks for is no question, tray or not."""
    window.set_tray_there(False)
    assert window.close()


def focusable(window: QWidget) -> list[QWidget]:
    return [made for made in window.findChildren(QWidget) if made.focusPolicy() & Qt.FocusPolicy.TabFocus]


@pytest.mark.parametrize("snapshot", [WORKING, NO_MODEL, replace(NO_MODEL, download=Download(MODEL, 9, 1))])
def test_whatever_takes_the_focus_has_a_name(window: StatusWindow, snapshot: StateSnapshot) -> None:
    """For those who hear the window instead of seeing it."""
    window.show_snapshot(snapshot)
    for tab in range(2):
        window.findChildren(QTabWidget)[0].setCurrentIndex(tab)
        for widget in focusable(window):
            if widget.isVisible():
                told = QAccessible.queryAccessibleInterface(widget)
                assert told.text(QAccessible.Text.Name), f"{widget} has no name"


def test_cards_are_heard_as_one(window: StatusWindow) -> None:
    """Title and value as the name, the rest as the description."""
    names = [card.accessibleName() for card in window.findChildren(Card)]
    assert names == ["Graphics card: RTX 4070", "Ollama: Running 0.14.2", "Pool: Library", "This PC: Away for 12 min"]
    assert "37 PCs online" in window.findChildren(Card)[2].accessibleDescription()


def test_the_keyboard_reaches_everything_from_top_to_bottom(window: StatusWindow, qtbot: QtBot) -> None:
    """Tab leads from the main button through the graph to the settings, each once."""
    button(window, "Pause").setFocus()
    order = []
    for _ in range(7):
        focus = QApplication.focusWidget()
        assert focus is not None
        order.append(focus)
        window.focusNextChild()
    names = [QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name) for widget in order]
    assert names == [
        "Pause",
        "More choices",
        "Your contribution",
        "Texts per day, the last 30 days",
        "View log",
        "Settings…",
        "Pause",
    ]


def test_narrow_windows_stand_the_cards_in_one_column(window: StatusWindow, qtbot: QtBot) -> None:
    """Two columns where there is room; nothing is cut off sideways either way."""
    cards = window.findChildren(Card)
    assert cards[0].y() == cards[1].y()
    window.resize(360, 480)
    qtbot.waitUntil(lambda: cards[1].y() > cards[0].y())
    assert all(card.x() == cards[0].x() for card in cards)
    assert all(card.mapTo(window, card.rect().topRight()).x() < window.width() for card in cards)


def test_a_change_between_light_and_dark_is_followed(window: StatusWindow, qapp: QApplication) -> None:
    """The cards' drawings take the new colours without a restart."""
    before = window.findChildren(Card)[0].grab().toImage()
    try:
        use_scheme(qapp, Qt.ColorScheme.Dark)
        assert window.findChildren(Card)[0].grab().toImage() != before
    finally:
        use_scheme(qapp, Qt.ColorScheme.Light)
    assert window.findChildren(Card)[0].grab().toImage() == before


def test_what_ran_here_is_one_tab_away(window: StatusWindow) -> None:
    """The table with the tasks."""
    window.findChildren(QTabWidget)[0].setCurrentIndex(1)
    table = window.findChild(QTableView)
    assert table is not None
    assert table.isVisible()
    assert table.model().rowCount() == 1
    assert not window.findChildren(Graph)[0].isVisible()


def test_a_stray_key_does_nothing(window: StatusWindow, qtbot: QtBot) -> None:
    """The window opens with the focus on no button, so a space bar that was meant for something else pauses nothing."""
    asked: list[str] = []
    window.pause_requested.connect(lambda: asked.append("pause"))
    window.activateWindow()
    focus = QApplication.focusWidget() or window
    QTest.keyClick(focus, Qt.Key.Key_Space)
    assert focus is window
    assert asked == []


def test_another_scale_draws_the_signs_again(window: StatusWindow, qapp: QApplication) -> None:
    """A window that was moved to another screen keeps sharp drawings, and none is lost."""
    for widget in (window.findChildren(Card)[0], window.findChildren(Header)[0]):
        qapp.sendEvent(widget, QEvent(QEvent.Type.DevicePixelRatioChange))
        assert not widget.findChildren(QLabel)[0].pixmap().isNull()
