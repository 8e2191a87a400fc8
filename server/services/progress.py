"""Progress: an agent tells of a chat under way; its client reads along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from server.services.claiming import LEASE_MS
from server.services.pool import Pool
from server.services.roster import Present
from server.services.waiting import Chunk
from server.storage import fence, progress


@dataclass(frozen=True, slots=True)
class Update:
    """What was written since the last update of a lease; empty for a mere sign of life."""

    lease_id: str
    #: Counts the updates of the lease from 1.
    seq: int
    content: str
    thinking: str


def advance(pool: Pool, agent: Present, updates: Sequence[Update]) -> dict[str, str]:
    """Hand an agent's updates on and let its leases run on; says of each lease whether it is `held` or `lost`."""
    now = pool.clock.now()
    pool.roster.touch(agent, now)
    said, fresh = pool.database.write(lambda connection: _note(pool, connection, agent.agent.id, updates, now))
    for job_id, update in fresh:
        pool.jobs.show(job_id, Chunk(update.content, update.thinking))
    return said


def _note(
    pool: Pool, connection: Connection, agent_id: str, updates: Sequence[Update], now: int
) -> tuple[dict[str, str], list[tuple[str, Update]]]:
    said: dict[str, str] = {}
    fresh: list[tuple[str, Update]] = []
    for update in updates:
        is_new = progress.advance(
            connection,
            lease_id=update.lease_id,
            agent_id=agent_id,
            seq=update.seq,
            now=now,
            lease_until=now + LEASE_MS,
        )
        said[update.lease_id] = "lost" if is_new is None else "held"
        held = fence.held(connection, lease_id=update.lease_id, agent_id=agent_id) if is_new else None
        if held is not None and (update.content or update.thinking):
            progress.tell(connection, lease_id=update.lease_id, log=update.content, status="running", now=now)
            # Inside the transaction: nothing that comes after it may give the chat to another agent.
            pool.jobs.mark_shown(held.job_id)
            fresh.append((held.job_id, update))
    return said, fresh
