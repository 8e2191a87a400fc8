"""The Ollama of this PC as an engine."""

from __future__ import annotations

import logging
import time
from typing import Any

import httpx

from .. import messages
from ..chat_payload import ChatRequest
from ..errors import EngineError, EngineTimeout, EngineUnavailable
from .base import CHAT, MAX_CALL_TEXTS, ChatResult, EmbedResult, EngineHealth, Heard, ModelOffer
from .ollama_batch import OllamaBatch
from .ollama_chat import answer_chat
from .ollama_client import OllamaClient, OllamaRefused
from .ollama_inventory import MINIMUM_VERSION, ShownModel, TaggedModel, offers, read_show, read_tags, too_old

log = logging.getLogger(__name__)


class OllamaEngine:
    """Offers Ollama's local models: those that embed and, unless it is switched off, those that chat.

    The volunteer's own use of Ollama comes first: no option is sent that would reload the model, `keep_alive` is left
    alone, and only a model that was not loaded when we first needed it is ever unloaded.
    """

    name = "ollama"

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None, *, chat: bool = True) -> None:
        self._client = OllamaClient(url, transport)
        self._chats = chat
        self._health = EngineHealth(available=False, reason=messages.STARTING)
        #: What /api/show said, by digest: it never changes for one.
        self._shown: dict[str, ShownModel] = {}
        #: Models used since the last unload → whether they were loaded by us.
        self._loaded_by_us: dict[str, bool] = {}

    @property
    def health(self) -> EngineHealth:
        """How Ollama is, as last seen."""
        return self._health

    async def inventory(self) -> tuple[ModelOffer, ...]:
        """Look for local models that can do our work."""
        try:
            version = _version(await self._client.get("/api/version"))
            if too_old(version):
                needed = ".".join(map(str, MINIMUM_VERSION))
                return self._unavailable(messages.ollama_too_old(version, needed), version)
            found = await self._offers(version)
        except EngineTimeout:
            return self._unavailable(messages.ollama_not_running(self._client.url))
        except EngineError as error:
            return self._unavailable(error.message)
        if not found:
            return self._unavailable(messages.NO_MODEL if self._chats else messages.NO_EMBEDDING_MODEL, version)
        self._health = EngineHealth(available=True, version=version)
        return found

    async def embed(self, model: str, texts: list[str], *, truncate: bool) -> EmbedResult:
        """Embed the texts in calls of at most 32, which Ollama computes one after the other."""
        started = time.perf_counter()
        try:
            await self._note_who_loads(model)
            batch = OllamaBatch(self._client, model, texts, truncate=truncate)
            for first in range(0, len(texts), MAX_CALL_TEXTS):
                await batch.embed_span(first, min(len(texts), first + MAX_CALL_TEXTS))
        except EngineUnavailable as error:
            self._health = EngineHealth(available=False, reason=error.message)
            raise
        return batch.result((time.perf_counter() - started) * 1000.0)

    async def chat(self, model: str, request: ChatRequest, heard: Heard) -> ChatResult:
        """Answer a chat, telling what comes as it comes."""
        started = time.perf_counter()
        try:
            await self._note_who_loads(model)
            output = await answer_chat(self._client, model, request, heard)
        except EngineUnavailable as error:
            self._health = EngineHealth(available=False, reason=error.message)
            raise
        return ChatResult(output, (time.perf_counter() - started) * 1000.0)

    async def unload(self, model: str) -> None:
        """Free the graphics card's memory, if the model was not loaded before we came."""
        if self._loaded_by_us.pop(model, False):
            try:
                await self._client.post("/api/generate", {"model": model, "keep_alive": 0})
            except EngineError as error:
                log.info("Ollama did not unload %s: %s", model, error.message)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()

    async def _offers(self, version: str) -> tuple[ModelOffer, ...]:
        found: list[ModelOffer] = []
        for model in read_tags(await self._client.get("/api/tags")):
            if not model.is_useless:
                shown = None if model.is_complete else await self._show(model)
                found += offers(model, shown, version)
        return tuple(offer for offer in found if self._chats or offer.kind != CHAT)

    async def _show(self, model: TaggedModel) -> ShownModel | None:
        if model.digest not in self._shown:
            try:
                self._shown[model.digest] = read_show(await self._client.post("/api/show", {"model": model.name}))
            except OllamaRefused:
                return None  # deleted a moment ago, or broken: the next look decides
        return self._shown[model.digest]

    async def _note_who_loads(self, model: str) -> None:
        if model not in self._loaded_by_us:
            self._loaded_by_us[model] = model not in _running(await self._client.get("/api/ps"))

    def _unavailable(self, reason: str, version: str = "") -> tuple[ModelOffer, ...]:
        self._health = EngineHealth(available=False, version=version, reason=reason)
        return ()


def _version(answer: dict[str, Any]) -> str:
    version = answer.get("version")
    if not isinstance(version, str):
        raise EngineUnavailable(messages.ollama_odd("no version"))
    return version[:40]


def _running(answer: dict[str, Any]) -> set[str]:
    models = answer.get("models")
    entries = [entry for entry in models if isinstance(entry, dict)] if isinstance(models, list) else []
    return {str(entry.get("model") or entry.get("name")).removesuffix(":latest") for entry in entries}
