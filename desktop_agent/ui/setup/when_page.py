"""The third step: when this PC may work, and whether EmbedPool starts by itself."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QSystemTrayIcon, QVBoxLayout, QWidget

from ...core.settings import Settings, WorkWhen
from ...core.text import Text
from ..labels import SecondaryLabel, title
from ..language import shown
from ..panel import INSET, Panel
from ..settings import texts as settings_texts
from ..settings.choices import WhenChoices
from . import texts

_TRAY_HINTS = {"win32": texts.TRAY_WINDOWS, "darwin": texts.TRAY_MAC}


class WhenPage(QWidget):
    """Only asks; the window writes the answers down when its person finishes."""

    def __init__(self, tray_available: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable) -> None:
        super().__init__()
        self._tray_available = tray_available
        self._away_hint, self._tray_hint = SecondaryLabel(), SecondaryLabel()
        self.choices = WhenChoices(self._away_hint)
        self.start_at_login = QCheckBox(shown(settings_texts.START_AT_LOGIN))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(title(texts.WHEN_TITLE))
        column.addWidget(SecondaryLabel(texts.WHEN_INTRO))
        column.addWidget(self._answers())
        column.addWidget(self._tray_hint)
        column.addStretch(1)
        column.addWidget(SecondaryLabel(texts.NOTHING_YET))

    def _answers(self) -> Panel:
        panel = Panel()
        column = QVBoxLayout(panel)
        column.setContentsMargins(*INSET)
        column.setSpacing(6)
        column.addWidget(self.choices)
        column.addWidget(self.start_at_login)
        return panel

    def begin(self, settings: Settings, *, start_at_login: bool) -> None:
        """Show what is chosen now, or suggested."""
        self.start_at_login.setChecked(start_at_login)
        self.choices.put(settings.work_when if settings.work_when in self.choices.buttons else WorkWhen.AWAY)
        self._away_hint.say(texts.away_hint(round(settings.away_minutes)))
        self._tray_hint.say(tray_hint(sys.platform, there=self._tray_available()))


def tray_hint(system: str, *, there: bool) -> Text:
    """Say where EmbedPool is to be found on this system (a `sys.platform`)."""
    return _TRAY_HINTS.get(system, texts.TRAY_LINUX) if there else texts.TRAY_NONE
