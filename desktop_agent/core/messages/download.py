"""Sentences about downloading a model."""

from __future__ import annotations

from ..text import Text

ALREADY_DOWNLOADING = Text("Another model is being downloaded. Wait for it, or stop it first.")
STOPPED = Text("Stopped. What has arrived is kept: the next download goes on from there.")
BROKE_OFF = Text(
    "The connection to Ollama broke off. What has arrived is kept: download again, and it goes on from there."
)
NO_INTERNET = Text(
    "Ollama cannot reach its library. Check this PC's connection, then download again; it goes on where it stopped."
)


def no_name(name: str) -> Text:
    """Say that this cannot be a model's name."""
    return Text("“{name}” is not a model's name. It looks like nomic-embed-text or qwen2.5:7b.", name=name[:80])


def unknown_model(model: str) -> Text:
    """Say that Ollama's library has no such model."""
    return Text("There is no model {model} in Ollama's library. Check its name.", model=model)


def disk_full(model: str) -> Text:
    """Say that the model does not fit on the disk."""
    return Text(
        "The disk is full: {model} could not be stored. Make room, then download again; it goes on where it stopped.",
        model=model,
    )


def stands_still(seconds: int) -> Text:
    """Say that nothing arrives any more."""
    return Text(
        "Nothing has arrived for {seconds} s. Check this PC's connection, then download again; it goes on where it "
        "stopped.",
        seconds=seconds,
    )


def ollama_too_old_for(model: str) -> Text:
    """Say that the model needs a newer Ollama."""
    return Text("{model} needs a newer Ollama than the one on this PC. Update Ollama first.", model=model)


def failed(model: str, reason: str) -> Text:
    """Say that the download failed for another reason, in Ollama's words."""
    return Text("{model} could not be downloaded: {reason}.", model=model, reason=reason)
