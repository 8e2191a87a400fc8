"""Keeps what the server knows about this PC's models equal to what the engines have."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from ..engines.base import ModelOffer
from ..engines.catalogue import Catalogue
from ..errors import KeyRefused, ServerError
from .contact import Contact

log = logging.getLogger(__name__)

#: Seconds between two looks at the engines, and between two while there is nothing on offer: somebody may just be
#: starting Ollama.
LOOK_SECONDS = 30.0
LOOK_SOON_SECONDS = 5.0


class Server(Protocol):
    """What the announcer needs of the server."""

    async def update_info(self, info: dict[str, Any]) -> None:
        """Replace what the server knows about this PC."""


class Announcer:
    """Looks at the engines every 30 s, or when somebody found a model missing, and tells the server what changed."""

    def __init__(
        self,
        server: Server,
        catalogue: Catalogue,
        contact: Contact,
        info: Callable[[tuple[ModelOffer, ...]], dict[str, Any]],
        look_again: asyncio.Event,
        on_told: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_told` hears whenever the server has been told."""
        self._server = server
        self._catalogue = catalogue
        self._contact = contact
        self._info = info
        self._look_again = look_again
        self._on_told = on_told
        #: Whether the server knows the present offers.
        self.told = False
        #: Whether it ever did since the start. Before, asking for work makes no sense.
        self.told_once = False

    async def run_forever(self, look_seconds: float = LOOK_SECONDS) -> None:
        """Look and tell until cancelled; raises KeyRefused when the pool no longer wants us."""
        while True:
            await self.run_once()
            nap = min(look_seconds, LOOK_SOON_SECONDS) if self._catalogue.problem else look_seconds
            if not self.told:
                nap = min(nap, max(0.05, self._contact.quiet_until - time.monotonic()))
            await self._wait(nap)

    async def run_once(self) -> None:
        """Look at the engines; tell the server if it does not know what is there."""
        # Before the look: what is found missing during it may have gone after it was seen.
        self._look_again.clear()
        if await self._catalogue.refresh():
            names = ", ".join(offer.model for offer in self._catalogue.offers)
            log.info("Models on offer: %s", names or f"none. {self._catalogue.problem}")
            self.told = False
        if self.told or time.monotonic() < self._contact.quiet_until:
            return
        offers = self._catalogue.offers
        try:
            await self._server.update_info(self._info(offers))
        except KeyRefused:
            raise
        except ServerError as error:
            self._contact.failed(error, time.monotonic())
        else:
            self._contact.succeeded()
            self.told_once = True
            self.told = offers == self._catalogue.offers
            self._on_told()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._look_again.wait()
        except TimeoutError:
            return
