"""What a large pool has written down: usage of three months, minutes of two days, events, agents' logs."""

from __future__ import annotations

import random

import orjson

from server.domain import ids
from server.domain.limits import DAY_MS, MINUTE_MS
from tests.load.people import CAPABILITIES, People, Row

USAGE_DAYS, ROWS_A_DAY, MINUTES = 90, 500, 2 * 1440
EVENTS, LOG_LINES = 5000, 5000
VERBS = ("key.create", "key.change", "agent.join", "agent.leave", "agent.pause", "agent.resume", "invite.create")


def make(luck: random.Random, people: People, now: int) -> dict[str, list[Row]]:
    """Make rows of the tables, by name."""
    return {
        "usage": [row for day in range(USAGE_DAYS) for row in _usage(luck, people, now // DAY_MS - day)],
        "throughput": [_minute(luck, now // MINUTE_MS - back, one) for back in range(MINUTES) for one in CAPABILITIES],
        "events": [_event(luck, people, now - number * 90 * DAY_MS // EVENTS) for number in range(EVENTS)],
        "agent_logs": [_line(luck, people, now - number * 14 * DAY_MS // LOG_LINES) for number in range(LOG_LINES)],
    }


def _usage(luck: random.Random, people: People, day: int) -> list[Row]:
    wanted = {
        (luck.choice(people.keys[:60]), luck.choice(["", *people.agents[:300]]), luck.choice(CAPABILITIES))
        for _ in range(ROWS_A_DAY)
    }
    return [
        {
            "day": day,
            "key_id": key_id,
            "agent_id": agent_id,
            "capability": capability,
            "tasks": 40 if agent_id else 0,
            "failed": luck.randrange(3) if agent_id else 0,
            "texts": luck.randrange(1, 1000),
            "prompt_tokens": luck.randrange(1, 100_000),
            "completion_tokens": 0,
            "engine_ms": luck.random() * 60_000,
        }
        for key_id, agent_id, capability in sorted(wanted)
    ]


def _minute(luck: random.Random, minute: int, capability: str) -> Row:
    tasks = luck.randrange(1, 40)
    return {
        "minute": minute,
        "capability": capability,
        "tasks": tasks,
        "texts": tasks * 16,
        "failed": luck.random() < 0.1,
        "cached": tasks * 4,
    }


def _event(luck: random.Random, people: People, at: int) -> Row:
    verb = luck.choice(VERBS)
    things = {"key": people.keys, "agent": people.agents, "invite": people.invites}
    return {
        "id": ids.new_ulid(at),
        "at": at,
        "actor": "operator",
        "verb": verb,
        "subject": luck.choice(things[verb.partition(".")[0]]),
        "detail": orjson.dumps({"name": "a name"}).decode(),
    }


def _line(luck: random.Random, people: People, at: int) -> Row:
    return {
        "id": ids.new_ulid(at),
        "at": at,
        "agent_id": luck.choice(people.agents),
        "agent_name": "PC",
        "machine": "0123abcd",
        "severity": luck.choice(("INFO", "INFO", "ERROR", "CRITICAL")),
        "text": "Something was done with a task; this line says what, at some length.",
    }
