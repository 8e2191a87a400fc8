"""From readings to settled facts: what must hold for a while before it counts, so that nothing flickers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .. import messages
from ..sensors.base import GpuStatus, Reading, SessionState, Surroundings, Unknown
from ..settings import Settings
from . import signals
from .card import chosen_card
from .latch import Latch, Obstacle, Timing
from .signals import OurUse

#: Back on mains, a plug may still be moved: work goes on after so many seconds.
BATTERY = Timing(calm=60.0)
#: A game that ends may only change its window, or be started again.
FULL_SCREEN = Timing(calm=15.0)
EXCLUSIVE = Timing(calm=15.0)
#: Between two films, and between a call and the next ring.
FILM = Timing(calm=60.0)
#: A laptop that moves changes networks more than once.
METERED = Timing(calm=60.0)
#: A card cools in seconds once the work stops, and is as hot again soon after: its case must cool too.
HOT = Timing(calm=300.0)
#: A page that scrolls is no game, and a game that loads has not ended.
CARD_BUSY = Timing(after=10.0, calm=60.0, first=10.0)
PROCESSOR_BUSY = Timing(after=20.0, calm=60.0, first=20.0)
#: Memory that was just freed may be taken again by the same program.
MEMORY_SHORT = Timing(calm=10.0)
#: A sensor that answers now and then is not one to rely on.
CANNOT_TELL = Timing(calm=30.0)

#: Seconds of a locked screen without input that count as away: who locks it leaves.
LOCKED_SECONDS = 60.0
#: Seconds since the last input for which the owner is told "you are using this PC", not when work begins.
USING_SECONDS = 60.0
#: Seconds for which a card may not tell what others do with it while we work: the first figures take a moment.
SILENT_SECONDS = 10.0
#: Readings so many seconds apart have a sleep of this PC between them.
SLEPT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Settled:
    """What stands in the way of work, each fact by itself; None where it does not. The owner's rules say which count.

    A fact whose sensor cannot tell is None, save for the two that say so: `away_unknown` and `card_unknown`.
    """

    #: Input a moment ago; the end is when this PC counts as left.
    using: Obstacle | None = None
    #: No input for a while, but not for long enough.
    not_away_yet: Obstacle | None = None
    away_unknown: Obstacle | None = None
    remote: Obstacle | None = None
    film: Obstacle | None = None
    full_screen: Obstacle | None = None
    battery: Obstacle | None = None
    #: The graphics card is powered down, on battery.
    card_asleep: Obstacle | None = None
    metered: Obstacle | None = None
    exclusive: Obstacle | None = None
    hot: Obstacle | None = None
    card_busy: Obstacle | None = None
    card_unknown: Obstacle | None = None
    processor_busy: Obstacle | None = None
    memory_short: Obstacle | None = None
    #: The sensors were not read yet: nothing is known, and nothing may be done.
    not_looked: Obstacle | None = None


#: What is settled before the first reading.
NOT_LOOKED = Settled(not_looked=Obstacle(messages.rules.LOOKING))


class Dwell:
    """Settles facts over time. It asks no sensor and knows no clock."""

    def __init__(self) -> None:
        #: When the last readings came, in seconds since 1970.
        self._last: float | None = None
        #: Since when this PC is awake, in seconds of the monotonic clock; input before it is not counted.
        self._awake_since = float("-inf")
        #: The card that did not tell what others do while we worked. It would look free again whenever we stop, and
        #: work would begin and end every minute: from then on it counts as one that does not tell.
        self._silent_card = ""
        #: Since when it has not told.
        self._silent_since: float | None = None
        self._start_anew()

    def settle(self, seen: Surroundings, settings: Settings, ours: OurUse, now: float) -> Settled:
        """Take in what the sensors said at `seen.at`, which is `now` (seconds since 1970); give what holds.

        Call it for every reading, at least every 30 s: a longer gap counts as a sleep of this PC, after which nothing
        is taken for known and the time without input is counted from its end.
        """
        self._notice_sleep(seen.at, now)
        self._feed(seen, settings, ours)
        card = _card(seen, settings)
        given = {name: latch.obstacle(seen.at, now) for name, latch in self._latches.items()}
        asleep = Obstacle(messages.rules.CARD_ASLEEP) if card and card.asleep and given["battery"] else None
        using, not_away_yet = self._presence(seen, settings, now)
        return Settled(
            using=using, not_away_yet=not_away_yet, remote=_remote(seen.session), card_asleep=asleep, **given
        )

    def _start_anew(self) -> None:
        self._latches = {
            "away_unknown": Latch(CANNOT_TELL),
            "film": Latch(FILM),
            "full_screen": Latch(FULL_SCREEN),
            "battery": Latch(BATTERY),
            "metered": Latch(METERED),
            "exclusive": Latch(EXCLUSIVE),
            "hot": Latch(HOT),
            "card_busy": Latch(CARD_BUSY),
            "card_unknown": Latch(CANNOT_TELL),
            "processor_busy": Latch(PROCESSOR_BUSY),
            "memory_short": Latch(MEMORY_SHORT),
        }

    def _notice_sleep(self, at: float, now: float) -> None:
        """Look at the clock on the wall: on some systems the monotonic one stands still while the PC sleeps."""
        if self._last is not None and abs(now - self._last) > SLEPT_SECONDS:
            self._start_anew()
            self._awake_since = at
        self._last = now

    def _feed(self, seen: Surroundings, settings: Settings, ours: OurUse) -> None:
        card = _card(seen, settings)
        self._notice_silence(card, ours, seen.at)
        read = {
            "away_unknown": signals.away_unknown(seen.idle_seconds),
            "film": signals.film(seen.inhibitors),
            "full_screen": signals.full_screen(seen.full_screen),
            "battery": signals.battery(seen.power),
            "metered": signals.metered(seen.metered),
            "exclusive": signals.exclusive(seen.exclusive),
            "hot": signals.hot(card, settings),
            "card_busy": signals.card_busy(card, settings, ours),
            "card_unknown": signals.card_unknown(seen.gpus, card, self._silent_card),
            "processor_busy": signals.processor_busy(seen.cpu_by_others, settings),
            "memory_short": signals.memory_short(card, ours),
        }
        for name, signal in read.items():
            self._latches[name].step(signal, seen.at)

    def _notice_silence(self, card: GpuStatus | None, ours: OurUse, at: float) -> None:
        if card is None or card.asleep or not ours.working:
            self._silent_since = None
        elif card.others_percent is not None:
            self._silent_since, self._silent_card = None, ""
        elif self._silent_since is None:
            self._silent_since = at
        elif at - self._silent_since >= SILENT_SECONDS:
            self._silent_card = card.id

    def _presence(self, seen: Surroundings, settings: Settings, now: float) -> tuple[Obstacle | None, Obstacle | None]:
        """Tell whether somebody is at this PC, and when that will be thought no longer."""
        if isinstance(seen.idle_seconds, Unknown):
            return None, None
        idle = min(seen.idle_seconds, seen.at - self._awake_since)
        needed = _away_seconds(seen.session, settings)
        if idle >= needed:
            return None, None
        ends_at = now + needed - idle
        if idle < USING_SECONDS:
            return Obstacle(messages.rules.USING, ends_at), None
        left = math.ceil((needed - idle) / 60)
        return None, Obstacle(messages.rules.starts_after(round(needed / 60), left), ends_at)


def _card(seen: Surroundings, settings: Settings) -> GpuStatus | None:
    return None if isinstance(seen.gpus, Unknown) else chosen_card(seen.gpus, settings.gpu)


def _remote(session: Reading[SessionState]) -> Obstacle | None:
    remote = not isinstance(session, Unknown) and session.remote
    return Obstacle(messages.rules.REMOTE) if remote else None


def _away_seconds(session: Reading[SessionState], settings: Settings) -> float:
    """Give the seconds without input that count as away."""
    locked = not isinstance(session, Unknown) and session.locked
    return min(settings.away_minutes * 60.0, LOCKED_SECONDS if locked else math.inf)
