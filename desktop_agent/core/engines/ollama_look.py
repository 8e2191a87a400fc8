"""One look at an Ollama, for its owner to see what is there: nothing is computed, loaded or kept."""

from __future__ import annotations

from dataclasses import dataclass

from .. import messages
from ..errors import EngineUnavailable
from .ollama import OllamaEngine


@dataclass(frozen=True, slots=True)
class OllamaLook:
    """What answers at an address."""

    version: str
    #: Names of all models that could be offered, each once.
    models: tuple[str, ...] = ()


async def look_at_ollama(url: str) -> OllamaLook:
    """Ask for version and models; raises EngineUnavailable with a reason when nothing good answers."""
    engine = OllamaEngine(url)
    try:
        offers = await engine.inventory()
    finally:
        await engine.close()
    health = engine.health
    if not health.available and health.reason != messages.engine.NO_MODEL:
        raise EngineUnavailable(health.reason)
    return OllamaLook(health.version, tuple(dict.fromkeys(offer.model for offer in offers)))
