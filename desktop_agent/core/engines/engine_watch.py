"""Watches what the engines have in memory: what is ours, what the owner needs, and whether it is on the graphics card.

The owner's own use of Ollama comes first: while a model of theirs is loaded, this PC takes no work.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from .. import messages
from ..state import LoadedModel
from ..text import Text
from .base import EngineMemory
from .catalogue import Catalogue

log = logging.getLogger(__name__)

#: Seconds between two looks while we compute, and while we do not.
LOOK_SECONDS, LOOK_IDLE_SECONDS = 2.0, 5.0
#: Seconds without work after Ollama lost the graphics card; then it is tried again.
LOST_CARD_SECONDS = 300.0
#: Seconds after the owner came back in which a model that was just being loaded may still turn up.
LATE_SECONDS = 15.0

NOTHING = Text("")


class EngineWatch:
    """Looks every few seconds, tells whoever asks, and calls back when something is different."""

    def __init__(
        self,
        catalogue: Catalogue,
        is_working: Callable[[], bool],
        changed: Callable[[], None],
        *,
        look_again: asyncio.Event | None = None,
        has_card: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`look_again` is set when an engine went away or came back; `has_card` tells whether this PC has a card."""
        self._catalogue = catalogue
        self._is_working = is_working
        self._changed = changed
        self._look_again = look_again
        self._has_card = has_card
        self._clock = clock
        self._woken = asyncio.Event()
        self._answers = True
        self._told = EngineMemory()
        #: Our models that were seen on the graphics card.
        self._seen_on_card: set[str] = set()
        self._lost_card_model = ""
        self._lost_card_at = float("-inf")
        #: When the owner came back; for a while whatever of ours still turns up in memory is to go.
        self._freed_at = float("-inf")

    @property
    def loaded(self) -> tuple[LoadedModel, ...]:
        """The models in memory."""
        return self._catalogue.memory.loaded

    @property
    def vram_held_bytes(self) -> int:
        """Bytes of graphics memory held by models that are there only because of us."""
        return sum(model.vram_bytes for model in self.loaded if model.ours)

    @property
    def owner_uses(self) -> Text:
        """Why the owner needs the engine, in words; empty when they do not."""
        model = self._catalogue.memory.owner_model
        return messages.engine.owner_uses(model) if model else NOTHING

    @property
    def problem(self) -> Text:
        """Why it makes no sense to go on, in words: Ollama has lost the graphics card. Empty when it has not."""
        lost = self._clock() < self._lost_card_at + LOST_CARD_SECONDS
        return messages.engine.fell_to_processor(self._lost_card_model) if lost else NOTHING

    @property
    def warning(self) -> Text:
        """What the owner had better know, though work goes on; empty when there is nothing."""
        model = self._on_processor()
        return messages.engine.on_processor(model) if model and not self.problem and self._has_card() else NOTHING

    async def run_forever(self) -> None:
        """Look until cancelled."""
        while True:
            await self.run_once()
            await self._nap(LOOK_SECONDS if self._is_working() else LOOK_IDLE_SECONDS)

    async def run_once(self) -> None:
        """Look, and tell what is different."""
        self._woken.clear()
        answers = await self._catalogue.look()
        if answers is not self._answers:
            self._answers = answers
            if self._look_again is not None:
                self._look_again.set()
        self._notice_card()
        await self._free_latecomers()
        memory = self._catalogue.memory
        if memory != self._told:
            if memory.owner_model != self._told.owner_model:
                log.info("%s", self.owner_uses or "Ollama is free again")
            self._told = memory
            self._changed()

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def try_again(self) -> None:
        """Forget that the graphics card was lost, and look now."""
        self._lost_card_at = float("-inf")
        self._seen_on_card.clear()
        self.wake()

    async def free(self) -> None:
        """The owner is back: unload what is there only because of us, if the settings say so, and see it gone.

        Takes 1.5 s at most and never raises; `vram_held_bytes` tells what is still held. What turns up later, because
        it was just being loaded, goes at the next look.
        """
        self._freed_at = self._clock()
        await self._catalogue.unload()

    async def _free_latecomers(self) -> None:
        is_late = self._clock() < self._freed_at + LATE_SECONDS and not self._is_working()
        if is_late and any(model.ours for model in self.loaded):
            await self._catalogue.unload()

    def _notice_card(self) -> None:
        on_card = {model.name for model in self.loaded if model.ours and model.vram_bytes}
        lost = self._on_processor()
        if lost in self._seen_on_card:
            is_news = not self.problem
            self._lost_card_model, self._lost_card_at = lost, self._clock()
            if is_news:
                log.warning("%s", self.problem)
                self._changed()
        self._seen_on_card |= on_card

    def _on_processor(self) -> str:
        """Name a model of ours that is in memory, but not on the graphics card; empty when there is none."""
        return next((model.name for model in self.loaded if model.ours and not model.vram_bytes), "")

    async def _nap(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
