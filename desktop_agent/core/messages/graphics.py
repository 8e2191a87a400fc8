"""Sentences about graphics cards."""

from __future__ import annotations

from ..text import Text

#: What a card is called that does not tell its name.
NVIDIA_CARD = Text("NVIDIA graphics card")
AMD_CARD = Text("AMD graphics card")
CARD = Text("Graphics card")

NVIDIA_DRIVER_UPDATED = Text("The NVIDIA driver was updated. Restart this PC to go on.")
NVIDIA_NO_PERMISSION = Text("The NVIDIA driver lets this program see nothing of the graphics card.")
WINDOWS_COUNTERS_FAILED = Text("Windows' counters do not tell how busy the graphics card is.")
MAC_TOOL_FAILED = Text("macOS does not tell how busy the graphics card is.")


def nvidia_failed(reason: str) -> Text:
    """Say that the driver had an accident."""
    return Text("The NVIDIA driver does not answer as it should ({reason}).", reason=reason)
