"""A look at the pool now and then, for its numbers to be shown."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from ..errors import ServerError
from ..state import PoolStatus
from .contact import Contact

log = logging.getLogger(__name__)

#: Seconds between two looks while somebody watches, and while nobody does.
WATCHED_SECONDS, UNWATCHED_SECONDS = 60.0, 600.0


class Server(Protocol):
    """What the look needs of the server."""

    async def pool_status(self) -> PoolStatus:
        """Ask how the pool stands."""


class PoolLook:
    """Keeps what the pool said last. Use it from the event loop only."""

    def __init__(self, server: Server, contact: Contact, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._contact = contact
        self._clock = clock
        self._watched = False
        self._changed = asyncio.Event()
        self._asked_at = float("-inf")
        #: None until the pool said something; it stays when the connection breaks.
        self.status: PoolStatus | None = None

    def set_watched(self, watched: bool) -> None:
        """Say whether somebody looks at the numbers; they are asked for at once when they are old."""
        self._watched = watched
        self._changed.set()

    async def run_forever(self) -> None:
        """Look until cancelled."""
        while True:
            self._changed.clear()
            wait = self._seconds_to_wait()
            if wait <= 0:
                await self.run_once()
                continue
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def run_once(self) -> None:
        """Look once. A failure is nobody's concern: who asks for work meets the same and tells the owner."""
        self._asked_at = self._clock()
        try:
            self.status = await self._server.pool_status()
        except ServerError as error:
            log.debug("The look at the pool failed: %s", error.message)

    def _seconds_to_wait(self) -> float:
        due = self._asked_at + (WATCHED_SECONDS if self._watched else UNWATCHED_SECONDS)
        return max(due, self._contact.quiet_until) - self._clock()
