"""Tasks through OffloadMQ's protocol: submit, poll, take, resolve, each a request of its own."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import idle_agents
from tests.bench.raw_client import Latencies, RawClient
from tests.bench.stage import Stage, cpu_seconds

CAPABILITY = "debug.echo"
AGENTS, CLIENTS = 8, 4
#: Tasks a second that are submitted, and seconds of it.
RATE, SECONDS = 150, 60
#: Seconds that an agent rests when there was nothing: OffloadMQ's own rests 5.
REST_SECONDS = 0.02
#: Seconds for the last tasks to be done.
LAST_SECONDS = 10


@dataclass(slots=True)
class Offloaded:
    """What became of the tasks; times in milliseconds from the submission's beginning to the resolution's end."""

    per_second: float = 0
    p99_ms: float = 0
    cpu_ms: float = 0
    left: int = 0
    submitted_at: dict[str, float] = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)


def measure(folder: Path) -> Offloaded:
    """Submit at a steady rate, and let foreign agents do the work."""
    with Stage(folder) as stage:
        return asyncio.run(_measure(stage))


async def _measure(stage: Stage) -> Offloaded:
    found = Offloaded()
    system = {"os": "Linux", "client": "offload-client.py", "runtime": "python", "cpuArch": "x86_64"}
    about: dict[str, Any] = {
        "capabilities": [CAPABILITY],
        "models": None,
        "systemInfo": {**system, "totalMemoryMb": 8000},
    }
    agents = [asyncio.create_task(_work(*await idle_agents.join(stage, **about), found)) for _ in range(AGENTS)]
    before, began = cpu_seconds(stage.server), time.perf_counter()
    await asyncio.gather(*(_submit(stage, number, began, found) for number in range(CLIENTS)))
    deadline = time.perf_counter() + LAST_SECONDS
    while len(found.taken) < RATE * SECONDS and time.perf_counter() < deadline:
        await asyncio.sleep(0.05)
    wall = time.perf_counter() - began
    for agent in agents:
        agent.cancel()
    found.per_second = len(found.taken) / wall
    found.p99_ms = Latencies(found.taken, wall).percentile_ms(0.99)
    found.cpu_ms = (cpu_seconds(stage.server) - before) * 1000 / len(found.taken)
    found.left = RATE * SECONDS - len(found.taken)
    return found


async def _submit(stage: Stage, number: int, began: float, found: Offloaded) -> None:
    connection = await RawClient.connect(stage.port)
    for turn in range(number, RATE * SECONDS, CLIENTS):
        await asyncio.sleep(max(0.0, began + turn / RATE - time.perf_counter()))
        at = time.perf_counter()
        task = {"capability": CAPABILITY, "payload": {"number": turn}, "apiKey": stage.key}
        answer = await connection.post("/api/task/submit", task)
        found.submitted_at[answer["id"]["id"]] = at


async def _work(connection: RawClient, token: str, found: Offloaded) -> None:
    while True:
        task = await connection.get("/private/agent/task/poll", token)
        if task is None:
            await asyncio.sleep(REST_SECONDS)
            continue
        where = f"{task['id']['cap']}/{task['id']['id']}"
        try:
            taken = await connection.post(f"/private/agent/take/{where}", {}, token)
        except RuntimeError:
            # Another agent was quicker: polling does not reserve.
            continue
        report = {
            "id": task["id"],
            "capability": CAPABILITY,
            "status": {"success": 0.1},
            "output": taken["data"]["payload"],
        }
        await connection.post(f"/private/agent/task/resolve/{where}", report, token)
        at = time.perf_counter()
        found.taken.append(at - found.submitted_at.get(task["id"]["id"], at))
