"""Giving leases back unfinished, beside everything else that goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

from ..errors import ServerError
from .ledger import Ledger

log = logging.getLogger(__name__)


class Server(Protocol):
    """What giving back needs of the server."""

    async def release(self, leases: tuple[str, ...], reason: str) -> dict[str, str]:
        """Give leases back."""


class Returns:
    """Forgets leases at once, and tells the server in the background."""

    def __init__(self, server: Server, ledger: Ledger) -> None:
        self._server = server
        self._ledger = ledger
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """Requests that are on their way."""
        return tuple(self._tasks)

    def give_back(self, leases: Iterable[str], reason: str) -> None:
        """Give all these leases back in one request."""
        leases = tuple(leases)
        if leases:
            self._ledger.release(leases)
            task = asyncio.create_task(self._release(leases, reason))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def wait(self) -> None:
        """Wait until the server was told of everything."""
        await asyncio.gather(*self._tasks)

    async def _release(self, leases: tuple[str, ...], reason: str) -> None:
        try:
            await self._server.release(leases, reason)
        except ServerError as error:
            # Without heartbeats the leases lapse, and the tasks go to others.
            log.warning("%d tasks could not be given back: %s", len(leases), error.message)
