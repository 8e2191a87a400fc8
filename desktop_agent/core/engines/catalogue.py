"""All engines of this PC together: what they offer, and which one computes what."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from .. import messages
from ..chat_payload import ChatRequest
from ..errors import EngineUnavailable, InputInvalid
from ..state import EngineStatus
from .base import CHAT, EMBEDDING, ChatResult, EmbedResult, Engine, Heard, ModelOffer

log = logging.getLogger(__name__)

#: Most models that a server lets one agent describe; embedding models come before those that chat.
MAX_OFFERS = 200

#: What an offer is known by: its kind of work, and the model's name.
_Key = tuple[str, str]


class Catalogue:
    """The engines that are switched on, the more capable first."""

    def __init__(self, engines: Sequence[Engine], only_models: tuple[str, ...] = ()) -> None:
        self._engines = tuple(engines)
        self._only = frozenset(only_models)
        self._on_offer: dict[_Key, tuple[Engine, ModelOffer]] = {}
        self._looked = False

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
            return messages.NO_ENGINE
        return reasons[0] if reasons else messages.models_missing(sorted(self._only))

    async def refresh(self) -> bool:
        """Ask every engine what it has; tell whether the offers changed."""
        found: dict[_Key, tuple[Engine, ModelOffer]] = {}
        for engine in self._engines:
            for offer in await engine.inventory():
                if not self._only or offer.model in self._only:
                    found.setdefault((offer.kind, offer.model), (engine, offer))
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
            raise InputInvalid(messages.model_cannot(model, "images"))
        return await engine.chat(model, request, heard)

    async def unload(self) -> None:
        """Free what is loaded only because of us: the volunteer is back."""
        for engine, offer in self._on_offer.values():
            await engine.unload(offer.model)

    async def close(self) -> None:
        """Let go of all engines."""
        for engine in self._engines:
            await engine.close()

    def _entry(self, kind: str, model: str) -> tuple[Engine, ModelOffer]:
        entry = self._on_offer.get((kind, model.removesuffix(":latest")))
        if entry is None:
            raise EngineUnavailable(messages.model_missing(model))
        return entry


def _at_most(most: int, found: dict[_Key, tuple[Engine, ModelOffer]]) -> dict[_Key, tuple[Engine, ModelOffer]]:
    """Leave out the last of too many, those that chat first."""
    kept = set(sorted(found, key=lambda key: key[0] != EMBEDDING)[:most])
    return {key: entry for key, entry in found.items() if key in kept}
