"""Labels in the few looks that our windows use. They never read markup: names come from other people."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QWidget

from .language import shown

#: Size of a window's title and of a section's heading, as a share of the usual size.
TITLE_SIZE = 1.55
HEADING_SIZE = 1.0
#: Share of the text's own colour in secondary text: still 4.5:1 and more against the window, light and dark.
SECONDARY_SHARE = 0.72


def blend(front: QColor, back: QColor, share: float) -> QColor:
    """Mix two colours; `share` is how much of the front one stays, 0 to 1."""
    pairs = ((front.redF(), back.redF()), (front.greenF(), back.greenF()), (front.blueF(), back.blueF()))
    return QColor.fromRgbF(*(share * one + (1 - share) * other for one, other in pairs))


class Label(QLabel):
    """Plain text that wraps; a screen reader and the mouse can get at it."""

    def __init__(self, text: str = "", *, wraps: bool = True) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        self.say(text)

    def say(self, text: str) -> None:
        """Show a sentence in the reader's language."""
        if self.text() != (words := shown(text)):
            self.setText(words)


class SecondaryLabel(Label):
    """Words of lesser weight; their colour follows the palette."""

    def __init__(self, text: str = "", *, wraps: bool = True) -> None:
        super().__init__(text, wraps=wraps)
        self._recolour()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.ParentChange, QEvent.Type.StyleChange):
            self._recolour()

    def _recolour(self) -> None:
        parent = self.parentWidget()
        around = QPalette() if parent is None else parent.palette()
        text, window = around.color(QPalette.ColorRole.WindowText), around.color(QPalette.ColorRole.Window)
        colour = blend(text, window, SECONDARY_SHARE)
        palette = QPalette(self.palette())
        if palette.color(QPalette.ColorRole.WindowText) != colour:
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)


def title(text: str) -> Label:
    """Make the one big line of a window."""
    return _bold(Label(text), TITLE_SIZE)


def heading(text: str) -> Label:
    """Make the line above a group of things."""
    return _bold(Label(text), HEADING_SIZE)


def _bold(label: Label, size: float) -> Label:
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * size)
    font.setBold(True)
    label.setFont(font)
    return label


def field_label(text: str, buddy: QWidget) -> QLabel:
    """Make the label of a field; its underlined letter leads there."""
    label = QLabel(shown(text))
    label.setBuddy(buddy)
    return label
