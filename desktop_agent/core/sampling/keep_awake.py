"""Keeps this PC from going to sleep while it computes, where its owner wants that. The screen may still go dark."""

from __future__ import annotations

import asyncio
import logging

import wakepy

from .. import messages
from ..sensors.base import PowerState, Reading, SensorFailed, Unknown
from ..settings import Settings
from .sensor_thread import SensorThread

log = logging.getLogger(__name__)

#: Seconds without computing after which the PC may sleep again: work comes with gaps, and PCs sleep after minutes.
LINGER_SECONDS = 60.0
#: Seconds that anybody waits for the system's answer; and at the agent's end, which comes within two.
PATIENCE_SECONDS, FAREWELL_SECONDS = 0.1, 1.0
#: Seconds until it is tried again where it did not work.
AGAIN_SECONDS = 300.0


def is_wanted(settings: Settings, power: Reading[PowerState], *, computing: bool) -> bool:
    """Tell whether the PC is to be kept awake: only while it computes, and only where it is known to be on mains."""
    on_mains = not isinstance(power, Unknown) and not power.on_battery
    return settings.keep_awake and computing and on_mains


class KeepAwake:
    """Asks the system not to sleep, and lets it again. Times are in seconds of the monotonic clock.

    A system that takes its time to answer holds nobody up: its answer is taken in later.
    """

    def __init__(self) -> None:
        #: Why it did not work, for the owner; empty while it works, or is not wanted.
        self.problem = ""
        # What is asked of the system must be taken back in the same thread.
        self._thread = SensorThread("keep awake")
        self._asked: asyncio.Future[Reading[wakepy.Mode]] | None = None
        self._mode: wakepy.Mode | None = None
        self._wanted_at = float("-inf")
        self._try_from = float("-inf")

    @property
    def holds(self) -> bool:
        """Whether the system was asked and said yes."""
        return self._mode is not None

    async def follow(self, *, wanted: bool, now: float) -> None:
        """Ask the system, or let it sleep again, as is wanted at this moment."""
        self._take_answer()
        if wanted:
            self._wanted_at = now
            if self._mode is None and self._asked is None and now >= self._try_from:
                self._try_from = now + AGAIN_SECONDS
                self._asked = self._thread.ask(_keep_running)
                await asyncio.wait([self._asked], timeout=PATIENCE_SECONDS)
                self._take_answer()
        elif self._mode is None:
            self.problem = ""
        elif now >= self._wanted_at + LINGER_SECONDS:
            await self._let_go(PATIENCE_SECONDS)

    async def close(self) -> None:
        """Let the system sleep, for good."""
        if self._asked is not None:
            await asyncio.wait([self._asked], timeout=FAREWELL_SECONDS)
            self._take_answer()
        await self._let_go(FAREWELL_SECONDS)
        self._thread.end()

    def _take_answer(self) -> None:
        if self._asked is None or not self._asked.done():
            return
        answer, self._asked = self._asked.result(), None
        if isinstance(answer, Unknown):
            self.problem = answer.reason
        else:
            self.problem, self._mode, self._try_from = "", answer, float("-inf")

    async def _let_go(self, patience_seconds: float) -> None:
        mode, self._mode = self._mode, None
        if mode is not None:
            await asyncio.wait([self._thread.ask(lambda: mode.__exit__(None, None, None))], timeout=patience_seconds)


def _keep_running() -> wakepy.Mode:
    """Ask the system; raises SensorFailed with the reason for the owner where it does not do it."""
    mode = wakepy.keep.running(on_fail="pass")
    mode.__enter__()
    if mode.active:
        return mode
    log.info("The PC cannot be kept awake: %s", mode.result.get_failure_text(style="inline"))
    raise SensorFailed(
        messages.rules.not_kept_awake(", ".join(tried.method_name for tried in mode.result.list_methods()))
    )
