"""All engines of this PC together: what they offer, and which one computes what."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from .. import messages
from ..chat.payload import ChatRequest
from ..errors import EngineUnavailable, InputInvalid
from ..state import EngineStatus
from .base import CHAT, EMBEDDING, ChatResult, EmbedResult, Engine, EngineMemory, Heard, ModelOffer

log = logging.getLogger(__name__)

#: Most models that a server lets one agent describe; embedding models come before those that chat.
MAX_OFFERS = 200

#: What an offer is known by: its kind of work, and the model's name.
_Key = tuple[str, str]


class Catalogue:
    """The engines that are switched on, the more capable first."""

    def __init__(
        self,
        engines: Sequence[Engine],
        only_models: tuple[str, ...] = (),
        *,
        max_gigabytes: float = 0.0,
        unload_when_back: bool = True,
    ) -> None:
        self._engines = tuple(engines)
        self.choose(only_models, max_gigabytes=max_gigabytes, unload_when_back=unload_when_back)
        self._on_offer: dict[_Key, tuple[Engine, ModelOffer]] = {}
        self._looked = False
        #: The last look found chosen models, all of them larger than the owner allows.
        self._all_too_large = False

    def choose(self, only_models: tuple[str, ...], *, max_gigabytes: float, unload_when_back: bool) -> None:
        """Take the owner's choice: the only models to offer (empty: all), none larger than so many GB (0: no limit).

        The offers follow at the next `refresh`.
        """
        self._only = frozenset(only_models)
        self._max_gigabytes = max_gigabytes
        self._unload_when_back = unload_when_back

    @property
    def offers(self) -> tuple[ModelOffer, ...]:
        """Everything on offer, in the order of the engines."""
        return tuple(offer for _, offer in self._on_offer.values())

    @property
    def statuses(self) -> tuple[EngineStatus, ...]:
        """How each engine is."""
        return tuple(EngineStatus(e.name, e.health.version, e.health.available, e.health.reason) for e in self._engines)

    @property
    def description(self) -> str:
        """The engines that are up, for the operator's page: `ollama 0.14.2`."""
        return ", ".join(f"{status.name} {status.version}" for status in self.statuses if status.available)

    @property
    def problem(self) -> str:
        """Why there is nothing on offer, in words; empty when there is something, or nobody looked yet."""
        if self._on_offer or not self._looked:
            return ""
        reasons = [status.reason for status in self.statuses if not status.available]
        if not self._engines:
            return messages.engine.NO_ENGINE
        if reasons:
            return reasons[0]
        if self._all_too_large:
            return messages.engine.models_too_large(self._max_gigabytes)
        return messages.engine.models_missing(sorted(self._only))

    @property
    def memory(self) -> EngineMemory:
        """What the engines have in memory, as last seen."""
        memories = [engine.memory for engine in self._engines]
        loaded = tuple(model for memory in memories for model in memory.loaded)
        return EngineMemory(loaded, next((memory.owner_model for memory in memories if memory.owner_model), ""))

    async def refresh(self) -> bool:
        """Ask every engine what it has; tell whether the offers changed."""
        found: dict[_Key, tuple[Engine, ModelOffer]] = {}
        too_large = 0
        for engine in self._engines:
            for offer in await engine.inventory():
                if self._is_too_large(offer):
                    too_large += self._is_chosen(offer)
                elif self._is_chosen(offer):
                    found.setdefault((offer.kind, offer.model), (engine, offer))
        self._all_too_large = bool(too_large and not found)
        kept = _at_most(MAX_OFFERS, found)
        changed = [offer for _, offer in kept.values()] != list(self.offers)
        if changed and len(found) > len(kept):
            log.warning("%d models are not offered: a pool takes %d of one PC", len(found) - len(kept), MAX_OFFERS)
        self._on_offer, self._looked = kept, True
        return changed

    def offer(self, kind: str, model: str) -> ModelOffer:
        """Give what is known about a model; raises EngineUnavailable when it is not on offer now."""
        return self._entry(kind, model)[1]

    async def embed(self, model: str, texts: list[str], *, truncate: bool) -> EmbedResult:
        """Embed with the engine that offers the model; raises EngineError."""
        return await self._entry(EMBEDDING, model)[0].embed(model, texts, truncate=truncate)

    async def chat(self, model: str, request: ChatRequest, heard: Heard) -> ChatResult:
        """Answer a chat with the engine that offers the model; raises EngineError."""
        engine, offer = self._entry(CHAT, model)
        if request.has_images and "vision" not in offer.abilities:
            # Ollama does not say so: its runner fails, and that would look like this PC's fault.
            raise InputInvalid(messages.engine.model_cannot(model, "images"))
        return await engine.chat(model, request, heard)

    async def look(self) -> bool:
        """Look at what the engines have in memory; tell whether all of them answered. Never raises."""
        return all([await engine.look() for engine in self._engines])

    async def unload(self) -> None:
        """The volunteer is back: unload what is in memory only because of us, if they want that, and see it gone.

        Takes 1.5 s at most, and never raises; `memory` tells what is held then.
        """
        if self._unload_when_back:
            for engine in self._engines:
                await engine.free()

    async def close(self) -> None:
        """Unload what is in memory only because of us, and let go of all engines."""
        for engine in self._engines:
            await engine.close()

    def _is_chosen(self, offer: ModelOffer) -> bool:
        return not self._only or offer.model in self._only

    def _is_too_large(self, offer: ModelOffer) -> bool:
        return 0 < self._max_gigabytes * 1e9 < (offer.size_bytes or 0)

    def _entry(self, kind: str, model: str) -> tuple[Engine, ModelOffer]:
        entry = self._on_offer.get((kind, model.removesuffix(":latest")))
        if entry is None:
            raise EngineUnavailable(messages.engine.model_missing(model))
        return entry


def _at_most(most: int, found: dict[_Key, tuple[Engine, ModelOffer]]) -> dict[_Key, tuple[Engine, ModelOffer]]:
    """Leave out the last of too many, those that chat first."""
    kept = set(sorted(found, key=lambda key: key[0] != EMBEDDING)[:most])
    return {key: entry for key, entry in found.items() if key in kept}
