"""The windows are tested without a screen, in English and in our own look; those that need a real desktop start one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop_agent.ui.language import use_language
from desktop_agent.ui.theme import use_theme
from tests.desktop_session import bare, buses, tray_session, x_session

os.environ["QT_QPA_PLATFORM"] = "offscreen"
__all__ = ["bare", "buses", "tray_session", "x_session"]


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """Give the application as it is started: in English here, with our look."""
    use_language("en")
    use_theme(qapp)
    qapp.setQuitOnLastWindowClosed(False)
    return qapp


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pass what Qt's plugin for no screen says of every window: that there is no window manager to tell."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("^This plugin does not support", extend=True))
