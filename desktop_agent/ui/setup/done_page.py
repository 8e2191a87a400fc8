"""The end of the first run: what happens now."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...core.settings import Settings, WorkWhen
from ...core.text import Text
from ..labels import Label, SecondaryLabel, title
from . import texts

#: Edge of the picture, in pixels.
PICTURE = QSize(64, 64)


class DonePage(QWidget):
    """A picture and two sentences in the middle."""

    def __init__(self, picture: QIcon) -> None:
        super().__init__()
        image = QLabel()
        image.setPixmap(picture.pixmap(PICTURE, self.devicePixelRatioF()))
        self._title, self._next, self._thanks = title(texts.DONE_TITLE), Label(), SecondaryLabel(texts.DONE_THANKS)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addStretch(2)
        for widget in (image, self._title, self._next, self._thanks):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget)
        column.addStretch(3)

    def say(self, settings: Settings, *, again: bool, problem: str = "") -> None:
        """Say when the work begins, or, `again`, that all is as before; and what did not go well."""
        self._next.say(texts.DONE_AGAIN if again else next_words(settings))
        self._thanks.say(problem or texts.DONE_THANKS)


def next_words(settings: Settings) -> Text:
    """Say when the work begins, as these settings have it."""
    if settings.work_when is WorkWhen.AWAY:
        return texts.done_away(round(settings.away_minutes))
    return texts.DONE_ON_DEMAND if settings.work_when is WorkWhen.ON_DEMAND else texts.DONE_CARD_FREE
