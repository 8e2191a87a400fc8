"""Dispatch: what an agent may do. It reports, claims, keeps its leases alive and gives them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from server.domain.trust import Trust
from server.services import settling
from server.services.agent_board import AgentWaiter, Call
from server.services.claiming import LEASE_MS, Room, claim
from server.services.outcomes import Aftermath, Outcome, Report
from server.services.pool import Pool
from server.services.roster import Present
from server.services.waiting import Gone, Woken
from server.storage import attempts, line
from server.storage.attempts import Lease

#: Seconds an agent stays away when the server holds as many polls as it can, and when it restarts.
FULL_POLL_AFTER, DRAIN_POLL_AFTER = 10, 3
#: Seconds between the turns of an agent that the operator paused.
PAUSED_POLL_AFTER = 10
#: Seconds between looks whether a waiting agent is still connected. A task for one that is not is not claimed in any
#: case; this only frees its place, and with a thousand agents each look costs.
LOOK_EVERY = 10


@dataclass(frozen=True, slots=True)
class Turn:
    """An agent's turn: what it has done and how much it wants."""

    reports: Sequence[Report]
    max_tasks: int
    max_texts: int
    wait_seconds: float
    #: Leases that the agent believes it has.
    holding: frozenset[str]
    #: JSON object: what the agent is doing; None when it did not say.
    state: str | None

    @property
    def room(self) -> Room:
        """How much it takes at once."""
        return Room(self.max_tasks, self.max_texts, self.holding)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the agent gets for its turn."""

    outcomes: list[Outcome] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    #: Reason → number of waiting tasks that were not given for it.
    skipped: dict[str, int] = field(default_factory=dict)
    #: Seconds to stay away.
    poll_after: int = 0
    #: Why the operator lets this agent have no work, in words; None while it may have some.
    paused: str | None = None


def turn(pool: Pool, agent: Present, wanted: Turn, gone: Gone) -> Reply:
    """Take an agent's reports and hand out its next tasks, waiting for some if there are none."""
    pool.roster.touch(agent, pool.clock.now(), wanted.state)
    if agent.agent.paused_at is not None:
        # Nothing wakes a paused agent; its next turn asks whether it still is.
        outcomes, _ = _settle_and_claim(pool, agent, wanted)
        return Reply(outcomes, [], _skipped(pool, agent), PAUSED_POLL_AFTER, agent.agent.pause_message or "")
    if not wanted.max_tasks or wanted.wait_seconds <= 0:
        outcomes, leases = _settle_and_claim(pool, agent, wanted)
        return Reply(outcomes, leases, {} if leases else _skipped(pool, agent))
    # The agent joins the line before it looks, so that a task which comes after the look wakes somebody.
    waiter = pool.agents.enter(agent.agent.id, agent.agent.tier, tuple(agent.eligible), agent.agent.trust)
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
        # Woken while it left, with other work or none: another agent may want what it was woken for.
        _pass_on(pool, agent, waiter.call)
    pool.roster.touch(agent, pool.clock.now())
    poll_after = DRAIN_POLL_AFTER if woken is Woken.DRAINING else 0
    return Reply(outcomes, leases, {} if leases else _skipped(pool, agent), poll_after, _paused_since(pool, agent))


def _paused_since(pool: Pool, agent: Present) -> str | None:
    """Return the operator's message to an agent that was paused while it waited; None where it was not."""
    now_known = pool.roster.get(agent.agent.id)
    if now_known is None or now_known.agent.paused_at is None:
        return None
    return now_known.agent.pause_message or ""


def _settle_and_claim(pool: Pool, agent: Present, wanted: Turn) -> tuple[list[Outcome], list[Lease]]:
    now = pool.clock.now()

    def settle_and_claim(connection: Connection) -> tuple[list[Outcome], list[Lease], Aftermath]:
        after = Aftermath()
        outcomes = settling.settle_all(pool, connection, agent.agent.id, wanted.reports, after, now)
        return outcomes, claim(pool, agent, wanted.room, now, connection) if wanted.max_tasks else [], after

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
        call = pool.agents.rejoin(waiter)
        leases = pool.database.write(partial(claim, pool, agent, wanted.room, pool.clock.now()))
        if not leases or len(agent.eligible) > 1 or agent.agent.trust > Trust.PUBLIC:
            # What it was woken for is not for it, or may be another model's task than what it took, or one that other
            # agents may have while what it took was for few.
            _pass_on(pool, agent, call)
        if leases:
            return woken, leases


def _pass_on(pool: Pool, agent: Present, call: Call | None) -> None:
    """Wake another agent for what this agent was woken for, if such a task still waits."""
    if call is None:
        return
    with pool.database.read() as connection:
        waits = line.waits(connection, call.capability, call.trust, pool.clock.now())
    if waits:
        passed_by = call.passed_by | {agent.agent.id}
        pool.agents.wake(call.capability, trust=call.trust, passed_by=passed_by)


def _skipped(pool: Pool, agent: Present) -> dict[str, int]:
    """Count the waiting tasks that this agent did not get, by the reason."""
    if agent.agent.paused_at is not None:
        return {"agent_paused": pool.backlog.total}
    counts = {"model_class_differs": 0, "not_offered": 0, "not_trusted": 0, "already_failed_here": 0}
    for capability, waiting in pool.backlog.by_capability.items():
        if capability in agent.differing:
            counts["model_class_differs"] += waiting
        elif capability not in agent.eligible:
            counts["not_offered"] += waiting
        else:
            with pool.database.read() as connection:
                unseen, spoilt = line.count_kept_from(connection, capability, agent.agent.id)
            counts["not_trusted"] += unseen
            counts["already_failed_here"] += spoilt
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
