"""Keys, invites, model classes and agents of a large pool."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import Any

import orjson

from server.domain import ids
from server.domain.capability import chat_capability, embedding_capability
from server.domain.limits import DAY_MS
from server.services.operators_client import OPERATORS_KEY

KEYS, INVITES, AGENTS = 200, 100, 500
#: Embedding models with their dimensions; the first has two classes, of which one serves the pool.
MODELS = {"nomic-embed-text": 768, "bge-m3": 1024, "all-minilm": 384}
CHAT_MODEL = "llama3.1:8b"
CAPABILITIES = (*(embedding_capability(model) for model in MODELS), chat_capability(CHAT_MODEL))
#: The class of each capability; a chat model's tasks have none.
CLASSES = {embedding_capability(model): number for number, model in enumerate(MODELS, start=1)}
CARDS = ("NVIDIA GeForce RTX 4070", "NVIDIA GeForce RTX 3060", "AMD Radeon RX 7800 XT", "Apple M3")
REASONS = ("You are using this PC.", "On battery.", "The graphics card is busy with something else.")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class People:
    """Rows of the tables, by name, and the ids that other rows refer to."""

    tables: dict[str, list[Row]]
    keys: list[str]
    invites: list[str]
    agents: list[str]
    #: Key or agent → the trust that it asks for, or has.
    trust: dict[str, int]


def make(luck: random.Random, now: int) -> People:
    """Make them; the first two thirds of the agents are to be online."""
    keys = [_key(luck, number, now) for number in range(KEYS)]
    invites = [_invite(luck, number, now) for number in range(INVITES)]
    agents = [_agent(luck, number, luck.choice(invites)["id"], now) for number in range(AGENTS)]
    tables = {
        "client_keys": [*keys, _operators_key(now)],
        "invites": invites,
        "model_classes": _classes(now),
        "agents": agents,
        "offers": [offer for agent in agents for offer in _offers(luck, agent["id"])],
    }
    trust = {row["id"]: row["trust"] for row in (*keys, *agents)}
    return People(tables, _ids(keys), _ids(invites), _ids(agents), trust)


def _ids(rows: list[Row]) -> list[str]:
    return [row["id"] for row in rows]


def _key(luck: random.Random, number: int, now: int) -> Row:
    created = now - luck.randrange(200) * DAY_MS
    return {
        "id": ids.new_ulid(created),
        "key_hash": hashlib.sha256(f"key {number}".encode()).hexdigest(),
        "shown": f"ep_live_{number:04d}…",
        "name": f"client {number}",
        "capabilities": luck.choice(('["*"]', '["embed.*"]')),
        "created_at": created,
        "expires_at": luck.choice((None, now + 30 * DAY_MS)),
        "revoked_at": now - DAY_MS if number % 20 == 19 else None,
        "disabled": number % 15 == 14,
        "tokens_per_day": luck.choice((None, 1_000_000)),
        "trust": luck.choice((0, 0, 0, 1)),
    }


def _operators_key(now: int) -> Row:
    """The key that nobody has, under which the operator's own tries run."""
    nobodys = {"id": OPERATORS_KEY, "key_hash": OPERATORS_KEY, "shown": "", "name": "the operator"}
    return {**_key(random.Random(0), 0, now), **nobodys, "revoked_at": now, "trust": 0}


def _invite(luck: random.Random, number: int, now: int) -> Row:
    return {
        "id": ids.new_ulid(now - luck.randrange(100) * DAY_MS),
        "code_hash": hashlib.sha256(f"invite {number}".encode()).hexdigest(),
        "shown": f"ep_join_{number:04d}…",
        "name": f"group {number}",
        "capabilities": '["*"]',
        "max_uses": 50,
        "uses": luck.randrange(50),
        "created_at": now - 100 * DAY_MS,
        "expires_at": luck.choice((None, now - DAY_MS, now + DAY_MS)),
        "revoked_at": None,
        "trust": 0,
    }


def _agent(luck: random.Random, number: int, invite_id: str, now: int) -> Row:
    card = luck.choice(CARDS)
    status = luck.choice(("working", "ready", "ready", "waiting", "paused"))
    done = luck.randrange(20_000)
    registered = now - luck.randrange(1, 150) * DAY_MS
    return {
        "id": ids.new_ulid(registered),
        "key_hash": hashlib.sha256(f"agent {number}".encode()).hexdigest(),
        "invite_id": invite_id,
        "display_name": f"PC {number}",
        "app_version": luck.choice(("0.1.0", "0.0.9")),
        "capabilities": orjson.dumps(list(CAPABILITIES)).decode(),
        "tier": luck.randrange(1, 6),
        "capacity": 64,
        "system_info": orjson.dumps({"os": "Linux", "cpuArch": "x86_64", "totalMemoryGb": 32}).decode(),
        "protocol": luck.choice(("turn", "turn", "turn", "offloadmq", "llmequeue")),
        "registered_at": registered,
        "last_seen_at": now - luck.randrange(60) * 1000 if number < AGENTS * 2 // 3 else now - DAY_MS,
        "state": orjson.dumps(_state(luck, status, card)).decode(),
        "tasks_completed": done,
        "tasks_failed": done // 100,
        "tasks_released": done // 50,
        "texts": done * 16,
        "tokens": done * 16 * 120,
        "paused_at": now - 3_600_000 if number % 25 == 24 else None,
        "pause_message": "Please update Ollama." if number % 25 == 24 else None,
        "trust": luck.choice((0, 0, 1, 2)),
    }


def _state(luck: random.Random, status: str, card: str) -> Row:
    gpu = {"name": card, "vram_mib": 12_282, "vram_used_mib": 3072, "temperature_c": 61, "load_percent": 85}
    reason = luck.choice(REASONS) if status == "waiting" else ""
    return {"status": status, "reason": reason, "engine": "ollama 0.14.2", "texts_per_minute": 840, "gpu": gpu}


def _classes(now: int) -> list[Row]:
    rows = [
        _class(number, "embedding", model, dimensions, now, is_pool=True)
        for number, (model, dimensions) in enumerate(MODELS.items(), start=1)
    ]
    other = {**_class(len(rows) + 1, "embedding", "nomic-embed-text", 768, now, is_pool=False), "digest": "ff00" * 16}
    return [*rows, other, _class(len(rows) + 2, "chat", CHAT_MODEL, 0, now, is_pool=True)]


def _class(number: int, kind: str, model: str, dimensions: int, now: int, *, is_pool: bool) -> Row:
    return {
        "id": number,
        "kind": kind,
        "model": model,
        "digest": hashlib.sha256(model.encode()).hexdigest(),
        "dimensions": dimensions,
        "engine": "ollama",
        "quantisation": "F16",
        "context_length": 8192,
        "first_seen_at": now - 200 * DAY_MS,
        "is_pool": is_pool,
    }


def _offers(luck: random.Random, agent_id: str) -> list[Row]:
    offered = luck.sample(CAPABILITIES, luck.randrange(1, len(CAPABILITIES) + 1))
    other = len(MODELS) + 1
    return [
        {
            "agent_id": agent_id,
            "capability": capability,
            # Some have the other build of the first model.
            "class_id": other if CLASSES.get(capability) == 1 and luck.random() < 0.1 else CLASSES.get(capability),
            "engine_version": "0.14.2",
        }
        for capability in offered
    ]
