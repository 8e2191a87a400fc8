"""Usage: work that was done, summed up by day, client key, agent and capability."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, null, select
from sqlalchemy.dialects.sqlite import insert as upsert

from server.domain.limits import day_of
from server.storage import rows
from server.storage.fence import HeldTask
from server.storage.models import Agent, ClientKey, Usage
from server.storage.prepared import Prepared
from server.storage.results import Part

#: Stands for the agent in what the cache answered.
NOBODY = ""


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


def count_cached(connection: Connection, hits: Mapping[tuple[str, str], tuple[int, int]], now: int) -> None:
    """Add what the cache answered, which no agent did; maps (key id, capability) to (texts, tokens)."""
    for (key_id, capability), (texts, tokens) in hits.items():
        whose = {"day": day_of(now), "key_id": key_id, "agent_id": NOBODY, "capability": capability}
        _add(connection, whose, texts=texts, prompt_tokens=tokens)


def _whose(held: HeldTask, agent_id: str, now: int) -> dict[str, object]:
    return {"day": day_of(now), "key_id": held.key_id, "agent_id": agent_id, "capability": held.capability}


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


@dataclass(frozen=True, slots=True)
class UsageSum:
    """What was used, summed up; what it is not summed up by is None."""

    #: Days since 1970 (UTC).
    day: int | None
    key_id: str | None
    #: `NOBODY` for what the cache answered.
    agent_id: str | None
    capability: str | None
    #: The key's name, and the agent's.
    client: str | None
    agent: str | None
    tasks: int
    failed: int
    texts: int
    prompt_tokens: int
    completion_tokens: int
    engine_ms: float


#: What usage can be summed up by, in the order of the answer.
DIMENSIONS = ("day", "key_id", "agent_id", "capability")


def report(
    connection: Connection, by: Collection[str], *, first_day: int, last_day: int, where: Mapping[str, str], limit: int
) -> list[UsageSum]:
    """Sum usage up by some of `DIMENSIONS`, over a stretch of days, both included; the newest day comes first.

    `where` maps some of the dimensions to the one value that is looked at.
    """
    groups = [getattr(Usage, name) for name in DIMENSIONS if name in by]
    wanted = (
        select(
            *(getattr(Usage, name) if name in by else null() for name in DIMENSIONS),
            func.max(ClientKey.name) if "key_id" in by else null(),
            func.max(Agent.display_name) if "agent_id" in by else null(),
            *(func.sum(getattr(Usage, name)) for name in _COUNTS),
        )
        .select_from(Usage)
        .outerjoin(ClientKey, ClientKey.id == Usage.key_id)
        .outerjoin(Agent, Agent.id == Usage.agent_id)
        .where(Usage.day.between(first_day, last_day), *(getattr(Usage, name) == of for name, of in where.items()))
        .group_by(*groups)
        .order_by(*(group.desc() if group is Usage.day else group for group in groups))
        .limit(limit)
    )
    return rows.each(UsageSum, connection.execute(wanted))
