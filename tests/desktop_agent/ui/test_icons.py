"""Icons: every size is there, every state has a shape of its own, and all are readable on light and on dark."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage

from desktop_agent.core.state import AgentState
from desktop_agent.ui.icon_shapes import STATE_COLOURS
from desktop_agent.ui.icons import SIZES, app_icon, mask_icon, state_icon
from desktop_agent.ui.notify_dbus import ICON

pytestmark = pytest.mark.usefixtures("qapp")
#: Panels that are white, and the dark grey of most dark ones.
PANELS = ("#ffffff", "#222222")


def image(icon: QIcon, pixels: int) -> QImage:
    return icon.pixmap(QSize(pixels, pixels), 1.0).toImage()


def shape(icon: QIcon, pixels: int) -> list[bool]:
    """Give where the icon is opaque, without any colour."""
    drawn = image(icon, pixels)
    return [drawn.pixelColor(x, y).alpha() > 127 for y in range(pixels) for x in range(pixels)]


def luminance(colour: QColor) -> float:
    """Give WCAG's relative luminance."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_size_is_drawn() -> None:
    """None is made by scaling another."""
    for made in [app_icon(), *map(state_icon, AgentState), *map(mask_icon, AgentState)]:
        assert {size.width() for size in made.availableSizes()} == set(SIZES)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(AgentState, 2)))
def test_states_differ_by_shape(one: AgentState, other: AgentState) -> None:
    """Told apart without any colour, even at 16 pixels: the masks differ in enough pixels."""
    pairs = zip(shape(mask_icon(one), 16), shape(mask_icon(other), 16), strict=True)
    assert sum(a != b for a, b in pairs) >= 16 * 16 * 0.035


@pytest.mark.parametrize("state", AgentState)
@pytest.mark.parametrize("panel", PANELS)
def test_readable_on_light_and_on_dark(state: AgentState, panel: str) -> None:
    """3:1, as WCAG wants it for graphics."""
    assert contrast(STATE_COLOURS[state], panel) >= 3.0


def test_the_mask_is_a_template() -> None:
    """One colour, with the sign cut out, and marked for macOS to colour."""
    icon = mask_icon(AgentState.PAUSED)
    assert icon.isMask()
    assert image(icon, 64).pixelColor(25, 32).alpha() == 0
    assert not state_icon(AgentState.PAUSED).isMask()


def test_the_svg_is_the_same_icon() -> None:
    """The file for packages is well-formed and where notifications point to."""
    assert ICON.startswith("file://")
    root = ElementTree.parse(ICON.removeprefix("file://")).getroot()
    assert root.tag.endswith("svg")
