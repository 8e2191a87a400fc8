"""The idle time from whatever this desktop offers, the best first."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...messages import sensors as messages
from ..base import SensorFailed, UserIdle
from .dbus import ServiceMissing

#: Seconds before a source that failed is asked again while another one works: at log-in, the best one comes late.
REST_S = 60.0
#: Seconds that one and the same idle time above zero may be told: time goes on for everybody.
STANDS_STILL_S = 60.0
#: Seconds by which clocks that count differently may differ.
SLACK_S = 60.0


def seconds_since_boot() -> float:
    """Give how long this PC has been on, with the time that it slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(slots=True)
class _Seen:
    """What a source said last, and since when it has been saying just that."""

    idle: float
    since: float


class IdleChain:
    """Asks one source, and changes to another when it fails or tells what cannot be. It never guesses."""

    def __init__(
        self,
        sources: Sequence[UserIdle],
        clock: Callable[[], float] = time.monotonic,
        since_boot: Callable[[], float] = seconds_since_boot,
    ) -> None:
        #: That of the source in use; empty while there is none.
        self.name: str = ""
        self._sources = sources
        self._clock = clock
        self._since_boot = since_boot
        #: By place in `sources`: not asked before then, while another one works.
        self._rests_until = [-math.inf] * len(sources)
        self._seen: list[_Seen | None] = [None] * len(sources)
        self._used: int | None = None

    def read(self) -> float:
        """Give the seconds since the last input. Raises SensorFailed when no source can tell."""
        now = self._clock()
        rested = [place for place in range(len(self._sources)) if self._rests_until[place] <= now]
        failures: dict[int, SensorFailed] = {}
        # Those that rest are asked after all when nobody else can tell.
        for place in [*rested, *(place for place in range(len(self._sources)) if place not in rested)]:
            try:
                idle = self._believed(place, self._sources[place].read(), now)
            except SensorFailed as failed:
                failures[place] = failed
                self._set_aside(place, now)
            else:
                self._use(place)
                return idle
        self._use(None)
        raise SensorFailed(messages.cannot_tell_away(_why([failures[place] for place in sorted(failures)])))

    def close(self) -> None:
        """Let go of every source."""
        self._use(None)
        for source in self._sources:
            source.close()

    def _believed(self, place: int, idle: float, now: float) -> float:
        """Give the idle time back if it can be true; a source that is stuck must never look like an absent person."""
        if not 0 <= idle <= self._since_boot() + SLACK_S:
            raise SensorFailed(messages.IDLE_NONSENSE)
        seen = self._seen[place]
        if seen is None or seen.idle != idle or idle == 0:
            self._seen[place] = _Seen(idle, now)
        elif now - seen.since >= STANDS_STILL_S:
            raise SensorFailed(messages.IDLE_STUCK)
        return idle

    def _set_aside(self, place: int, now: float) -> None:
        self._rests_until[place] = now + REST_S
        with contextlib.suppress(SensorFailed):
            self._sources[place].close()

    def _use(self, place: int | None) -> None:
        """Take this source from now on, and hang up on the one before."""
        if self._used is not None and self._used != place:
            self._sources[self._used].close()
        if place is not None:
            self._rests_until[place] = -math.inf
        self._used = place
        self.name = "" if place is None else self._sources[place].name


def _why(failures: list[SensorFailed]) -> str:
    """Choose the reason to tell: that of the first source which this desktop has, but which failed."""
    for failed in failures:
        if not isinstance(failed, ServiceMissing):
            return failed.reason
    return messages.NO_DESKTOP
