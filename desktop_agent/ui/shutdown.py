"""The end of the program, however it comes: Quit, a signal, the end of the session. Work is given back first."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QSessionManager

log = logging.getLogger(__name__)

#: Signals that end the agent; Windows' Ctrl+Break and a closed console come as SIGBREAK.
STOP_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP") if hasattr(signal, name)
)
#: Milliseconds after which a session that said it would end counts as staying.
STAYED_MS = 30_000


class Shutdown(QObject):
    """Says once that the work is to be given back, and again when the session stayed after all."""

    #: Give the work back now: nothing of ours may run when the slots have returned.
    ending = Signal()
    #: The session did not end: somebody else refused, or its owner thought better of it.
    stayed = Signal()

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__()
        self._app = app
        self._wait = QTimer(self, singleShot=True, interval=STAYED_MS)
        self._wait.timeout.connect(self.stayed)
        # Log-out and shutdown; Windows' WM_QUERYENDSESSION and macOS' quit event come as this, too. The system waits
        # while the slot runs, and may end us without another word when it returns.
        app.commitDataRequest.connect(self._on_session_end)
        app.aboutToQuit.connect(self._on_quit)
        self._ear, self._mouth = socket.socketpair()
        self._notifier = QSocketNotifier(self._ear.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def listen_to_signals(self) -> None:
        """End on the system's signals. Qt's loop runs no Python by itself: a socket wakes it up."""
        self._mouth.setblocking(False)
        self._ear.setblocking(False)
        signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, _leave_it_to_the_socket)

    def close(self) -> None:
        """Let go of signals and sockets."""
        with contextlib.suppress(ValueError):  # not in the main thread, or not ours
            signal.set_wakeup_fd(-1)
        self._notifier.setEnabled(False)
        self._ear.close()
        self._mouth.close()

    def _on_signal(self) -> None:
        with contextlib.suppress(BlockingIOError):
            numbers = self._ear.recv(64)
            if any(number in numbers for number in STOP_SIGNALS):
                log.info("Asked to end by a signal")
                self._app.exit(0)

    def _on_session_end(self, manager: QSessionManager) -> None:
        log.info("The session ends")
        # Starting at log-in is its owner's choice, not the session's.
        manager.setRestartHint(QSessionManager.RestartHint.RestartNever)
        self.ending.emit()
        self._wait.start()

    def _on_quit(self) -> None:
        self._wait.stop()
        self.ending.emit()


def _leave_it_to_the_socket(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the number is in the socket already."""
