"""Whether there is a newer version of the agent. It is told, and nothing is downloaded or opened."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable

from ..errors import ServerError

log = logging.getLogger(__name__)

#: Seconds from the start to the first look, between two looks, and to the next one after a look that failed.
FIRST_SECONDS, EVERY_SECONDS, AGAIN_SECONDS = 60.0, 86_400.0, 3600.0
_VERSION = re.compile(r"v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?", re.ASCII)


def is_newer(told: str, ours: str) -> bool:
    """Tell whether a version is later than ours; one that is no row of numbers is not."""
    one, other = _VERSION.fullmatch(told.strip()), _VERSION.fullmatch(ours.strip())
    return one is not None and other is not None and _numbers(one) > _numbers(other)


class UpdateLook:
    """Keeps the newer version that there is. Use it from the event loop only."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[str]],
        ours: str,
        wanted: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ask` gives the version that the pool's server names; `wanted` what the owner's settings say."""
        self._ask = ask
        self._ours = ours
        self._wanted = wanted
        self._clock = clock
        self._due_at = clock() + FIRST_SECONDS
        self._newer = ""

    @property
    def newer(self) -> str:
        """A later version than ours; empty when there is none, or its owner does not want to know."""
        return self._newer if self._wanted() else ""

    async def run_forever(self, tick_seconds: float = FIRST_SECONDS) -> None:
        """Look once a day until cancelled; looking only now and then whether it is time survives a sleep of the PC."""
        while True:
            await asyncio.sleep(tick_seconds)
            await self.run_once()

    async def run_once(self) -> None:
        """Look, if it is time and the owner wants it."""
        if not self._wanted() or self._clock() < self._due_at:
            return
        try:
            told = await self._ask()
        except ServerError as error:
            log.debug("The look for a newer version failed: %s", error.message)
            self._due_at = self._clock() + AGAIN_SECONDS
            return
        self._due_at = self._clock() + EVERY_SECONDS
        newer = told.strip().removeprefix("v") if is_newer(told, self._ours) else ""
        if newer and newer != self._newer:
            log.info("Version %s of the agent is there; this is %s", newer, self._ours)
        self._newer = newer


def _numbers(version: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(number or 0) for number in version.groups())
