"""Sentences that the desktop shows for us, and about what it is told of us."""

from __future__ import annotations

from ..text import Text

COMMENT = Text("Lends this PC's graphics card to a pool while you are away")
LINK_NAME = Text("EmbedPool invite")
NOT_INSTALLED = Text(
    "EmbedPool runs from a place that the system will remove. Move it to the Applications folder, start it from there, "
    "and try again."
)
