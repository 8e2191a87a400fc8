"""The Ollama of this PC as an engine."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from .. import messages
from ..chat.payload import ChatRequest
from ..errors import EngineError, EngineTimeout, EngineUnavailable, OwnerUsesEngine
from .base import CHAT, MAX_CALL_TEXTS, ChatResult, EmbedResult, EngineHealth, EngineMemory, Heard, ModelOffer
from .ollama_batch import OllamaBatch
from .ollama_chat import answer_chat
from .ollama_client import OllamaClient, OllamaRefused
from .ollama_inventory import MINIMUM_VERSION, ShownModel, TaggedModel, offers, read_show, read_tags, too_old
from .ollama_presence import Call, Look, Presence, load_ms, read_running

log = logging.getLogger(__name__)

#: Seconds for a look at what is in memory: it is asked for every few seconds, and answered from memory.
GLANCE_SECONDS = 3.0
#: Seconds in which our models must be gone, and between two looks whether they are.
FREE_SECONDS = 1.5
STILL_THERE_SECONDS = 0.05


class OllamaEngine:
    """Offers Ollama's local models: those that embed and, unless it is switched off, those that chat.

    The volunteer's own use of Ollama comes first: while a model of theirs is in memory, none of ours is called, which
    could push theirs out; no option is sent that would reload a model; a `keep_alive` is sent for models that we load,
    and only those are ever unloaded.
    """

    name = "ollama"

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None, *, chat: bool = True) -> None:
        self._client = OllamaClient(url, transport)
        self._chats = chat
        self._health = EngineHealth(available=False, reason=messages.states.STARTING)
        #: What /api/show said, by digest: it never changes for one.
        self._shown: dict[str, ShownModel] = {}
        self._presence = Presence()

    @property
    def health(self) -> EngineHealth:
        """How Ollama is, as last seen."""
        return self._health

    @property
    def memory(self) -> EngineMemory:
        """What Ollama has in memory, and whether its owner needs it, as last seen."""
        return self._presence.memory

    async def inventory(self) -> tuple[ModelOffer, ...]:
        """Look for local models that can do our work."""
        try:
            version = _version(await self._client.get("/api/version"))
            if too_old(version):
                needed = ".".join(map(str, MINIMUM_VERSION))
                return self._unavailable(messages.engine.ollama_too_old(version, needed), version)
            found = await self._offers(version)
        except EngineError as error:
            return self._unavailable(self._in_words(error))
        if not found:
            return self._unavailable(
                messages.engine.NO_MODEL if self._chats else messages.engine.NO_EMBEDDING_MODEL, version
            )
        self._health = EngineHealth(available=True, version=version)
        return found

    async def embed(self, model: str, texts: list[str], *, truncate: bool) -> EmbedResult:
        """Embed the texts in calls of at most 32, which Ollama computes one after the other."""
        started = time.perf_counter()
        async with self._calling(model) as call:
            batch = OllamaBatch(self._client, model, texts, truncate=truncate)
            for first in range(0, len(texts), MAX_CALL_TEXTS):
                await batch.embed_span(first, min(len(texts), first + MAX_CALL_TEXTS))
            call.load_ms = batch.load_ms
        return batch.result((time.perf_counter() - started) * 1000.0)

    async def chat(self, model: str, request: ChatRequest, heard: Heard) -> ChatResult:
        """Answer a chat, telling what comes as it comes."""
        started = time.perf_counter()
        async with self._calling(model) as call:
            output = await answer_chat(self._client, model, request, heard)
            call.load_ms = load_ms(output)
        return ChatResult(output, (time.perf_counter() - started) * 1000.0)

    async def look(self) -> bool:
        """Look at /api/ps. It is slow to answer while a model is being loaded, so that alone is no trouble yet."""
        try:
            await self._glance()
        except EngineError as error:
            if isinstance(error, EngineUnavailable):
                self._presence.forget()
                self._health = EngineHealth(available=False, reason=error.message)
            return False
        return True

    async def free(self) -> None:
        """Unload our models, and look until they are gone."""
        if not self._presence.has_ours:
            return
        try:
            async with asyncio.timeout(FREE_SECONDS):
                await self._free()
        except TimeoutError:
            log.warning("Ollama still holds %s", ", ".join(self._presence.held) or "what it was asked to unload")
        except EngineError as error:
            log.info("Ollama did not unload: %s", error.message)

    async def close(self) -> None:
        """Unload our models, and close the connection."""
        await self.free()
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

    @asynccontextmanager
    async def _calling(self, model: str) -> AsyncIterator[Call]:
        """Call a model within the block, unless that could push out one of the owner's; raises OwnerUsesEngine then."""
        try:
            if not self._presence.knows(model):
                await self._see_that_nobody_minds()
            with self._presence.calling(model) as call:
                yield call
        except OwnerUsesEngine:
            raise
        except EngineUnavailable as error:
            self._health = EngineHealth(available=False, reason=error.message)
            raise

    async def _see_that_nobody_minds(self) -> None:
        try:
            await self._glance()
        except EngineTimeout as error:
            raise EngineUnavailable(self._in_words(error)) from error
        if self.memory.owner_model:
            raise OwnerUsesEngine(messages.engine.owner_uses(self.memory.owner_model))

    async def _glance(self) -> None:
        asked_at = time.time()
        answer, clock_ahead = await self._client.get_with_clock("/api/ps", GLANCE_SECONDS)
        self._presence.take(Look(read_running(answer), asked_at, time.time(), clock_ahead))

    async def _free(self) -> None:
        asked: set[str] = set()
        while True:
            # The look comes first: what the owner has used since is not ours any more.
            await self._glance()
            held = self._presence.held
            if not held:
                return
            for model in set(held) - asked:
                self._presence.leave(model)
                await self._client.post("/api/generate", {"model": model, "keep_alive": 0})
            asked |= set(held)
            await asyncio.sleep(STILL_THERE_SECONDS)

    def _in_words(self, error: EngineError) -> str:
        """Say what a failed look means: it asks for nothing that Ollama could refuse."""
        if isinstance(error, EngineTimeout):
            return messages.engine.ollama_hangs(self._client.url)
        if isinstance(error, OllamaRefused):
            failing = error.status >= 500
            odd = messages.engine.ollama_odd(f"HTTP {error.status}")
            return messages.engine.ollama_failing(error.status) if failing else odd
        return error.message

    def _unavailable(self, reason: str, version: str = "") -> tuple[ModelOffer, ...]:
        self._health = EngineHealth(available=False, version=version, reason=reason)
        return ()


def _version(answer: dict[str, Any]) -> str:
    version = answer.get("version")
    if not isinstance(version, str):
        raise EngineUnavailable(messages.engine.ollama_odd("no version"))
    return version[:40]
