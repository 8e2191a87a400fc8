"""Sentences about what the agent does, and why."""

from __future__ import annotations

from collections.abc import Iterable

from ..text import Moment, Text

NOT_JOINED = Text("This PC belongs to no pool yet. Join one with the invite link that you got from it.")
PAUSED = Text("Paused until you resume. Your PC takes no work.")
FINISHING = Text("Finishing what is under way, then paused.")
READY = Text("Ready. The queue is empty.")
RESUMED = Text("Resumed. Your PC takes work again.")
NOT_PAUSED = Text("It was not paused.")
NOT_RUNNING = Text("EmbedPool is not running on this PC.")
LEFT_POOL = Text("This PC has left the pool.")
STARTING = Text("Starting.")
STOPPED = Text("The agent has been stopped.")
OUR_MISTAKE = Text("The agent made a mistake; its log has the details.")
_SKIPPED = {
    "model_class_differs": Text("the pool uses another version of the model"),
    "already_failed_here": Text("this PC could not do them before"),
    "not_offered": Text("they need models that this PC does not have"),
    "not_trusted": Text("the pool gives them only to PCs that its operator knows"),
    "capacity_reached": Text("this PC has as much as it said it can do"),
    "agent_paused": Text("the pool paused this PC"),
}


def offline(problem: str, wait_seconds: float | None) -> Text:
    """Say what is wrong with the connection and when the next try is."""
    if wait_seconds is None:
        return Text("{problem}", problem=problem)
    return Text("{problem} Trying again in {seconds} s.", problem=problem, seconds=max(1, round(wait_seconds)))


def snoozed(until: float) -> Text:
    """Say until when there is a break, in the PC's own time."""
    return Text("Paused until {time}. Your PC takes no work.", time=Moment(until))


def working(model: str, texts_per_minute: int) -> Text:
    """Say what is being computed, and how fast."""
    return Text.counted(
        "Working: {model} · {n} text per minute",
        "Working: {model} · {n} texts per minute",
        texts_per_minute,
        model=model,
    )


def chatting(model: str, seconds: float) -> Text:
    """Say which model answers a chat, and for how long it has been at it."""
    return Text("Working: {model} answers a chat, for {seconds} s now", model=model, seconds=max(0, int(seconds)))


def ready(skipped: Iterable[tuple[str, int]]) -> Text:
    """Say that there is nothing to do, and why waiting tasks are not for this PC."""
    reasons = why_not_ours(skipped)
    if not reasons:
        return READY
    return Text("Ready. Tasks wait, but not for this PC: {reasons}.", reasons=reasons)


def why_not_ours(skipped: Iterable[tuple[str, int]]) -> Text:
    """Say how many of the waiting tasks are not for this PC, and why; empty when there are none."""
    parts = [Text("{count} because {why}", count=count, why=_SKIPPED.get(reason, reason)) for reason, count in skipped]
    return Text.joined("; ", parts)


def paused_by_pool(why: str) -> Text:
    """Say that the pool's operator wants no work of this PC for now, with the operator's own words."""
    if why:
        return Text("Ready, but the pool's operator has paused this PC: {why}", why=why)
    return Text("Ready, but the pool's operator has paused this PC.")
