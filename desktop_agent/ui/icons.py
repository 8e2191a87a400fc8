"""Icons of the program, of its states and of its cards, made once and kept."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from ..core.state import AgentState
from .icon_shapes import draw_app, draw_card_sign, draw_state

#: Pixels. Panels over D-Bus are sent all of these; the large ones are for windows and for scaled screens.
SIZES = (16, 20, 22, 24, 32, 48, 64, 128, 256)


def picture(pixels: int, draw: Callable[[QPainter], None]) -> QPixmap:
    """Draw into a transparent square of so many pixels; `draw` sees one of side 1."""
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(pixels, pixels)
    draw(painter)
    painter.end()
    return pixmap


def _icon(draw: Callable[[QPainter], None]) -> QIcon:
    icon = QIcon()
    for pixels in SIZES:
        icon.addPixmap(picture(pixels, draw))
    return icon


@functools.cache
def state_icon(state: AgentState) -> QIcon:
    """Give a state's icon in colour; it is readable on light and on dark."""
    return _icon(functools.partial(draw_state, state=state, mono=False))


@functools.cache
def tray_icon(state: AgentState) -> QIcon:
    """Give a state's icon for the tray: on macOS a mask that the menu bar colours, elsewhere the coloured one."""
    return mask_icon(state) if sys.platform == "darwin" else state_icon(state)


def mask_icon(state: AgentState) -> QIcon:
    """Give a state's icon as a template: one colour, its sign cut out."""
    icon = _icon(functools.partial(draw_state, state=state, mono=True))
    icon.setIsMask(True)
    return icon


@functools.cache
def app_icon() -> QIcon:
    """Give the program's icon."""
    return _icon(draw_app)


def card_sign(sign: str, colour: QColor, pixels: int, ratio: float) -> QPixmap:
    """Draw a card's sign so many pixels wide on a screen of this scale."""
    pixmap = picture(round(pixels * ratio), lambda painter: draw_card_sign(painter, sign, colour))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
