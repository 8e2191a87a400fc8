"""Sentences about starting, ending and asking the program itself."""

from __future__ import annotations

from ..text import Moment, Text

HINT_HEADLESS = Text("To work without windows, say “run --headless”.")
NO_DISPLAY = Text("There is no screen here to show windows on.")
ALREADY_SHOWN = Text("EmbedPool is running already; it shows its window now.")
ALREADY_RUNNING = Text("EmbedPool is running already.")
LINK_HANDED_OVER = Text("EmbedPool is running already; it shows the invite now.")
QUIT_DONE = Text("EmbedPool has ended.")
QUIT_NOT_NEEDED = Text("EmbedPool is not running.")
NOT_ENDING = Text("EmbedPool was asked to end and has not done so yet.")


def no_windows(reason: str) -> Text:
    """Say that the part with the windows is not there."""
    return Text("The windows cannot be shown: {reason}.", reason=reason)


def headless_runs(folder: object) -> Text:
    """Say that whatever runs has no ear for us."""
    return Text(
        "An agent without windows is running with the folder {folder}. End it where it was started, then try again.",
        folder=str(folder),
    )


def working_now(until: float) -> Text:
    """Say until when the owner's being there does not count."""
    return Text("Working now, until {time} at the latest, even while you use this PC.", time=Moment(until))
