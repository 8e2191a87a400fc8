"""Colours and looks: a calm palette of our own where Qt draws everything itself, the system's style elsewhere."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from string import Template

from PySide6.QtCore import QOperatingSystemVersion, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from .indicators import IndicatorStyle

_Role = QPalette.ColorRole
_Group = QPalette.ColorGroup
_STYLE_SHEET = Path(__file__).parent / "assets" / "theme.qss"


@dataclass(frozen=True, slots=True)
class Shades:
    """The colours of one scheme, as #rrggbb."""

    window: str
    surface: str
    raised: str
    line: str
    text: str
    quiet: str
    faint: str
    accent: str
    button: str
    button_over: str


LIGHT = Shades(
    window="#f3f5f8",
    surface="#ffffff",
    raised="#ffffff",
    line="#d8dee6",
    text="#18212c",
    quiet="#566270",
    faint="#9aa5b1",
    accent="#2463c4",
    button="#2463c4",
    button_over="#1d54a8",
)
DARK = Shades(
    window="#191d23",
    surface="#23282f",
    raised="#2d333c",
    line="#3b434e",
    text="#e8ecf1",
    quiet="#a5b0bc",
    faint="#6d7885",
    accent="#6ea8fa",
    button="#2f6fd0",
    button_over="#3d7ddd",
)


class Tone(StrEnum):
    """What a colour says; it never says it alone."""

    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    NEUTRAL = "neutral"


#: On light and on dark surfaces; each at least 4.5:1 there.
_TONES = {
    Tone.GOOD: ("#1c7a44", "#5ecb8c"),
    Tone.CAUTION: ("#8a5a00", "#eab04c"),
    Tone.BAD: ("#b3261e", "#ff8f86"),
    Tone.NEUTRAL: ("#566270", "#a5b0bc"),
}


def is_dark(palette: QPalette) -> bool:
    """Tell whether this palette is light on dark."""
    return palette.color(_Role.Window).lightnessF() < palette.color(_Role.WindowText).lightnessF()


def tone(kind: Tone, palette: QPalette) -> QColor:
    """Give the colour that says this on the palette's surfaces."""
    return QColor(_TONES[kind][is_dark(palette)])


def line_colour(palette: QPalette) -> QColor:
    """Give the colour of thin lines around cards and below headings."""
    return QColor((DARK if is_dark(palette) else LIGHT).line)


def has_native_look() -> bool:
    """Tell whether the system has a modern style of its own that Qt can draw: macOS and Windows 11."""
    if sys.platform == "darwin":
        return True
    return QOperatingSystemVersion.current() >= QOperatingSystemVersion.Windows11 and sys.platform == "win32"


def use_theme(app: QApplication) -> None:
    """Give the application its look and keep it in step with the system's light or dark scheme."""
    if not has_native_look():
        app.setStyle(IndicatorStyle())
    use_scheme(app, app.styleHints().colorScheme())
    app.styleHints().colorSchemeChanged.connect(lambda scheme: use_scheme(app, scheme))


def set_look(widget: QWidget, look: str) -> None:
    """Mark a widget for the style sheet: "main" for the one button that matters, "link", "flat"."""
    widget.setProperty("look", look)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def use_scheme(app: QApplication, scheme: Qt.ColorScheme) -> None:
    """Colour everything for light or dark; what is already on the screen follows."""
    shades = DARK if scheme is Qt.ColorScheme.Dark else LIGHT
    if has_native_look():
        # Only the colour of secondary text: the systems' own is too weak to read.
        palette = QPalette()
        palette.setColor(_Role.PlaceholderText, QColor(shades.quiet))
        app.setPalette(palette)
        return
    app.setPalette(_palette(shades))
    app.setStyleSheet(_style_sheet(shades))


def _palette(shades: Shades) -> QPalette:
    palette = QPalette(QColor(shades.raised), QColor(shades.window))
    roles = {
        _Role.Window: shades.window,
        _Role.Base: shades.surface,
        _Role.AlternateBase: shades.window,
        _Role.Button: shades.raised,
        _Role.WindowText: shades.text,
        _Role.Text: shades.text,
        _Role.ButtonText: shades.text,
        _Role.ToolTipBase: shades.raised,
        _Role.ToolTipText: shades.text,
        _Role.PlaceholderText: shades.quiet,
        _Role.Mid: shades.line,
        _Role.Highlight: shades.button,
        _Role.HighlightedText: "#ffffff",
        _Role.Accent: shades.accent,
        _Role.Link: shades.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText):
        palette.setColor(_Group.Disabled, role, QColor(shades.faint))
    return palette


def _style_sheet(shades: Shades) -> str:
    """Give the looks that Fusion has no palette role for."""
    return Template(_STYLE_SHEET.read_text("utf-8")).substitute(asdict(shades))
