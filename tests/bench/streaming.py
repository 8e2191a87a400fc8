"""Streamed chats beside the engine alone: when the first token comes, and what each token costs on the way."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.bench.raw_client import RawClient
from tests.bench.stage import Stage, cpu_seconds

MODEL, EMBEDDING_MODEL = "bench-chat:1b", "nomic-embed-text"
#: Milliseconds that the engine takes for a token, and chats that are measured each way.
MS_PER_TOKEN, CHATS = 20.0, 10
QUESTION = {"messages": [{"role": "user", "content": " ".join(f"word{number}" for number in range(120))}]}


@dataclass(frozen=True, slots=True)
class Streamed:
    """One chat: seconds until the first text and until the end, and its tokens."""

    first: float
    whole: float
    tokens: int


@dataclass(frozen=True, slots=True)
class Streaming:
    """Medians in milliseconds."""

    engine_first_ms: float
    pool_first_ms: float
    engine_whole_ms: float
    pool_whole_ms: float
    tokens: int
    #: The server's processor time for a token (microseconds).
    server_us: float

    @property
    def added_ms(self) -> float:
        """How much later the first token comes than from the engine alone."""
        return self.pool_first_ms - self.engine_first_ms

    @property
    def per_token_ms(self) -> float:
        """How much longer the whole answer takes, spread over its tokens."""
        return (self.pool_whole_ms - self.engine_whole_ms) / self.tokens


def measure(folder: Path) -> Streaming:
    """Measure with one server, one real agent and two fake Ollamas that write 50 tokens a second."""
    with Stage(folder) as stage:
        stage.start_agent(stage.start_ollama(ms_per_token=MS_PER_TOKEN, chat_model=MODEL), EMBEDDING_MODEL)
        # The engine alone is another one: an agent takes no work while somebody else uses its own.
        return asyncio.run(_measure(stage, stage.start_ollama(ms_per_token=MS_PER_TOKEN, chat_model=MODEL)))


async def _measure(stage: Stage, ollama: int) -> Streaming:
    await _ask_pool(stage.port, stage.key)
    engine = [await _ask_engine(ollama) for _ in range(CHATS)]
    before = cpu_seconds(stage.server)
    pool = [await _ask_pool(stage.port, stage.key) for _ in range(CHATS)]
    server_us = (cpu_seconds(stage.server) - before) * 1e6 / sum(one.tokens for one in pool)
    return Streaming(
        engine_first_ms=_median_ms(one.first for one in engine),
        pool_first_ms=_median_ms(one.first for one in pool),
        engine_whole_ms=_median_ms(one.whole for one in engine),
        pool_whole_ms=_median_ms(one.whole for one in pool),
        tokens=pool[0].tokens,
        server_us=server_us,
    )


def _median_ms(seconds: Iterable[float]) -> float:
    return statistics.median(seconds) * 1000


async def _ask_engine(port: int) -> Streamed:
    connection = await RawClient.connect(port)
    began, first, last = time.perf_counter(), 0.0, {}
    async for line in connection.stream("/api/chat", {**QUESTION, "model": MODEL, "stream": True}):
        last = orjson.loads(line)
        if last["message"]["content"] and not first:
            first = time.perf_counter() - began
    connection.close()
    return Streamed(first, time.perf_counter() - began, last["eval_count"])


async def _ask_pool(port: int, key: str) -> Streamed:
    connection = await RawClient.connect(port)
    body = {**QUESTION, "model": MODEL, "stream": True, "stream_options": {"include_usage": True}}
    began, first = time.perf_counter(), 0.0
    usage: dict[str, Any] = {}
    async for line in connection.stream("/v1/chat/completions", body, key):
        if line == b"data: [DONE]":
            continue
        chunk = orjson.loads(line.removeprefix(b"data: "))
        usage = chunk["usage"] or usage
        if not first and any(choice["delta"].get("content") for choice in chunk["choices"]):
            first = time.perf_counter() - began
    connection.close()
    return Streamed(first, time.perf_counter() - began, usage["completion_tokens"])
