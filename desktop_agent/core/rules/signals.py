"""What single readings say about the facts that the owner's rules are about, with the limits of each.

A reading that could not be had speaks for no fact; only the two facts about what cannot be told are made of those.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import messages
from ..sensors.base import GpuStatus, PowerState, Reading, Unknown
from ..settings import Settings
from .card import free_bytes, needed_bytes
from .latch import QUIET, SILENT, Signal

#: The card counts as free again below so many percent, or this share of the owner's limit if that is lower.
CARD_FREE_PERCENT = 10.0
CARD_FREE_SHARE = 0.4
#: The processor counts as free again below this share of the owner's limit.
PROCESSOR_FREE_SHARE = 0.6
#: Degrees Celsius below the owner's limit at which the card counts as cool again.
COOLER_CELSIUS = 8


@dataclass(frozen=True, slots=True)
class OurUse:
    """What we do with this PC ourselves, so that it is not taken for somebody else's doing."""

    #: An engine computes for us.
    working: bool = False
    #: Bytes of the smallest model on offer; None where no model on offer needs a graphics card.
    model_bytes: int | None = None
    #: A model that we loaded is in memory.
    model_loaded: bool = False


def away_unknown(idle_seconds: Reading[float]) -> Signal:
    """Nobody can tell how long this PC has not been touched."""
    if isinstance(idle_seconds, Unknown):
        return _flag(messages.rules.cannot_tell_away(idle_seconds.reason))
    return QUIET


def film(inhibitors: Reading[tuple[str, ...]]) -> Signal:
    """A program keeps the screen on."""
    if isinstance(inhibitors, Unknown) or not inhibitors:
        return QUIET
    return _flag(messages.rules.keeps_screen_on(inhibitors[0]))


def full_screen(reading: Reading[bool]) -> Signal:
    """A program fills the screen."""
    return _flag(messages.rules.FULL_SCREEN) if reading is True else QUIET


def battery(power: Reading[PowerState]) -> Signal:
    """This PC is not on mains."""
    on_battery = not isinstance(power, Unknown) and power.on_battery
    return _flag(messages.rules.ON_BATTERY) if on_battery else QUIET


def metered(reading: Reading[bool]) -> Signal:
    """Bytes cost money."""
    return _flag(messages.rules.METERED) if reading is True else QUIET


def exclusive(programs: Reading[frozenset[str]]) -> Signal:
    """A program runs beside which its owner wants nothing computed."""
    if isinstance(programs, Unknown) or not programs:
        return QUIET
    return _flag(messages.rules.exclusive_program(min(programs)))


def hot(card: GpuStatus | None, settings: Settings) -> Signal:
    """The card is as hot as its owner lets it be."""
    if card is None or card.temperature is None:
        return QUIET
    return Signal(
        above=card.temperature >= settings.hot_celsius,
        below=card.temperature <= settings.hot_celsius - COOLER_CELSIUS,
        reason=messages.rules.card_hot(card.temperature),
    )


def card_busy(card: GpuStatus | None, settings: Settings, ours: OurUse) -> Signal:
    """Others use the card."""
    if card is None:
        return SILENT
    percent = _others_percent(card, ours)
    if percent is None:
        return QUIET
    return Signal(
        above=percent > settings.gpu_busy_percent,
        below=percent < min(CARD_FREE_PERCENT, CARD_FREE_SHARE * settings.gpu_busy_percent),
        reason=messages.rules.card_busy(percent),
    )


def card_unknown(cards: Reading[tuple[GpuStatus, ...]], card: GpuStatus | None, silent_card: str) -> Signal:
    """Nobody can tell what others do with the card. `silent_card` is the id of one that did not tell while we worked.

    A PC without a card, and a card that sleeps, are known to be free.
    """
    if isinstance(cards, Unknown):
        return _flag(messages.rules.cannot_tell_card(cards.reason))
    if card is None or card.asleep:
        return QUIET
    silent = card.id == silent_card or (card.others_percent is None and card.load_percent is None)
    return _flag(messages.rules.cannot_tell_card(messages.rules.CARD_DOES_NOT_TELL)) if silent else QUIET


def processor_busy(percent: Reading[float], settings: Settings) -> Signal:
    """Others use the processor."""
    if isinstance(percent, Unknown):
        return SILENT if percent.reason is messages.rules.NO_SENSOR else QUIET
    return Signal(
        above=percent > settings.cpu_busy_percent,
        below=percent < PROCESSOR_FREE_SHARE * settings.cpu_busy_percent,
        reason=messages.rules.processor_busy(percent),
    )


def memory_short(card: GpuStatus | None, ours: OurUse) -> Signal:
    """The smallest model does not fit beside what must stay free. Once it is loaded, or being loaded, it does fit."""
    free = free_bytes(card)
    if card is None or free is None or ours.model_bytes is None or ours.model_loaded or ours.working:
        return QUIET
    needed = needed_bytes(card, ours.model_bytes)
    return _flag(messages.rules.memory_short(free, needed)) if free < needed else QUIET


def _others_percent(card: GpuStatus, ours: OurUse) -> float | None:
    """Give what others use of the card; while we do nothing, all its load is theirs."""
    if card.asleep:
        return None
    if card.others_percent is None and not ours.working:
        return card.load_percent
    return card.others_percent


def _flag(reason: str) -> Signal:
    return Signal(above=True, below=False, reason=reason)
