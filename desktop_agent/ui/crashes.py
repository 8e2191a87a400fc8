"""Exceptions that nobody expected: logged, and shown once with a report that can be copied."""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from ..core import messages
from ..core.errors import NoWindows
from ..core.logs import redact

log = logging.getLogger(__name__)
qt_log = logging.getLogger("qt")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Crashes(QObject):
    """Hears of every exception of this process that nothing caught, in whichever thread."""

    #: The traceback, without secrets. Emitted in the thread of the exception, at the first one only: more would only
    #: bury it.
    happened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._told = threading.Lock()

    def install(self) -> None:
        """Hear of exceptions in this thread's loop, in its slots, and in all other threads."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def uninstall(self) -> None:
        """Leave it to Python again."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def report(self, error: BaseException) -> None:
        """Log an exception, and show it if it is the first."""
        log.critical("An unexpected error", exc_info=error)
        if self._told.acquire(blocking=False):
            self.happened.emit(redact("".join(traceback.format_exception(error))))

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, Exception):
            sys.__excepthook__(kind, error, trace)
            return
        self.report(error)

    def _on_thread_exception(self, told: threading.ExceptHookArgs) -> None:
        if isinstance(told.exc_value, Exception):
            self.report(told.exc_value)


def log_qt_messages() -> None:
    """Write what Qt has to say into the log, with the secrets taken out there.

    What Qt calls fatal ends the program in any case, as a crash that nobody can read. Here it ends with words and 1:
    mostly there is no screen.
    """
    qInstallMessageHandler(_on_qt_message)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
    qt_log.log(_LEVELS.get(kind, logging.WARNING), "%s: %s", context.category or "default", text)
    if kind == QtMsgType.QtFatalMsg:
        error = NoWindows(messages.running.NO_DISPLAY)
        if sys.stderr is not None:
            print(f"{error.title}.", error.message, error.hint, sep="\n", file=sys.stderr, flush=True)  # noqa: T201
        logging.shutdown()
        os._exit(1)
