"""A made-up pool for pictures of the pages: volunteers' PCs with their cards, clients, work and its history."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from server.domain.limits import day_of, minute_of
from server.domain.trust import Trust
from server.services import access, invitations
from server.services.operator import operations_agents
from server.storage.models import Throughput, Usage
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import ScriptedAgent, chat_offer, offer

NAME = "Riverside Library Search"
NOMIC, BGE, QWEN = "nomic-embed-text", "bge-m3", "qwen2.5:7b"
DAYS, MINUTES = 30, 24 * 60
#: What an engine takes for a task: the pages tell how long everything took.
COMPUTING_SECONDS = 0.3
#: Pictures are to look the same each time they are drawn.
SEED = 20


@dataclass(frozen=True, slots=True)
class Pc:
    """A volunteer's PC."""

    name: str
    state: dict[str, Any]
    models: Sequence[dict[str, Any]]
    #: Texts that it computes on a usual day.
    texts_a_day: int = 0
    version: str = "0.1.0"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a page needs to be opened: the ids of what is in the pool."""

    agent_id: str
    key_id: str
    failed_task_id: str


def _gpu(name: str, vram: int, used: int, temperature: int, load: int) -> dict[str, Any]:
    return {
        "name": name,
        "vram_mib": vram,
        "vram_used_mib": used,
        "temperature_c": temperature,
        "load_percent": load,
    }


def _state(status: str, gpu: dict[str, Any] | None, reason: str = "", speed: int = 0) -> dict[str, Any]:
    told = {"status": status, "reason": reason, "engine": "ollama 0.14.2", "gpu": gpu}
    return {**told, "texts_per_minute": speed} if speed else told


def _ollama(model: str, **changes: Any) -> dict[str, Any]:
    return offer(model, engine="ollama", engineVersion="0.14.2", quantisation="F16", **changes)


NOMIC_OFFER = _ollama(NOMIC, dimensions=768, contextLength=2048)
OTHER_NOMIC = _ollama(NOMIC, dimensions=768, contextLength=2048, digest="c8f3a91be55d")
CHAT = chat_offer(QWEN, engine="ollama", engineVersion="0.14.2", quantisation="Q4_K_M", digest="845dbda0ea48")

PCS = (
    Pc(
        "Maria's desktop",
        _state("working", _gpu("NVIDIA GeForce RTX 4070", 12282, 3072, 61, 85), speed=840),
        (NOMIC_OFFER, CHAT),
        52_000,
    ),
    Pc("Reading room 1", _state("ready", _gpu("NVIDIA GeForce RTX 3060", 12288, 768, 44, 0)), (NOMIC_OFFER,), 21_000),
    Pc(
        "Reading room 2",
        _state("waiting", _gpu("NVIDIA GeForce RTX 3060", 12288, 512, 41, 5), "Somebody uses this PC."),
        (NOMIC_OFFER,),
        14_500,
    ),
    Pc(
        "Jonas's gaming PC",
        _state(
            "waiting", _gpu("AMD Radeon RX 7900 XT", 20464, 9984, 72, 95), "Another program uses the graphics card."
        ),
        (NOMIC_OFFER, CHAT),
        33_000,
    ),
    Pc("Aiko's MacBook", _state("paused", _gpu("Apple M3", 0, 0, 40, 0), "Paused until 18:00."), (NOMIC_OFFER,), 6_200),
    Pc("Old workstation", _state("ready", _gpu("NVIDIA GeForce GTX 1080", 8192, 256, 38, 0)), (OTHER_NOMIC,), 900),
    Pc("Server in the cellar", _state("ready", None), (NOMIC_OFFER,), 4_800, version="0.0.9"),
)


def fill(live: LivePool) -> Sample:
    """Fill a running pool; returns what the pictures ask for by its id."""
    now, pool = live.pool.clock.now(), live.pool
    catalogue = access.issue_key(
        pool,
        now=now,
        name="Library catalogue",
        capabilities=["embed.*"],
        requests_per_minute=600,
        tokens_per_day=20_000_000,
        trust=Trust.VETTED,
    )
    access.issue_key(pool, now=now, name="Newsletter archive", capabilities=["embed.*"], tokens_per_day=2_000_000)
    access.issue_key(pool, now=now, name="Student projects", expires_at=now + 5 * 86_400_000, max_in_flight=50)
    invite = _invite(live, "Staff PCs", Trust.VETTED)
    _invite(live, "Friends of the library", Trust.PUBLIC)
    agents = [_join(live, pc, invite) for pc in PCS]
    live.pool.database.write(lambda connection: _remember(connection, agents, catalogue.stored.id, now))
    client = live.caller({"Authorization": f"Bearer {catalogue.key}"})
    failed = _fail_one(client, agents[:2])
    for texts in (
        ["The cat sleeps on the sofa."],
        ["Opening hours of the reading room", "Is the library open on Sunday?"],
    ):
        _compute(client, agents[0], texts)
    _let_wait(client)
    for agent in agents[:2]:
        agent.claim()
    operations_agents.pause(pool, agents[5].id, "Please update nomic-embed-text: ollama pull nomic-embed-text", now)
    for agent, pc in zip(agents, PCS, strict=True):
        agent.turn(max_tasks=0, state=pc.state)
    return Sample(agents[0].id, catalogue.stored.id, failed)


def _invite(live: LivePool, name: str, trust: Trust) -> str:
    now = live.pool.clock.now()
    issued = invitations.issue_invite(
        live.pool,
        name=name,
        tier=None,
        capabilities=["*"],
        max_uses=25,
        expires_at=now + 30 * 86_400_000,
        now=now,
        trust=trust,
    )
    return issued.code


def _join(live: LivePool, pc: Pc, invite: str) -> ScriptedAgent:
    return live.agent(*pc.models, invite=invite, displayName=pc.name, appVersion=pc.version)


def _ask(client: Any, texts: list[str], model: str = NOMIC) -> str:
    answer = client.post(EMBEDDINGS, json={"model": model, "input": texts}, headers={"Prefer": "wait=0"})
    return str(answer.json()["id"])


def _compute(client: Any, agent: ScriptedAgent, texts: list[str]) -> None:
    _ask(client, texts)
    task = agent.claim()
    time.sleep(COMPUTING_SECONDS)
    agent.report(agent.result(task, engine_ms=COMPUTING_SECONDS * 800))


def _fail_one(client: Any, agents: Sequence[ScriptedAgent]) -> str:
    """Let a task fail for good: two PCs agree that it is the text's fault; returns the task's id."""
    _ask(client, ["A text that is far too long for the model"])
    for agent in agents:
        task = agent.claim()
        agent.fail(task, "input_too_long", 0)
    return str(task["task_id"])


def _let_wait(client: Any) -> None:
    for number in range(14):
        _ask(client, [f"Chapter {number}, page {page}" for page in range(40)])


def _remember(connection: Connection, agents: Sequence[ScriptedAgent], key_id: str, now: int) -> None:
    """Write the history that the charts show: more by day than by night, less at weekends."""
    chance = random.Random(SEED)  # noqa: S311 (made-up numbers)
    connection.execute(insert(Throughput), list(_minutes(chance, now)))
    connection.execute(insert(Usage), list(_days(chance, agents, key_id, now)))


def _minutes(chance: random.Random, now: int) -> Iterator[dict[str, Any]]:
    last = minute_of(now) - 1
    for back in range(MINUTES):
        wave = 1 + math.sin((back - 200) / MINUTES * 2 * math.pi) * 0.7
        texts = int(90 * wave * chance.uniform(0.6, 1.3))
        done = {"tasks": texts // 8 + 1, "texts": texts, "failed": int(chance.random() < 0.02), "cached": texts // 4}
        yield {"minute": last - back, "capability": f"embed.{NOMIC}", **done}


def _days(chance: random.Random, agents: Sequence[ScriptedAgent], key_id: str, now: int) -> Iterator[dict[str, Any]]:
    for back in range(1, DAYS):
        rest = 0.35 if back % 7 in {0, 1} else 1.0
        for agent, pc in zip(agents, PCS, strict=True):
            texts = int(pc.texts_a_day * rest * chance.uniform(0.5, 1.2))
            counted = {"tasks": texts // 8, "failed": texts // 9000, "texts": texts, "prompt_tokens": texts * 42}
            whose = {"day": day_of(now) - back, "key_id": key_id, "agent_id": agent.id, "capability": f"embed.{NOMIC}"}
            yield {**whose, **counted, "completion_tokens": 0, "engine_ms": texts * 40.0}
