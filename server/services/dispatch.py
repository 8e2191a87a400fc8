"""Dispatch: what an agent may do. It reports, claims, keeps its leases alive and gives them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from server.domain import ids, retry
from server.services import settling
from server.services.pool import Pool
from server.services.roster import Present
from server.services.settling import Aftermath, Delivered, Outcome, Reported
from server.services.submission import REGULAR, URGENT
from server.services.waiting import AgentWaiter, Gone, Woken
from server.storage import attempts, line, tasks
from server.storage.attempts import Lease
from server.storage.tasks import Claim

LEASE_MS = retry.LEASE_SECONDS * 1000
#: One claim in so many looks at the lower priority class first, so that it never starves.
LOWER_CLASS_EVERY = 8
#: Seconds an agent stays away when the server holds as many polls as it can, and when it restarts.
FULL_POLL_AFTER, DRAIN_POLL_AFTER = 10, 3
#: Seconds between looks whether a waiting agent is still connected.
LOOK_EVERY = 5


@dataclass(frozen=True, slots=True)
class Turn:
    """An agent's turn: what it has done and how much it wants."""

    reports: Sequence[Delivered | Reported]
    max_tasks: int
    max_texts: int
    wait_seconds: float
    #: Leases that the agent believes it has.
    holding: frozenset[str]
    #: JSON object: what the agent is doing; None when it did not say.
    state: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the agent gets for its turn."""

    outcomes: list[Outcome] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    #: Reason → number of waiting tasks that were not given for it.
    skipped: dict[str, int] = field(default_factory=dict)
    #: Seconds to stay away.
    poll_after: int = 0


def turn(pool: Pool, agent: Present, wanted: Turn, gone: Gone) -> Reply:
    """Take an agent's reports and hand out its next tasks, waiting for some if there are none."""
    pool.roster.touch(agent, pool.clock.now(), wanted.state)
    if not wanted.max_tasks or wanted.wait_seconds <= 0:
        outcomes, leases = _settle_and_claim(pool, agent, wanted)
        return Reply(outcomes, leases, {} if leases else _skipped(pool, agent))
    # The agent joins the line before it looks, so that a task which comes after the look wakes somebody.
    waiter = pool.agents.enter(agent.agent.id, agent.agent.tier, tuple(agent.eligible))
    if waiter is None:
        outcomes, leases = _settle_and_claim(pool, agent, wanted)
        return Reply(outcomes, leases, poll_after=0 if leases else FULL_POLL_AFTER)
    try:
        outcomes, leases = _settle_and_claim(pool, agent, wanted)
        woken = Woken.WORK
        if not leases:
            woken, leases = _wait_for_work(pool, agent, wanted, waiter, gone)
    finally:
        pool.agents.leave(waiter)
        if waiter.event.is_set():
            # Woken while it left, with other work or none: another agent may want what it was woken for.
            _pass_on(pool, agent, waiter)
    pool.roster.touch(agent, pool.clock.now())
    poll_after = DRAIN_POLL_AFTER if woken is Woken.DRAINING else 0
    return Reply(outcomes, leases, {} if leases else _skipped(pool, agent), poll_after)


def _settle_and_claim(pool: Pool, agent: Present, wanted: Turn) -> tuple[list[Outcome], list[Lease]]:
    now = pool.clock.now()

    def settle_and_claim(connection: Connection) -> tuple[list[Outcome], list[Lease], Aftermath]:
        after = Aftermath()
        outcomes = settling.settle_all(pool, connection, agent.agent.id, wanted.reports, after, now)
        return outcomes, _claim(pool, agent, wanted, now, connection) if wanted.max_tasks else [], after

    outcomes, leases, after = pool.database.write(settle_and_claim)
    after.tell(pool)
    return outcomes, leases


def _wait_for_work(
    pool: Pool, agent: Present, wanted: Turn, waiter: AgentWaiter, gone: Gone
) -> tuple[Woken, list[Lease]]:
    """Wait on the line until there is work for the agent, or its time is over."""
    until = pool.clock.now() + int(wanted.wait_seconds * 1000)
    while True:
        woken = pool.agents.wait(waiter, (until - pool.clock.now()) / 1000, LOOK_EVERY, gone)
        # A task for an agent whose connection is closed would be lost until its lease lapses.
        if woken is not Woken.WORK or waiter.replaced or gone() or not pool.roster.is_current(agent):
            return woken, []
        pool.agents.rejoin(waiter)
        leases = pool.database.write(partial(_claim, pool, agent, wanted, pool.clock.now()))
        if not leases or len(agent.eligible) > 1:
            # What it was woken for is not for it, or may be another model's task than what it took.
            _pass_on(pool, agent, waiter)
        if leases:
            return woken, leases


def _pass_on(pool: Pool, agent: Present, waiter: AgentWaiter) -> None:
    """Wake another agent for each capability that has a task this agent did not take."""
    now = pool.clock.now()
    with pool.database.read() as connection:
        waiting = [name for name in agent.eligible if line.claimable_head(connection, name, now) is not None]
    for capability in waiting:
        pool.agents.wake(capability, passed_by=waiter.passed_by | {agent.agent.id})


def _claim(pool: Pool, agent: Present, wanted: Turn, now: int, connection: Connection) -> list[Lease]:
    """Hand out lost leases again, then the next tasks of the capability that is first in line."""
    if not pool.roster.is_current(agent):
        # It left, or its models changed, while it waited.
        return []
    held = attempts.live_ids(connection, agent.agent.id)
    if not wanted.holding.issuperset(held):
        return _hand_out_again(connection, agent, wanted, now)
    room = min(wanted.max_tasks, agent.agent.capacity - len(held))
    if room <= 0:
        return []
    for capability in _in_order(connection, agent, now):
        for least_priority in _classes(next(pool.claims)):
            leases = tasks.claim(connection, _claim_of(pool, agent, wanted, capability, room, least_priority, now))
            if leases:
                return leases
    return []


def _hand_out_again(connection: Connection, agent: Present, wanted: Turn, now: int) -> list[Lease]:
    """Renew and return the leases whose handing out never reached the agent."""
    lost = [one for one in attempts.leases_of(connection, agent.agent.id) if one.lease_id not in wanted.holding]
    return [
        lease
        for lease in lost[: wanted.max_tasks]
        if attempts.renew(
            connection, lease_id=lease.lease_id, agent_id=agent.agent.id, now=now, lease_until=now + LEASE_MS
        )
    ]


def _in_order(connection: Connection, agent: Present, now: int) -> list[str]:
    """Return the agent's capabilities that have waiting tasks, the one whose first task is first in line first."""
    if len(agent.eligible) == 1:
        return list(agent.eligible)
    heads = [(line.claimable_head(connection, capability, now), capability) for capability in agent.eligible]
    return [capability for _, capability in sorted((head, capability) for head, capability in heads if head)]


def _classes(number: int) -> tuple[int, ...]:
    """Return from which priority class down the claim looks, in order."""
    return (REGULAR, URGENT) if number % LOWER_CLASS_EVERY == 0 else (URGENT,)


def _claim_of(
    pool: Pool, agent: Present, wanted: Turn, capability: str, room: int, least_priority: int, now: int
) -> Claim:
    return Claim(
        agent=agent.agent.id,
        of_capability=capability,
        of_class=agent.eligible[capability],
        nonce=ids.new_lease_id(),
        now=now,
        lease_until=now + LEASE_MS,
        hard_until=now + retry.HARD_CAP_SECONDS["embedding"] * 1000,
        max_tasks=room,
        max_texts=wanted.max_texts,
        least_priority=least_priority,
        eligible_agents=pool.roster.count_for(capability, now),
    )


def _skipped(pool: Pool, agent: Present) -> dict[str, int]:
    """Count the waiting tasks that this agent did not get, by the reason."""
    counts = {"model_class_differs": 0, "not_offered": 0, "already_failed_here": 0}
    for capability, waiting in pool.backlog.by_capability.items():
        if capability in agent.differing:
            counts["model_class_differs"] += waiting
        elif capability not in agent.eligible:
            counts["not_offered"] += waiting
        else:
            with pool.database.read() as connection:
                counts["already_failed_here"] += line.count_spoilt(connection, capability, agent.agent.id)
    return {reason: count for reason, count in counts.items() if count}


def heartbeat(pool: Pool, agent: Present, lease_ids: Sequence[str], state: str | None) -> dict[str, str]:
    """Let an agent's leases run on; says of each whether it is `held` or `lost`."""
    now = pool.clock.now()
    pool.roster.touch(agent, now, state)
    until = now + LEASE_MS

    def renew(connection: Connection) -> dict[str, str]:
        return {
            lease_id: "held"
            if attempts.renew(connection, lease_id=lease_id, agent_id=agent.agent.id, now=now, lease_until=until)
            else "lost"
            for lease_id in lease_ids
        }

    return pool.database.write(renew) if lease_ids else {}


def release(pool: Pool, agent: Present, lease_ids: Sequence[str]) -> dict[str, str]:
    """Give leases back at once, without a charge; says of each whether it was `released` or `lost` already."""
    now = pool.clock.now()
    pool.roster.touch(agent, now)

    def give_back(connection: Connection) -> tuple[dict[str, str], Aftermath]:
        after = Aftermath()
        said = {
            lease_id: "released"
            if settling.give_back(pool, connection, agent.agent.id, lease_id, after, now)
            else "lost"
            for lease_id in lease_ids
        }
        return said, after

    said, after = pool.database.write(give_back)
    after.tell(pool)
    return said
