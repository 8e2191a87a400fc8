"""Work for OffloadMQ's agents: they look what there is, take it by name, and report on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from server.domain import retry
from server.domain.capability import kind_of
from server.domain.errors import Conflict
from server.domain.lifecycle import TaskStatus
from server.domain.offload import task_text
from server.domain.trust import Trust
from server.services.claiming import Room, claim_of
from server.services.pool import Pool
from server.services.roster import Present
from server.services.submission import REGULAR, URGENT
from server.storage import attempts, foreign_attempts, foreign_tasks, line, tasks
from server.storage.foreign_tasks import TaskView
from server.storage.line import Next

#: Milliseconds for which a regular task is left to agents of a higher tier that have room and ask for work: enough for
#: three of their polls.
HEAD_START_MS = 15_000
#: One poll in so many looks first at regular tasks that waited longer than this (ms), so that urgent ones never
#: starve them.
AGED_EVERY, AGED_MS = 8, 60_000


@dataclass(frozen=True, slots=True)
class Want:
    """Which tasks a poll looks at."""

    least_priority: int
    #: For regular ones: since when they have to wait.
    waiting_since: int


def next_task(pool: Pool, agent: Present, *, urgent_only: bool = False) -> TaskView | None:
    """Return the task that an agent should take next, without reserving it; None when there is none."""
    now = pool.clock.now()
    pool.roster.touch(agent, now)
    with pool.database.read() as connection:
        held = foreign_attempts.live(connection, agent.agent.id)
    if len(held) >= agent.agent.capacity:
        # It asks although it has no room. Most likely it was started anew and knows nothing of what it holds: such a
        # poll keeps no lease alive.
        return None
    _keep_alive(pool, agent, held, now)
    if agent.agent.paused_at is not None:
        return None
    with pool.database.read() as connection:
        line_up = _look(pool, connection, agent, urgent_only=urgent_only, now=now)
        if not line_up:
            return None
        # Only among equals: what is more urgent is everybody's first.
        equals = [one.task_id for one in line_up if one.priority == line_up[0].priority]
        return foreign_tasks.find(connection, pool.shown.choose(agent.agent.id, equals, now))


def _look(pool: Pool, connection: Connection, agent: Present, *, urgent_only: bool, now: int) -> list[Next]:
    """Return the tasks that come next for an agent, in order."""
    if not urgent_only and next(pool.claims) % AGED_EVERY == 0:
        aged = _line_up(pool, connection, agent, Want(REGULAR, now - AGED_MS), now)
        if aged:
            return aged
    found = _line_up(pool, connection, agent, Want(URGENT, now), now)
    return [] if urgent_only and found and found[0].priority != URGENT else found


def _line_up(pool: Pool, connection: Connection, agent: Present, want: Want, now: int) -> list[Next]:
    """Return the first in line of all capabilities of an agent, in order."""
    found: list[Next] = []
    for capability in agent.eligible:
        if line.claimable_head(connection, capability, agent.agent.trust, now) is not None:
            since, left = _waiting_since(pool, connection, agent, capability, want, now)
            room, least = _room(capability), want.least_priority
            wanted = claim_of(pool, agent, room, capability, 1, least, now)
            found += line.next_for(connection, replace(wanted, waiting_since=since, left_trust=left))
    return sorted(found)


def _waiting_since(
    pool: Pool, connection: Connection, agent: Present, capability: str, want: Want, now: int
) -> tuple[int, int]:
    """Return since when a regular task has to wait for this agent to see it, and up to which trust that holds."""
    head_start = now - HEAD_START_MS
    if want.waiting_since <= head_start:
        return want.waiting_since, Trust.OWN
    better = [one for one in pool.roster.serving(capability, now) if one.agent.tier > agent.agent.tier]
    better.sort(key=lambda one: one.agent.trust, reverse=True)
    left_to = next((one for one in better if _is_free(connection, one, now)), None)
    return (want.waiting_since, Trust.OWN) if left_to is None else (head_start, left_to.agent.trust)


def _is_free(connection: Connection, agent: Present, now: int) -> bool:
    """Whether an agent has room and has asked for work lately.

    Our own agents do not count: one that has room waits on the line, and has the task already.
    """
    return (
        not agent.agent.native
        and now - agent.last_seen <= HEAD_START_MS
        and len(attempts.live_ids(connection, agent.agent.id)) < agent.agent.capacity
    )


def take(pool: Pool, agent: Present, capability: str, task_id: str) -> TaskView:
    """Claim a task for an agent; Conflict when another was quicker, or when it is not for this agent."""
    now = pool.clock.now()
    pool.roster.touch(agent, now)
    with pool.database.read() as connection:
        found = foreign_attempts.dealing(connection, task_id=task_id, agent_id=agent.agent.id)
    if found is None or found.task_status != TaskStatus.QUEUED:
        # Most of those that come too late are told so without a write.
        raise Conflict(f"Task already taken: {task_text(capability, task_id)}")
    refusal = pool.database.write(lambda connection: _claim(pool, connection, agent, capability, task_id, now))
    if refusal is not None:
        raise Conflict(f"{refusal}: {task_text(capability, task_id)}")
    stay_until(agent, now + lease_ms(capability))
    with pool.database.read() as connection:
        taken = foreign_tasks.find(connection, task_id)
    if taken is None:
        raise Conflict(f"Task already taken: {task_text(capability, task_id)}")
    return taken


def _claim(pool: Pool, connection: Connection, agent: Present, capability: str, task_id: str, now: int) -> str | None:
    """Claim a task; returns why not, in words."""
    if capability not in agent.eligible or not pool.roster.is_current(agent):
        return "This agent does not offer what the task needs"
    if agent.agent.paused_at is not None:
        return "The operator paused this agent"
    if len(attempts.live_ids(connection, agent.agent.id)) >= agent.agent.capacity:
        return "This agent has as many tasks as its capacity allows"
    wanted = claim_of(pool, agent, _room(capability), capability, 1, URGENT, now)
    return None if tasks.claim_this(connection, wanted, task_id) else "Task already taken"


def _keep_alive(pool: Pool, agent: Present, held: list[tuple[str, str]], now: int) -> None:
    """Let the leases of an agent that works beside polling run on."""
    if not held:
        return

    def renew(connection: Connection) -> None:
        for lease_id, kind in held:
            until = now + retry.FOREIGN_LEASE_SECONDS[kind] * 1000
            attempts.renew(connection, lease_id=lease_id, agent_id=agent.agent.id, now=now, lease_until=until)

    pool.database.write(renew)


def stay_until(agent: Present, until: int) -> None:
    """Take an agent to be here until a time, although it says nothing while it computes."""
    agent.busy_until = until


def lease_ms(capability: str) -> int:
    """Return how long the lease of a foreign agent lives between two words of it (ms)."""
    return retry.FOREIGN_LEASE_SECONDS[kind_of(capability)] * 1000


def _room(capability: str) -> Room:
    return Room(max_tasks=1, max_texts=1, lease_ms=lease_ms(capability))
