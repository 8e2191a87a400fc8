"""What 500 agents that wait for work cost the server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.bench.raw_client import RawClient
from tests.bench.stage import Stage, cpu_seconds

AGENTS = 500
#: Seconds measured: more than one whole poll, so that each agent comes round.
SECONDS = 55.0
MODEL = {
    "model": "idle-model",
    "kind": "embedding",
    "digest": "d" * 64,
    "quantisation": "F16",
    "dimensions": 768,
    "contextLength": 2048,
    "engine": "ollama",
    "engineVersion": "0.14.2",
}
DESCRIPTION = {
    "capabilities": ["embed.idle-model"],
    "tier": 5,
    "capacity": 64,
    "systemInfo": {"os": "Linux", "client": "embedpool-agent", "runtime": "python", "cpuArch": "x86_64"},
    "models": [MODEL],
}


@dataclass(frozen=True, slots=True)
class IdleCost:
    """Memory in MiB, and processor time as a percentage of one core."""

    memory_mib: float
    cpu_percent: float
    agents: int


def measure(folder: Path) -> IdleCost:
    """Let agents poll as ours do, and look at the server meanwhile."""
    with Stage(folder) as stage:
        return asyncio.run(_measure(stage))


async def _measure(stage: Stage) -> IdleCost:
    polls = [asyncio.create_task(poll(*await join(stage))) for _ in range(AGENTS)]
    before = cpu_seconds(stage.server)
    await asyncio.sleep(SECONDS)
    cost = IdleCost(
        stage.server.memory_info().rss / 2**20,
        (cpu_seconds(stage.server) - before) * 100 / SECONDS,
        sum(not task.done() for task in polls),
    )
    for task in polls:
        task.cancel()
    return cost


async def join(stage: Stage, **changes: object) -> tuple[RawClient, str]:
    """Let an agent join; returns its connection and its token."""
    connection = await RawClient.connect(stage.port)
    joined = await connection.post("/agent/register", {**DESCRIPTION, "apiKey": stage.invite_code, **changes})
    credentials = {"agentId": joined["agentId"], "key": joined["key"]}
    return connection, (await connection.post("/agent/auth", credentials))["token"]


async def poll(connection: RawClient, token: str) -> None:
    """Ask for work for ever, as our agent does."""
    while True:
        await connection.post("/private/agent/turn", {"max_tasks": 32, "wait": 25, "state": {"status": "ready"}}, token)
