"""Exceptions that nothing caught are logged, shown once, and hold no secret."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer, qInstallMessageHandler, qWarning
from pytestqt.qtbot import QtBot

from desktop_agent.ui.crashes import Crashes, log_qt_messages


@pytest.fixture
def crashes() -> Iterator[Crashes]:
    crashes = Crashes()
    yield crashes
    crashes.uninstall()


def test_the_first_is_shown_and_all_are_logged(crashes: Crashes, caplog: pytest.LogCaptureFixture) -> None:
    """A second dialog would only be in the way of the first."""
    reports: list[str] = []
    crashes.happened.connect(reports.append)
    crashes.report(ValueError("first with ep_inv_9c1dA"))
    crashes.report(ValueError("second"))
    assert len(reports) == 1
    assert "ValueError: first" in reports[0]
    assert "9c1dA" not in reports[0]
    assert len([record for record in caplog.records if record.levelno == logging.CRITICAL]) == 2


@pytest.mark.qt_no_exception_capture
def test_a_slot_and_a_thread_that_break_are_heard(
    crashes: Crashes, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a slot's nor a thread's exception is lost."""
    crashes.install()

    def broken() -> None:
        raise ZeroDivisionError("in a slot")

    with qtbot.waitSignal(crashes.happened) as told:
        QTimer.singleShot(0, broken)
    assert "in a slot" in told.args[0]
    thread = threading.Thread(target=lambda: 1 // 0)
    thread.start()
    thread.join()
    assert len([record for record in caplog.records if record.levelno == logging.CRITICAL]) == 2


@pytest.mark.no_qt_log
def test_qts_words_are_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """What Qt warns of is found where everything else is."""
    log_qt_messages()
    try:
        qWarning("something odd")
    finally:
        qInstallMessageHandler(None)
    assert [(record.name, record.levelno) for record in caplog.records] == [("qt", logging.WARNING)]
    assert "something odd" in caplog.text
