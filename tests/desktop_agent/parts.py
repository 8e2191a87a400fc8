"""Parts that many tests of the agent put together."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from desktop_agent.core.chat.payload import ChatRequest
from desktop_agent.core.engines.base import (
    CHAT,
    ChatResult,
    EmbedResult,
    Engine,
    EngineHealth,
    EngineMemory,
    Heard,
    ModelOffer,
    TextFailure,
)
from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.pool.contact import Contact
from desktop_agent.core.pool.server_api import ServerApi
from desktop_agent.core.pool.wire import Report, Task
from desktop_agent.core.work.worker import Worker
from tests.fakes.ollama_models import expected_vectors
from tests.fakes.pool import AGENT_ID, KEY, FakePool, PoolTask

MODEL = "nomic-embed-text"
CHAT_MODEL = "qwen2.5:7b"
DIGEST = "ab" * 32
DIMENSIONS = 8

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T], seconds: float = 30.0) -> T:
    """Run a test's coroutine; it fails when it hangs."""

    async def bounded() -> T:
        async with asyncio.timeout(seconds):
            return await coroutine

    return asyncio.run(bounded())


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Let the loop turn until the condition holds; fails after so many seconds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.001)


def offer(model: str = MODEL, digest: str = DIGEST) -> ModelOffer:
    """Make an offer of a small model."""
    return ModelOffer(model, digest, "gated", "1.0", "F16", DIMENSIONS, 512)


def chat_offer(model: str = CHAT_MODEL, *abilities: str) -> ModelOffer:
    """Make an offer of a model that chats."""
    return ModelOffer(model, DIGEST, "gated", "1.0", "Q4_K_M", None, 32_768, CHAT, abilities, 4_683_087_332)


def task(lease_id: str = "lease-1", *texts: str, model: str = MODEL, truncate: bool = False) -> Task:
    """Make a task as the server hands it out."""
    return Task(lease_id, model, texts or ("a text",), truncate, 120.0)


def rows(data: bytes, dimensions: int) -> NDArray[np.float32]:
    """Read vectors as the protocol carries them."""
    return np.frombuffer(data, dtype="<f4").reshape(-1, dimensions)


class Ear:
    """Hears what is told of an answer."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, str]] = []

    def __call__(self, content: str, thinking: str) -> None:
        self.pieces.append((content, thinking))

    @property
    def content(self) -> str:
        """All of the content so far."""
        return "".join(content for content, _ in self.pieces)

    @property
    def thinking(self) -> str:
        """All of the thinking so far."""
        return "".join(thinking for _, thinking in self.pieces)


class GatedEngine:
    """An engine that computes when the test lets it: the clockwork of the worker's tests."""

    name = "gated"

    def __init__(self, *offers: ModelOffer) -> None:
        self.offers: tuple[ModelOffer, ...] = offers or (offer(),)
        self.health = EngineHealth(available=True, version="1.0")
        #: Texts of every call, in the order in which the calls came.
        self.calls: list[list[str]] = []
        self.canceled = 0
        #: What it has in memory, how often that was looked at, whether it answers such a look, and what was unloaded.
        self.memory = EngineMemory()
        self.looks = 0
        self.answers = True
        self.unloaded: list[str] = []
        #: Open: calls are answered at once. Closed: they wait.
        self.gate = asyncio.Event()
        self.gate.set()
        #: What the next calls raise, first in first out.
        self.errors: list[Exception] = []
        #: Texts that fail, with the error's code.
        self.bad: dict[str, str] = {}
        #: Chats in the order in which they came, and what the one under way says next: content and thinking; an error
        #: to fail of; None to end.
        self.chats: list[ChatRequest] = []
        self.says: asyncio.Queue[tuple[str, str] | Exception | None] = asyncio.Queue()

    async def inventory(self) -> tuple[ModelOffer, ...]:
        return self.offers

    async def embed(self, model: str, texts: list[str], *, truncate: bool) -> EmbedResult:
        self.calls.append(texts)
        if self.errors:
            raise self.errors.pop(0)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.canceled += 1
            raise
        failures = tuple(TextFailure(i, self.bad[text], "bad") for i, text in enumerate(texts) if text in self.bad)
        vectors = expected_vectors(DIGEST, texts, DIMENSIONS).tobytes()
        return EmbedResult(vectors, DIMENSIONS, tuple(len(text) for text in texts), (), failures, 1.0)

    async def chat(self, model: str, request: ChatRequest, heard: Heard) -> ChatResult:
        self.chats.append(request)
        content, thinking = "", ""
        try:
            while (said := await self.says.get()) is not None:
                if isinstance(said, Exception):
                    raise said
                heard(*said)
                content, thinking = content + said[0], thinking + said[1]
        except asyncio.CancelledError:
            self.canceled += 1
            raise
        message = {"role": "assistant", "content": content, **({"thinking": thinking} if thinking else {})}
        return ChatResult({"model": model, "message": message, "done": True, "done_reason": "stop"}, 1.0)

    async def look(self) -> bool:
        self.looks += 1
        return self.answers

    async def free(self) -> None:
        self.unloaded += [offer.model for offer in self.offers]

    async def close(self) -> None:
        pass


@dataclass(slots=True)
class Bench:
    """A worker at work on a fake pool, with an engine under the test's control."""

    pool: FakePool
    engine: GatedEngine
    worker: Worker
    contact: Contact
    loop: asyncio.Task[None]


async def catalogue_of(*engines: Engine, only: Sequence[str] = ()) -> Catalogue:
    """Make a catalogue that has been looked at."""
    catalogue = Catalogue(engines, tuple(only))
    await catalogue.refresh()
    return catalogue


def api_of(pool: FakePool) -> ServerApi:
    """Make a signed-in connection to the fake pool, without a socket."""
    api = ServerApi("http://127.0.0.1:9", transport=pool.transport())
    api.sign_in_as(AGENT_ID, KEY)
    return api


@asynccontextmanager
async def bench(engine: GatedEngine | None = None, *, allowed: bool = True) -> AsyncIterator[Bench]:
    """Run a worker for the length of a test."""
    pool, engine, contact = FakePool(), engine or GatedEngine(), Contact()
    async with api_of(pool) as api:
        worker = Worker(api, await catalogue_of(engine), contact, lambda: Report("working", "", "gated 1.0"))
        if allowed:
            worker.allow()
        loop = asyncio.create_task(worker.run_forever())
        progress = asyncio.create_task(worker.progress.run_forever())
        try:
            yield Bench(pool, engine, worker, contact, loop)
        finally:
            loop.cancel()
            progress.cancel()
            await asyncio.gather(loop, progress, return_exceptions=True)
            await worker.stop("test over")


def assert_done(task: PoolTask) -> None:
    """The task's result is there, and it is that of its own texts."""
    assert task.result is not None, task
    vectors = rows(base64.b64decode(task.result["vectors"]), DIMENSIONS)
    assert np.array_equal(vectors, expected_vectors(DIGEST, task.texts, DIMENSIONS))
    assert task.result["digest"] == DIGEST
    assert task.result["tokens"] == sum(len(text) for text in task.texts)


def error_of(task: PoolTask) -> dict[str, object]:
    """Give the error that the task was failed with."""
    assert task.result is not None
    error: dict[str, object] = task.result["error"]
    return error
