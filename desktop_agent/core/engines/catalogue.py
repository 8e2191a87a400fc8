"""All engines of this PC together: what they offer, and which one computes what."""

from __future__ import annotations

from collections.abc import Sequence

from .. import messages
from ..errors import EngineUnavailable
from ..state import EngineStatus
from .base import EmbedResult, Engine, ModelOffer


class Catalogue:
    """The engines that are switched on, the more capable first."""

    def __init__(self, engines: Sequence[Engine], only_models: tuple[str, ...] = ()) -> None:
        self._engines = tuple(engines)
        self._only = frozenset(only_models)
        self._by_model: dict[str, tuple[Engine, ModelOffer]] = {}
        self._looked = False

    @property
    def offers(self) -> tuple[ModelOffer, ...]:
        """Everything on offer, in the order of the engines."""
        return tuple(offer for _, offer in self._by_model.values())

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
        if self._by_model or not self._looked:
            return ""
        reasons = [status.reason for status in self.statuses if not status.available]
        if not self._engines:
            return messages.NO_ENGINE
        return reasons[0] if reasons else messages.models_missing(sorted(self._only))

    async def refresh(self) -> bool:
        """Ask every engine what it has; tell whether the offers changed."""
        found: dict[str, tuple[Engine, ModelOffer]] = {}
        for engine in self._engines:
            for offer in await engine.inventory():
                if not self._only or offer.model in self._only:
                    found.setdefault(offer.model, (engine, offer))
        changed = [offer for _, offer in found.values()] != list(self.offers)
        self._by_model, self._looked = found, True
        return changed

    def offer(self, model: str) -> ModelOffer:
        """Give what is known about a model; raises EngineUnavailable when it is not on offer now."""
        return self._entry(model)[1]

    async def embed(self, model: str, texts: list[str], *, truncate: bool) -> EmbedResult:
        """Embed with the engine that offers the model; raises EngineError."""
        return await self._entry(model)[0].embed(model, texts, truncate=truncate)

    async def unload(self) -> None:
        """Free what is loaded only because of us: the volunteer is back."""
        for engine, offer in self._by_model.values():
            await engine.unload(offer.model)

    async def close(self) -> None:
        """Let go of all engines."""
        for engine in self._engines:
            await engine.close()

    def _entry(self, model: str) -> tuple[Engine, ModelOffer]:
        entry = self._by_model.get(model.removesuffix(":latest"))
        if entry is None:
            raise EngineUnavailable(messages.model_missing(model))
        return entry
