"""The cards of the window: one rounded surface each, with what one thing is and how it does."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ..core.text import Text
from .card_texts import Bar, CardView
from .icons import card_sign
from .labels import Label, SecondaryLabel, blend
from .language import shown
from .marks import Mark, Sign
from .panel import Panel
from .theme import Tone, line_colour

SIGN_PIXELS = 18
BAR_HEIGHT = 6
VALUE_SIZE, TITLE_SIZE, LINE_SIZE = 1.1, 0.95, 0.95
_MARKS = {Tone.BAD: Sign.BAD, Tone.CAUTION: Sign.ATTENTION}


class MeterBar(QWidget):
    """A share as a bar: what is ours in the accent colour, what others use in a weaker one."""

    def __init__(self) -> None:
        super().__init__()
        self._bar: Bar | None = None
        self.setFixedHeight(BAR_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def put(self, bar: Bar | None) -> None:
        """Show a share, or nothing."""
        if bar == self._bar:
            return
        self._bar = bar
        self.setVisible(bar is not None)
        if bar is not None:
            percent = Text("{name}: {percent} %", name=bar.name, percent=round(bar.filled * 100))
            self.setAccessibleName(shown(percent))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as the card allows."""
        return QSize(60, BAR_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the track and both shares."""
        if self._bar is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        accent = self.palette().color(QPalette.ColorRole.Accent)
        track = line_colour(self.palette())
        for share, colour in ((1.0, track), (self._bar.filled, blend(accent, track, 0.45)), (self._bar.ours, accent)):
            if share > 0:
                painter.setBrush(colour)
                width = max(BAR_HEIGHT, self.width() * min(1.0, share))
                painter.drawRoundedRect(QRectF(0, 0, width, BAR_HEIGHT), BAR_HEIGHT / 2, BAR_HEIGHT / 2)


class Card(Panel):
    """One card; `put` brings it up to date."""

    button_clicked = Signal()

    def __init__(self, title: Text, sign: str) -> None:
        super().__init__()
        self._title, self._sign = title, sign
        self._view: CardView | None = None
        self._picture = QLabel()
        self._mark = Mark()
        self._value = Label()
        self._value.setFont(_scaled(self._value, VALUE_SIZE, bold=True))
        self._bar = MeterBar()
        self._lines = SecondaryLabel()
        self._lines.setFont(_scaled(self._lines, LINE_SIZE))
        self._button = QPushButton()
        self._button.hide()
        self._button.clicked.connect(self.button_clicked)
        self._lay_out()
        self._draw_sign()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        title = SecondaryLabel(self._title, wraps=False)
        title.setFont(_scaled(title, TITLE_SIZE))
        top.addWidget(self._picture)
        top.addWidget(title)
        top.addStretch()
        top.addWidget(self._mark)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 13, 16, 14)
        layout.setSpacing(5)
        layout.addLayout(top)
        layout.addWidget(self._value)
        layout.addWidget(self._bar)
        layout.addWidget(self._lines)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)

    def put(self, view: CardView) -> None:
        """Show this; nothing is done where it is the same as before."""
        if view == self._view:
            return
        self._view = view
        lines = "\n".join(shown(line) for line in view.lines)
        self._value.say(view.value)
        self._lines.say(lines)
        self._lines.setVisible(bool(lines))
        self._bar.put(view.bar)
        self._mark.put(_MARKS.get(view.tone, Sign.NONE))
        self._button.setText(shown(view.button))
        self._button.setVisible(bool(view.button))
        self.setAccessibleName(shown(Text("{title}: {value}", title=self._title, value=view.value)))
        self.setAccessibleDescription(lines)

    def event(self, event: QEvent) -> bool:
        """Follow a change between light and dark, and to a screen of another scale."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.DevicePixelRatioChange):
            self._draw_sign()
        return super().event(event)

    def _draw_sign(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.Accent)
        self._picture.setPixmap(card_sign(self._sign, colour, SIGN_PIXELS, self.devicePixelRatioF()))


def _scaled(label: QLabel, size: float, *, bold: bool = False) -> QFont:
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * size)
    font.setWeight(QFont.Weight.DemiBold if bold else font.weight())
    return font
