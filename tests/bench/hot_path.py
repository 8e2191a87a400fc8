"""The hot path beside the engine alone: latency, calls a second, and large requests."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.raw_client import Latencies, RawClient, load
from tests.bench.stage import Stage, cpu_seconds

MODEL = "nomic-embed-text"
#: Milliseconds that the engine takes for a text.
MS_PER_TEXT = 1.0
#: Texts of a large request, and how many such requests are measured.
LARGE, LARGE_CALLS = 2048, 4
SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class HotPath:
    """What was measured; times in milliseconds."""

    engine_ms: float
    pool_ms: float
    #: By number of clients: calls a second, server CPU milliseconds a call, 99th percentile.
    throughput: dict[int, tuple[float, float, float]]
    engine_texts_per_second: float
    pool_texts_per_second: float

    @property
    def overhead_ms(self) -> float:
        """Median time of a one-text call above the engine's own."""
        return self.pool_ms - self.engine_ms

    @property
    def large_share(self) -> float:
        """Texts a second of large requests as a share of what the engine does alone."""
        return self.pool_texts_per_second / self.engine_texts_per_second


def measure(folder: Path) -> HotPath:
    """Measure with one server, one real agent and two fake Ollamas on this machine."""
    with Stage(folder) as stage:
        stage.start_agent(stage.start_ollama(ms_per_text=MS_PER_TEXT), MODEL)
        # The engine alone is another one: an agent takes no work while somebody else uses its own.
        return asyncio.run(_measure(stage, stage.start_ollama(ms_per_text=MS_PER_TEXT)))


async def _measure(stage: Stage, ollama: int) -> HotPath:
    await load(stage.port, "/v1/embeddings", 4, 2.0, _one_text("warm"), stage.key)
    engine = await load(ollama, "/api/embed", 1, SECONDS, _one_text("alone"))
    pool = await load(stage.port, "/v1/embeddings", 1, SECONDS, _one_text("one"), stage.key)
    throughput = {clients: await _throughput(stage, clients) for clients in (8, 32)}
    return HotPath(
        engine.percentile_ms(0.5),
        pool.percentile_ms(0.5),
        throughput,
        await _large(ollama, "/api/embed", "", 32),
        await _large(stage.port, "/v1/embeddings", stage.key, LARGE),
    )


async def _throughput(stage: Stage, clients: int) -> tuple[float, float, float]:
    before = cpu_seconds(stage.server)
    found: Latencies = await load(
        stage.port, "/v1/embeddings", clients, SECONDS, _one_text(f"many{clients}"), stage.key
    )
    cpu_ms = (cpu_seconds(stage.server) - before) * 1000 / len(found.seconds)
    return found.per_second, cpu_ms, found.percentile_ms(0.99)


async def _large(port: int, path: str, bearer: str, texts_per_call: int) -> float:
    """Return texts a second; alone the engine gets the same texts in the batches that an agent sends it."""
    connection = await RawClient.connect(port)
    began, sent = time.perf_counter(), 0
    for call in range(LARGE_CALLS * LARGE // texts_per_call):
        texts = [f"large {path} {call} {number} of some words" for number in range(texts_per_call)]
        await connection.post(path, {"model": MODEL, "input": texts, "encoding_format": "base64"}, bearer)
        sent += texts_per_call
    wall = time.perf_counter() - began
    connection.close()
    return sent / wall


def _one_text(name: str) -> Any:
    return lambda client, call: {"model": MODEL, "input": f"{name} {client} {call}", "encoding_format": "base64"}
