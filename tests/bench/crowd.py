"""A full house: 500 agents that poll and 300 clients that wait; what a quick call takes meanwhile."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench import idle_agents
from tests.bench.raw_client import Latencies, RawClient
from tests.bench.stage import Stage

AGENTS, CLIENTS = 500, 300
#: Quick calls that are measured, one after the other.
CALLS = 600
#: A model whose one agent is there but takes no work: its clients wait.
BUSY_MODEL = "busy-model"


@dataclass(frozen=True, slots=True)
class Crowd:
    """Milliseconds of quick calls, and how many were waiting when the last was answered."""

    median_ms: float
    p99_ms: float
    agents: int
    clients: int


def measure(folder: Path) -> Crowd:
    """Fill the house, then call `/health`."""
    with Stage(folder) as stage:
        return asyncio.run(_measure(stage))


async def _measure(stage: Stage) -> Crowd:
    polls = [asyncio.create_task(idle_agents.poll(*await idle_agents.join(stage))) for _ in range(AGENTS)]
    model = {**idle_agents.MODEL, "model": BUSY_MODEL}
    busy, token = await idle_agents.join(stage, models=[model], capabilities=[f"embed.{BUSY_MODEL}"])
    waits = [asyncio.create_task(_ask(stage, number)) for number in range(CLIENTS)]
    ready = await RawClient.connect(stage.port)
    while (await ready.get("/ready"))["client_waits"]["in_use"] < CLIENTS:
        await asyncio.sleep(0.1)
    await busy.get("/private/agent/ping", token)
    taken = []
    for _ in range(CALLS):
        at = time.perf_counter()
        await ready.get("/health")
        taken.append(time.perf_counter() - at)
        await asyncio.sleep(0.005)
    found = Latencies(taken, sum(taken))
    left = (sum(not one.done() for one in tasks) for tasks in (polls, waits))
    crowd = Crowd(found.percentile_ms(0.5), found.percentile_ms(0.99), *left)
    for task in (*polls, *waits):
        task.cancel()
    return crowd


async def _ask(stage: Stage, number: int) -> None:
    connection = await RawClient.connect(stage.port)
    await connection.post("/v1/embeddings", {"model": BUSY_MODEL, "input": f"client {number}"}, stage.key)
