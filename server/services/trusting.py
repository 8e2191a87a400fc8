"""Holding to it when the operator changes who may see what: no agent keeps a task that it may not have any more."""

from __future__ import annotations

from sqlalchemy import Connection

from server.services import settling
from server.services.outcomes import Aftermath
from server.services.pool import Pool
from server.storage import tasks, trust_change


def raise_key(pool: Pool, connection: Connection, key_id: str, trust: int, after: Aftermath, now: int) -> None:
    """Let what a client has asked and is not over ask for so much trust; what others compute of it is taken back."""
    # Who was woken for what waits may not have it any more.
    after.requeued += [(capability, trust) for capability in tasks.raise_trust(connection, key_id=key_id, trust=trust)]
    for lease_id, agent_id in trust_change.leases_of_key_above(connection, key_id):
        settling.give_back(pool, connection, agent_id, lease_id, after, now)


def take_back(pool: Pool, connection: Connection, agent_id: str, after: Aftermath, now: int) -> None:
    """Take back, without a charge, what an agent computes and may not have any more."""
    for lease_id, _ in trust_change.leases_of_agent_above(connection, agent_id):
        settling.give_back(pool, connection, agent_id, lease_id, after, now)
