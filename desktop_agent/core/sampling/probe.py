"""One sensor's last word: asked at its own rate, kept for a while, and asked less often while it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from .. import messages
from ..sensors.base import Reading, Unknown
from .sensor_thread import SensorThread

log = logging.getLogger(__name__)
T = TypeVar("T")

#: Seconds without an answer after which a sensor counts as failed. A person who comes back is noticed within two.
LIMIT_SECONDS = 2.0
#: Seconds until a sensor that failed is asked again: doubled with each failure in a row, up to the longest.
FIRST_BACK_OFF_SECONDS = 5.0
LONGEST_BACK_OFF_SECONDS = 300.0
#: A value is good for so many times its rate, or the longest time between two samples if that is more.
KEPT_RATES = 3
SLOWEST_SAMPLE_SECONDS = 5.0
#: Seconds by which a sensor may be asked too early: samples never come to the millisecond.
EARLY_SECONDS = 0.25


class Probe(Generic[T]):
    """Asks one sensor and remembers what it said. Times are in seconds of the monotonic clock.

    Where there is no such sensor (None) it is never asked, and its last word is that.
    """

    def __init__(self, name: str, sensor: object, rate_seconds: float, limit_seconds: float = LIMIT_SECONDS) -> None:
        self.thread = SensorThread(name)
        self._name = name
        self._rate = rate_seconds
        self._limit = limit_seconds
        self._nothing = Unknown(messages.rules.NO_SENSOR if sensor is None else messages.rules.NOT_READ_YET)
        self._last: Reading[T] = self._nothing
        #: When the sensor was asked for what it said last.
        self._last_at = float("-inf")
        self._ask_from = float("-inf")
        self._failures = 0
        self._asked: asyncio.Future[Reading[T]] | None = None
        self._asked_at = 0.0
        #: The call that is out is only awaited because no other may be made beside it.
        self._given_up = False

    @property
    def waits_for(self) -> asyncio.Future[Reading[T]] | None:
        """The call that is out and may still be answered in time."""
        return None if self._given_up else self._asked

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever said."""
        return self._last_at == float("-inf")

    def ask(self, read: Callable[[], T], now: float) -> None:
        """Ask, if it is time and the call before has returned."""
        self.settle(now)
        if self._asked is None and now >= self._ask_from - EARLY_SECONDS:
            self._asked, self._asked_at = self.thread.ask(read), now

    def settle(self, now: float) -> None:
        """Take in the answer if there is one; take the sensor for failed if it has been silent for too long."""
        if self._asked is None:
            return
        if self._asked.done():
            reading, self._asked = self._asked.result(), None
            self._take(reading, now)
        elif not self._given_up and now - self._asked_at >= self._limit:
            self._given_up = True
            self._note(Unknown(messages.rules.NO_ANSWER), now)

    def forget(self) -> None:
        """Ask anew: what was said, or is about to be said, answers another question."""
        self._last, self._last_at, self._ask_from = self._nothing, float("-inf"), float("-inf")
        self._given_up = self._asked is not None

    def reading(self, now: float) -> Reading[T]:
        """Give the last word, unless it is too old."""
        if not isinstance(self._last, Unknown) and now - self._last_at > self._kept_seconds:
            return Unknown(messages.rules.ANSWER_TOO_OLD)
        return self._last

    @property
    def _kept_seconds(self) -> float:
        return KEPT_RATES * max(self._rate, SLOWEST_SAMPLE_SECONDS)

    def _take(self, reading: Reading[T], now: float) -> None:
        if not self._given_up:
            self._note(reading, now)
        elif not self.is_new:
            # What it says was so when it was asked. The time until it is asked again begins now that it can be.
            self._ask_from = now + self._back_off()
        self._given_up = False

    def _note(self, reading: Reading[T], now: float) -> None:
        self._last, self._last_at = reading, self._asked_at
        if isinstance(reading, Unknown):
            if self._failures == 0:
                log.info("The sensor “%s” cannot tell: %s", self._name, reading.reason)
            self._failures += 1
            self._ask_from = now + self._back_off()
        else:
            self._failures = 0
            self._ask_from = self._asked_at + self._rate

    def _back_off(self) -> float:
        """Give the seconds to leave a sensor alone after so many failures in a row, of which there is one at least."""
        return min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2.0 ** min(self._failures - 1, 16))
