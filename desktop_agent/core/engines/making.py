"""Makes the engines that the settings choose."""

from __future__ import annotations

from ..settings import EngineChoice, Settings
from .base import Engine
from .catalogue import Catalogue
from .embedded import EmbeddedEngine
from .ollama import OllamaEngine


def make_catalogue(settings: Settings) -> Catalogue:
    """Switch on the engines that the settings choose; Ollama is the first to be asked."""
    engines: list[Engine] = []
    if settings.engine is not EngineChoice.EMBEDDED:
        engines.append(OllamaEngine(settings.ollama_url, chat=settings.chat))
    if settings.engine is not EngineChoice.OLLAMA:
        engines.append(EmbeddedEngine())
    return Catalogue(
        engines,
        settings.models,
        max_gigabytes=settings.max_vram_gb,
        unload_when_back=settings.unload_when_back,
    )


def follow(catalogue: Catalogue, old: Settings, new: Settings) -> bool:
    """Have the catalogue follow changed settings; tell whether it can. If not, close it and make another."""
    catalogue.choose(new.models, max_gigabytes=new.max_vram_gb, unload_when_back=new.unload_when_back)
    return (old.engine, old.ollama_url, old.chat) == (new.engine, new.ollama_url, new.chat)
