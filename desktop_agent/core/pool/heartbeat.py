"""Signs of life for the leases that this agent holds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from ..errors import KeyRefused, ServerError
from ..work.worker import Worker
from .wire import Report

log = logging.getLogger(__name__)

#: Seconds between two heartbeats; a lease of 60 s survives three that get lost.
INTERVAL_SECONDS = 15.0


class Server(Protocol):
    """What heartbeats need of the server."""

    async def heartbeat(self, leases: tuple[str, ...], state: dict[str, Any]) -> dict[str, str]:
        """Renew the leases; give for each `held` or `lost`."""


class Heartbeat:
    """Renews all leases together, and stops the computing of those that are lost."""

    def __init__(self, server: Server, worker: Worker, report: Callable[[], Report]) -> None:
        self._server = server
        self._worker = worker
        self._report = report

    async def run_forever(self, interval_seconds: float = INTERVAL_SECONDS) -> None:
        """Beat until cancelled; raises KeyRefused when the pool no longer wants us."""
        while True:
            await asyncio.sleep(interval_seconds)
            await self.run_once()

    async def run_once(self) -> None:
        """Send one heartbeat, if there is anything to keep."""
        leases = self._worker.ledger.at_risk
        if not leases:
            return
        try:
            answer = await self._server.heartbeat(leases, self._report().body())
        except KeyRefused:
            raise
        except ServerError as error:
            # The loop for work meets the same trouble and tells the owner.
            log.debug("A heartbeat failed: %s", error.message)
            return
        lost = [lease_id for lease_id, word in answer.items() if word == "lost"]
        if lost:
            log.info("%d leases are lost", len(lost))
            self._worker.lose(lost)
