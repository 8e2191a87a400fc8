"""Jobs, tasks, attempts and results of a large pool, in every status that a task can have."""

from __future__ import annotations

import random

import orjson

from server.domain import ids
from server.domain.limits import DAY_MS
from server.services.operators_client import OPERATORS_KEY
from tests.load.people import CLASSES, People, Row

TASKS = 10_000
#: How many of a thousand tasks stand how; the rest is completed.
SHARES = {"failed": 60, "canceled": 20, "expired": 10, "queued": 40, "leased": 20}
#: Milliseconds over which they are spread.
SPAN = 6 * DAY_MS
#: Short vectors: what is looked at is how many rows there are.
DIMENSIONS = 96


def make(luck: random.Random, people: People, now: int) -> dict[str, list[Row]]:
    """Make rows of the tables, by name; what they say is what a pool would have written."""
    tables: dict[str, list[Row]] = {name: [] for name in ("jobs", "tasks", "payloads", "attempts", "results")}
    statuses = [status for status, share in SHARES.items() for _ in range(TASKS * share // 1000)]
    statuses += ["completed"] * (TASKS - len(statuses))
    luck.shuffle(statuses)
    for number, status in enumerate(statuses):
        under_way = status in {"queued", "leased"}
        created = now - luck.randrange(600_000) if under_way else now - SPAN + number * SPAN // TASKS
        _add(luck, tables, people, status, created, now)
    _let_operator_try(tables)
    return tables


def _let_operator_try(tables: dict[str, list[Row]]) -> None:
    """Let the newest task that has its result be a try of the operator."""
    task_id = tables["results"][-1]["task_id"]
    task = next(row for row in reversed(tables["tasks"]) if row["id"] == task_id)
    job = next(row for row in reversed(tables["jobs"]) if row["id"] == task["job_id"])
    task["key_id"] = job["key_id"] = OPERATORS_KEY


def _add(
    luck: random.Random, tables: dict[str, list[Row]], people: People, status: str, created: int, now: int
) -> None:
    task = _task(luck, people, status, created, now)
    attempts = _attempts(luck, people, task, status, now)
    task["attempts_made"] = len(attempts)
    task["attempts_charged"] = sum(one["status"] in {"failed", "lost", "leased"} for one in attempts)
    task["releases"] = sum(one["status"] == "released" for one in attempts)
    task["current_attempt"] = attempts[-1]["id"] if status == "leased" else None
    tables["jobs"].append(_job(luck, task))
    tables["tasks"].append(task)
    tables["attempts"] += attempts
    if status in {"queued", "leased"} or (status == "failed" and created > now - 3_000_000):
        kept = now + 3_600_000 if status == "failed" else None
        body = orjson.dumps({"texts": ["a text of a client"] * task["texts"]})
        tables["payloads"].append({"task_id": task["id"], "body": body, "hashes": b"", "kept_until": kept})
    if status == "completed" and task["finished_at"] > now - DAY_MS:
        tables["results"].append(_result(luck, task, attempts[-1]))


def _task(luck: random.Random, people: People, status: str, created: int, now: int) -> Row:
    capability = luck.choice((*CLASSES, *CLASSES, "llm.llama3.1:8b", "debug.echo"))
    kind = "embedding" if capability in CLASSES else "chat" if capability.startswith("llm.") else "task"
    is_over = status not in {"queued", "leased"}
    bad = {"failed": ("engine_error", "The engine broke: out of memory."), "expired": ("expired", "Nobody took it.")}
    code, message = bad.get(status, (None, None))
    key_id = luck.choice(people.keys)
    return {
        "id": ids.new_ulid(created),
        "job_id": ids.new_ulid(created),
        "key_id": key_id,
        "trust": people.trust[key_id],
        "kind": kind,
        "capability": capability,
        "class_id": CLASSES.get(capability),
        "status": status,
        "priority": luck.randrange(2),
        "turn": luck.random() * 1000,
        "texts": luck.randrange(1, 33) if kind == "embedding" else 1,
        "positions": b"\0\0\0\0",
        "job_tasks": 1,
        "created_at": created,
        "not_before": created,
        "expires_at": now + 3_600_000,
        "runs_until": now + 3_600_000,
        "finished_at": min(now, created + luck.randrange(500, 60_000)) if is_over else None,
        "error_code": code,
        "error_message": message,
    }


def _attempts(luck: random.Random, people: People, task: Row, status: str, now: int) -> list[Row]:
    earlier = {"failed": luck.randrange(2, 4), "completed": luck.random() < 0.1, "queued": luck.random() < 0.1}
    ended = [luck.choice(("failed", "lost")) for _ in range(int(earlier.get(status, 0)))]
    if luck.random() < 0.05:
        ended.insert(0, "released")
    last = {"completed": ["completed"], "leased": ["leased"], "failed": ["failed"]}.get(status, [])
    began = task["created_at"]
    return [_attempt(luck, people, task, one, began + number * 100, now) for number, one in enumerate([*ended, *last])]


def _attempt(luck: random.Random, people: People, task: Row, status: str, began: int, now: int) -> Row:
    is_live, went_wrong = status == "leased", status in {"failed", "lost"}
    # Who works now is online.
    able = [one for one in people.agents[: len(people.agents) // 2] if people.trust[one] >= task["trust"]]
    return {
        "id": ids.new_lease_id(),
        "task_id": task["id"],
        "agent_id": luck.choice(able if is_live else people.agents),
        "status": status,
        "started_at": began,
        "lease_until": now + 45_000 if is_live else began + 60_000,
        "hard_until": now + 120_000 if is_live else began + 120_000,
        "ended_at": None if is_live else task["finished_at"] or now,
        "error_code": "engine_error" if went_wrong else None,
        "error_message": "The engine broke: out of memory." if went_wrong else None,
        "engine_ms": luck.random() * 500 if status == "completed" else None,
    }


def _job(luck: random.Random, task: Row) -> Row:
    return {
        "id": task["job_id"],
        "key_id": task["key_id"],
        "kind": task["kind"],
        "model": task["capability"].partition(".")[2],
        "class_id": task["class_id"],
        "fingerprint": luck.randbytes(32),
        "inputs": task["texts"],
        "created_at": task["created_at"],
        "expires_at": task["expires_at"],
        "fetched_at": None,
        "cached_positions": b"",
        "cached_vectors": b"",
        "cached_tokens": 0,
    }


def _result(luck: random.Random, task: Row, attempt: Row) -> Row:
    is_embedding = task["kind"] == "embedding"
    return {
        "task_id": task["id"],
        "attempt_id": attempt["id"],
        "agent_id": attempt["agent_id"],
        "stored_at": task["finished_at"],
        "vectors": luck.randbytes(4 * DIMENSIONS) * task["texts"] if is_embedding else b"",
        "dimensions": DIMENSIONS if is_embedding else 0,
        "tokens": task["texts"] * 120,
        "truncated": "[]",
        "output": None if is_embedding else b'{"choices": []}',
    }
