"""The small dialogs: leaving, a mistake of ours, about."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from desktop_agent import __version__
from desktop_agent.core.errors import DataFolderUnusable, ServerUnreachable
from desktop_agent.ui.about import AboutDialog
from desktop_agent.ui.crash_dialog import CrashDialog
from desktop_agent.ui.leave_dialog import LeaveDialog
from desktop_agent.ui.licences import parts
from desktop_agent.ui.marks import Sign
from desktop_agent.ui.settings import texts
from desktop_agent.ui.settings.add_program import AddProgram
from tests.desktop_agent.ui.hosts import Asking
from tests.desktop_agent.ui.snapshots import joined


@pytest.fixture
def asks() -> Asking:
    return Asking()


@pytest.fixture
def leaving(qtbot: QtBot, asks: Asking) -> LeaveDialog:
    made = LeaveDialog(asks, joined())
    qtbot.addWidget(made)
    made.open()
    return made


def test_what_leaving_means(leaving: LeaveDialog) -> None:
    """The pool is named, and what happens to the key and to the contribution."""
    assert leaving._question.text() == (
        "This PC stops working for pool.example.org and its key is deleted. Your contribution stays counted."
    )


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_escape_stay(leaving: LeaveDialog, asks: Asking, key: Qt.Key) -> None:
    """Nobody leaves by a stray key."""
    QTest.keyClick(leaving, key)
    assert not leaving.isVisible()
    assert asks.host.asked == []


def test_leaving(leaving: LeaveDialog, asks: Asking, qtbot: QtBot) -> None:
    """Leaving is confirmed in words."""
    with qtbot.waitSignal(leaving.left):
        leaving._yes.click()
    assert asks.host.verbs() == ["leave"]
    assert leaving._notice.sign is Sign.GOOD
    assert not leaving._yes.isVisible()


def test_leaving_with_the_server_gone(leaving: LeaveDialog, asks: Asking, qtbot: QtBot) -> None:
    """It works all the same, and says what could not be done."""
    asks.host.answers["leave"] = ServerUnreachable("Cannot reach pool.example.org.")
    with qtbot.waitSignal(leaving.left):
        leaving._yes.click()
    assert leaving._notice.sign is Sign.ATTENTION
    assert leaving._notice.words.endswith("could not be told: Cannot reach pool.example.org.")


def test_leaving_that_fails(leaving: LeaveDialog, asks: Asking) -> None:
    """What stands in the way is said, and it can be tried again."""

    async def fails() -> None:
        raise DataFolderUnusable("The folder cannot be used.")

    asks.host.leave = fails  # type: ignore[method-assign]
    leaving._yes.click()
    assert leaving._notice.words == "The folder cannot be used."
    assert leaving._yes.isEnabled()


def test_a_report_has_no_secrets(qtbot: QtBot, tmp_path: Path) -> None:
    """What can be copied and sent holds no key, no token and no invite code."""
    report = 'ValueError: {"key": "epk_secret123", "at": "https://pool.example.org/join/7F3K-92QD"}'
    dialog = CrashDialog(report, tmp_path)
    qtbot.addWidget(dialog)
    shown = dialog.findChild(QPlainTextEdit)
    assert shown is not None
    dialog.copy()
    for words in (shown.toPlainText(), QGuiApplication.clipboard().text()):
        assert "ValueError" in words
        assert "epk_secret123" not in words
        assert "7F3K-92QD" not in words


def test_reporting_a_problem(qtbot: QtBot, tmp_path: Path) -> None:
    """The button asks the application, which knows how."""
    dialog = CrashDialog("KeyError", tmp_path)
    qtbot.addWidget(dialog)
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == "&Report a problem")
    with qtbot.waitSignal(dialog.report_requested):
        button.click()


def test_about(qtbot: QtBot) -> None:
    """The version is there, and every package with its licence."""
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    table = dialog.findChild(QTableWidget)
    assert table is not None
    rows = {table.item(row, 0).text(): table.item(row, 2).text() for row in range(table.rowCount())}  # type: ignore[union-attr]
    assert "LGPL" in rows["PySide6_Essentials"]
    assert {"httpx", "keyring", "psutil", "orjson"} <= rows.keys()
    assert [name for name, licence in rows.items() if not licence] == []
    assert f"Version {__version__}" in [label.text() for label in dialog.findChildren(QLabel)]


def test_every_package_has_a_licence() -> None:
    """A package that states its licence in another way than those that we know must not slip through."""
    assert [part.name for part in parts() if not part.licence or not part.version] == []


def test_adding_a_program(qtbot: QtBot) -> None:
    """Typing narrows the list of running programs; what is typed counts, as programs are looked for."""
    parent = QPushButton()
    qtbot.addWidget(parent)
    dialog = AddProgram(parent)
    dialog.open()
    add = next(b for b in dialog.findChildren(QPushButton) if b.text() == texts.ADD)
    assert not add.isEnabled()
    dialog.name.setText("  Blender.EXE ")
    assert add.isEnabled()
    with qtbot.waitSignal(dialog.chosen) as told:
        add.click()
    assert told.args == ["blender"]
