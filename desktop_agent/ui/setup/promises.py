"""What joining means, in three lines: what is sent, what is not, and where the key stays."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ..labels import SecondaryLabel
from ..marks import Mark, Sign
from ..panel import INSET, Panel
from . import texts


class Promises(Panel):
    """A panel to read before joining."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(*INSET)
        column.setSpacing(8)
        self._key_place = SecondaryLabel(texts.KEY_PLACES.get(sys.platform, texts.KEY_PLACES["linux"]))
        for label in (SecondaryLabel(texts.GIVES), SecondaryLabel(texts.KEEPS), self._key_place):
            column.addLayout(_line(label))

    def say_key_in_file(self) -> None:
        """Say that its owner chose a file for the key."""
        self._key_place.say(texts.KEY_IN_FILE)


def _line(label: SecondaryLabel) -> QHBoxLayout:
    mark = Mark()
    mark.put(Sign.GOOD)
    line = QHBoxLayout()
    line.setSpacing(10)
    line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(label, 1)
    return line
