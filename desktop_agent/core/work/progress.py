"""Telling the server what comes of a chat while it is being answered, and hearing from it when nobody wants it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from ..engines.base import Heard
from ..errors import KeyRefused, RequestRefused, ServerBusy, ServerError
from ..pool.wire import Update
from .telling import Telling

log = logging.getLogger(__name__)

#: Seconds for one request: an update that takes longer is better sent again.
REQUEST_SECONDS = 10.0
#: Seconds before a failed request is sent again, doubled with every failure in a row up to the longest. A lease lives
#: for 60 s without an update.
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.25, 4.0
#: Longest wait that a busy server can ask for, in seconds.
LONGEST_ASKED_SECONDS = 15.0


class Server(Protocol):
    """What progress needs of the server."""

    async def progress(self, updates: Sequence[Update]) -> dict[str, str]:
        """Tell what came; give for each lease `held` or `lost`."""


class Progress:
    """Sends the updates of all chats that are being answered, one request at a time."""

    def __init__(
        self,
        server: Server,
        lose: Callable[[Iterable[str]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._lose = lose
        self._clock = clock
        self._tellings: dict[str, Telling] = {}
        self._changed = asyncio.Event()
        self._failures = 0
        self._quiet_until = 0.0

    @contextmanager
    def of(self, lease_id: str, *, streams: bool) -> Iterator[Heard]:
        """Tell of a lease for as long as the block lasts; gives what takes its text. Without `streams` none is told."""
        telling = Telling(lease_id, streams=streams, now=self._clock())
        self._tellings[lease_id] = telling
        self._changed.set()

        def heard(content: str, thinking: str) -> None:
            if telling.hear(content, thinking):
                self._changed.set()

        try:
            yield heard
        finally:
            self._tellings.pop(lease_id, None)

    async def run_forever(self) -> None:
        """Tell until cancelled; raises KeyRefused when the pool no longer wants us."""
        while True:
            await self._until_due()
            await self.run_once()

    async def run_once(self) -> None:
        """Send one request, if anything is due."""
        now = self._clock()
        told = [telling for telling in self._tellings.values() if telling.due_at <= now]
        if not told or now < self._quiet_until:
            return
        updates = [update for telling in told for update in telling.take(now)]
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                answer = await self._server.progress(updates)
        except KeyRefused:
            raise
        except (ServerError, TimeoutError) as error:
            self._failed(error, told)
            return
        self._failures = 0
        for telling in told:
            telling.confirm()
        lost = [lease_id for lease_id, word in answer.items() if word == "lost" and lease_id in self._tellings]
        if lost:
            log.info("%d chats are wanted no more", len(lost))
            self._lose(lost)

    def _failed(self, error: ServerError | TimeoutError, told: list[Telling]) -> None:
        # The loop for work meets the same trouble and tells the owner.
        log.debug("Progress could not be told: %s", type(error).__name__)
        if isinstance(error, RequestRefused) and error.status in (400, 413):
            log.error("The server refused the progress of a chat: %s", error.message)
            for telling in told:
                telling.fall_silent()
        wait = min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2.0 ** min(self._failures, 10))
        asked = min(LONGEST_ASKED_SECONDS, error.retry_after) if isinstance(error, ServerBusy) else 0.0
        self._failures += 1
        self._quiet_until = self._clock() + max(wait, asked)

    async def _until_due(self) -> None:
        while (nap := self._nap()) is None or nap > 0.0:
            self._changed.clear()
            try:
                async with asyncio.timeout(nap):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _nap(self) -> float | None:
        """Give the seconds until something is due; None while nothing is being answered."""
        if not self._tellings:
            return None
        due = min(telling.due_at for telling in self._tellings.values())
        return max(due, self._quiet_until) - self._clock()
