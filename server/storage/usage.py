"""Usage: work that was done, summed up by day, client key, agent and capability."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert as upsert

from server.storage.fence import HeldTask
from server.storage.models import Usage
from server.storage.prepared import Prepared
from server.storage.results import Part

DAY_MS = 86_400_000


def count_completed(connection: Connection, held: HeldTask, part: Part, *, engine_ms: float, now: int) -> None:
    """Add a completed task."""
    _add(
        connection,
        _whose(held, part.agent_id, now),
        tasks=1,
        texts=held.texts,
        prompt_tokens=part.prompt_tokens,
        completion_tokens=part.completion_tokens,
        engine_ms=engine_ms,
    )


def count_failed(connection: Connection, held: HeldTask, agent_id: str, *, now: int) -> None:
    """Add a task that ended failed, to the account of the agent that tried it last."""
    _add(connection, _whose(held, agent_id, now), failed=1)


def _whose(held: HeldTask, agent_id: str, now: int) -> dict[str, object]:
    return {"day": now // DAY_MS, "key_id": held.key_id, "agent_id": agent_id, "capability": held.capability}


def _add(connection: Connection, whose: dict[str, object], **counts: float) -> None:
    _ADD.run(connection, {**whose, **dict.fromkeys(_COUNTS, 0), **counts})


_COUNTS = ("tasks", "failed", "texts", "prompt_tokens", "completion_tokens", "engine_ms")
_NEW = upsert(Usage)
_ADD = Prepared(
    _NEW.on_conflict_do_update(
        index_elements=["day", "key_id", "agent_id", "capability"],
        set_={name: getattr(Usage, name) + getattr(_NEW.excluded, name) for name in _COUNTS},
    ),
    *("day", "key_id", "agent_id", "capability", *_COUNTS),
)
