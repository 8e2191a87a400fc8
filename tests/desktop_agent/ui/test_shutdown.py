"""The end, however it comes: the work is given back first, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_agent.ui.shutdown import STOP_SIGNALS, Shutdown

_PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from desktop_agent.ui.shutdown import Shutdown

app = QApplication([])
shutdown = Shutdown(app)
shutdown.ending.connect(lambda: print("given back", flush=True))
shutdown.listen_to_signals()
QTimer.singleShot(0, lambda: print("up", flush=True))
sys.exit(app.exec())
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_ends_in_order(number: signal.Signals) -> None:
    """Qt's loop runs no Python while nothing happens; the signal is noticed all the same."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen([sys.executable, "-c", _PROGRAM], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(number)
        assert process.stdout.read() == b"given back\n"
        assert process.wait(30) == 0


def test_a_session_that_stays(qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a log-out that was called off it is told to go on; after a real end it is not."""
    monkeypatch.setattr("desktop_agent.ui.shutdown.STAYED_MS", 0)
    shutdown = Shutdown(qapp)
    told: list[str] = []
    shutdown.ending.connect(lambda: told.append("ending"))

    class Manager:
        hint: object = None

        def setRestartHint(self, hint: object) -> None:  # noqa: N802
            self.hint = hint

    manager = Manager()
    with qtbot.waitSignal(shutdown.stayed):
        shutdown._on_session_end(manager)  # type: ignore[arg-type]
    assert told == ["ending"]
    assert str(manager.hint).endswith("RestartNever")
    shutdown._on_session_end(manager)  # type: ignore[arg-type]
    with qtbot.assertNotEmitted(shutdown.stayed, wait=50):
        shutdown._on_quit()
    assert told == ["ending"] * 3
    shutdown.close()
