"""Sentences about why this PC does not work now, by the rules of its owner."""

from __future__ import annotations

from ..text import Moment, Text

USING = Text("You are using this PC.")
ON_BATTERY = Text("On battery.")
FULL_SCREEN = Text("A full-screen app is running.")
METERED = Text("The internet connection costs by the byte (metered).")
REMOTE = Text("Somebody uses this PC from another one.")
CARD_ASLEEP = Text("The graphics card sleeps to save the battery.")
ON_DEMAND = Text("Only when you press Work now.")
LOOKING = Text("Looking at what else this PC is doing.")
NO_HOURS = Text("Your hours leave no time for work. Choose some in the settings.")
CARD_DOES_NOT_TELL = Text("The graphics card does not tell while EmbedPool uses it.")

#: Why a sensor could not tell.
NO_SENSOR = Text("There is no way to tell on this system.")
NOT_READ_YET = Text("It has not been looked at yet.")
NO_ANSWER = Text("The system does not answer.")
ANSWER_TOO_OLD = Text("The last answer of the system is too old.")


def sensor_broke(what: str) -> Text:
    """Say that a sensor failed in a way that nobody foresaw."""
    return Text("Asking the system failed ({what}).", what=what)


def starts_after(minutes: int, minutes_left: int) -> Text:
    """Say when work begins if nobody touches this PC."""
    return Text.counted(
        "Starts after {n} minute without keyboard or mouse, in {left} min.",
        "Starts after {n} minutes without keyboard or mouse, in {left} min.",
        n=minutes,
        left=minutes_left,
    )


def cannot_tell_away(why: str) -> Text:
    """Say that the rule about being away cannot be kept, and why."""
    return Text("EmbedPool cannot tell when you are away on this desktop: {why}", why=why)


def cannot_tell_card(why: str) -> Text:
    """Say that the rule about the graphics card cannot be kept, and why."""
    return Text("EmbedPool cannot tell whether another program uses the graphics card: {why}", why=why)


def card_busy(percent: float) -> Text:
    """Say how much others use the graphics card."""
    return Text("Another program is using the graphics card ({percent} %).", percent=round(percent))


def processor_busy(percent: float) -> Text:
    """Say how much others use the processor."""
    return Text("Other programs are using the processor ({percent} %).", percent=round(percent))


def card_hot(celsius: float) -> Text:
    """Say how hot the graphics card is."""
    return Text("The graphics card is hot ({celsius} °C).", celsius=round(celsius))


def outside_hours(until: float) -> Text:
    """Say when the owner's hours begin (seconds since 1970)."""
    return Text("Outside your hours, until {time}.", time=Moment(until))


def exclusive_program(program: str) -> Text:
    """Name the program beside which nothing is computed."""
    return Text("{program} is running.", program=program)


def keeps_screen_on(program: str) -> Text:
    """Name who keeps the screen from going dark."""
    return Text("{program} keeps the screen on, as films and calls do.", program=program)


def memory_short(free_bytes: int, needed_bytes: int) -> Text:
    """Say how much graphics memory is free, and how much must be; in GB as people write them."""
    return Text(
        "Not enough free graphics memory: {free} GB of {needed} GB.",
        free=round(free_bytes / 1e9, 1),
        needed=round(needed_bytes / 1e9, 1),
    )


def over(reason: str, until: float) -> Text:
    """Say that a reason seems to be over, and until when that is being made sure of (seconds since 1970)."""
    return Text("{reason} That seems to be over; work goes on at {time} if it is.", reason=reason, time=Moment(until))


def not_kept_awake(asked: str) -> Text:
    """Say that the PC may go to sleep while it works, and who was asked in vain to prevent it."""
    if not asked:
        return Text("EmbedPool cannot keep this PC awake: the system offers no way.")
    return Text("EmbedPool cannot keep this PC awake: it was refused by {asked}.", asked=asked)
