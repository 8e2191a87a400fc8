"""Claiming: which task an agent gets next, and under what lease."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from server.domain import ids, retry
from server.domain.capability import kind_of
from server.domain.trust import Trust
from server.services.pool import Pool
from server.services.roster import Present
from server.services.submission import REGULAR, URGENT
from server.storage import attempts, line, tasks
from server.storage.attempts import Lease
from server.storage.task_values import Claim

LEASE_MS = retry.LEASE_SECONDS * 1000
#: One claim in so many looks at the lower priority class first, so that it never starves.
LOWER_CLASS_EVERY = 8


@dataclass(frozen=True, slots=True)
class Room:
    """How much an agent takes at once."""

    max_tasks: int
    max_texts: int
    #: Leases that the agent believes it has.
    holding: frozenset[str] = frozenset()
    #: How long its leases live without a sign of life (ms).
    lease_ms: int = LEASE_MS
    #: Most texts in one task that it can take at all.
    most_texts: int = 1_000_000


def claim(pool: Pool, agent: Present, wanted: Room, now: int, connection: Connection) -> list[Lease]:
    """Hand out lost leases again, then the next tasks of the capability that is first in line."""
    if not pool.roster.is_current(agent):
        # It left, or its models changed, while it waited.
        return []
    held = attempts.live_ids(connection, agent.agent.id)
    if not wanted.holding.issuperset(held):
        return _hand_out_again(connection, agent, wanted, now)
    room = min(wanted.max_tasks, agent.agent.capacity - len(held))
    return claim_new(pool, agent, wanted, room, now, connection)


def claim_new(pool: Pool, agent: Present, wanted: Room, room: int, now: int, connection: Connection) -> list[Lease]:
    """Hand out the next tasks, at most `room`, of the capability that is first in line."""
    if room <= 0 or agent.agent.paused_at is not None or not pool.roster.is_current(agent):
        return []
    for capability in _in_order(pool, connection, agent, now):
        for least_priority in _classes(next(pool.claims)):
            leases = tasks.claim(connection, claim_of(pool, agent, wanted, capability, room, least_priority, now))
            if leases:
                return leases
    return []


def _hand_out_again(connection: Connection, agent: Present, wanted: Room, now: int) -> list[Lease]:
    """Renew and return the leases whose handing out never reached the agent."""
    lost = [one for one in attempts.leases_of(connection, agent.agent.id) if one.lease_id not in wanted.holding]
    until = now + wanted.lease_ms
    return [
        lease
        for lease in lost[: wanted.max_tasks]
        if attempts.renew(connection, lease_id=lease.lease_id, agent_id=agent.agent.id, now=now, lease_until=until)
    ]


def _in_order(pool: Pool, connection: Connection, agent: Present, now: int) -> list[str]:
    """Return the agent's capabilities that have waiting tasks, the one whose first task is first in line first."""
    capabilities = list(agent.eligible)
    for family in agent.families:
        waiting = line.waiting_of(connection, family)
        capabilities += [capability for capability in waiting if pool.roster.takes(agent, capability)]
    if len(capabilities) == 1:
        return capabilities
    trusted = agent.agent.trust
    heads = [(line.claimable_head(connection, capability, trusted, now), capability) for capability in capabilities]
    return [capability for _, capability in sorted((head, capability) for head, capability in heads if head)]


def _classes(number: int) -> tuple[int, ...]:
    """Return from which priority class down the claim looks, in order."""
    return (REGULAR, URGENT) if number % LOWER_CLASS_EVERY == 0 else (URGENT,)


def claim_of(
    pool: Pool,
    agent: Present,
    wanted: Room,
    capability: str,
    room: int,
    least_priority: int,
    now: int,
) -> Claim:
    """Return the claim of an agent on a capability."""
    kind = kind_of(capability)
    # Who says nothing until it is done has its whole lease for that.
    hard_until = now + max(retry.HARD_CAP_SECONDS[kind] * 1000, wanted.lease_ms)
    able = pool.roster.able(capability, now)
    return Claim(
        agent=agent.agent.id,
        of_capability=capability,
        of_class=pool.roster.class_for(agent, capability),
        nonce=ids.new_lease_id(),
        now=now,
        lease_until=min(now + wanted.lease_ms, hard_until),
        hard_until=hard_until,
        # Whatever is no embedding takes long: a second one would wait here while another PC is idle.
        max_tasks=room if kind == "embedding" else 1,
        max_texts=wanted.max_texts,
        least_priority=least_priority,
        eligible_agents=able.fully[Trust.PUBLIC],
        eligible_vetted=able.fully[Trust.VETTED],
        eligible_own=able.fully[Trust.OWN],
        plain_agents=able.plainly[Trust.PUBLIC],
        most_texts=wanted.most_texts,
        plain_only=bool(agent.families),
    )
