"""Qt's application, set up once: who we are to the desktop, what we look like, and whose language we speak."""

from __future__ import annotations

import os
import sys

from PySide6.QtWidgets import QApplication

from .. import __version__
from ..core import messages
from ..core.errors import NoWindows
from .crashes import log_qt_messages
from .icons import app_icon
from .language import use_language
from .theme import use_theme

#: The name of our desktop entry, of our icon, and of our windows to the desktop.
APP_ID = "io.embedpool.Agent"
#: Variables one of which tells Qt where to draw, where nothing else does.
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def make_app() -> QApplication:
    """Make the application; raises NoWindows where there is no screen."""
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _SCREENS):
        raise NoWindows(messages.running.NO_DISPLAY)
    log_qt_messages()
    QApplication.setApplicationName("embedpool-agent")
    QApplication.setApplicationDisplayName("EmbedPool")
    QApplication.setApplicationVersion(__version__)
    # Before the first window: docks find our icon, and notifications us, by this name.
    QApplication.setDesktopFileName(APP_ID)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    use_language()
    use_theme(app)
    app.setWindowIcon(app_icon())
    return app
