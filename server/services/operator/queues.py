"""The queues: what waits for each model, how fast it is done, and why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from server.domain.capability import chat_capability, embedding_capability, kind_of, model_of
from server.domain.limits import MINUTE_MS
from server.domain.trust import Trust
from server.services.operator import pace
from server.services.pool import Pool
from server.storage import census
from server.storage.census import UnderWay, Waiting

#: Milliseconds for which a look at all that waits is good enough, and where more than `MANY` tasks do.
QUEUE_GOOD_FOR_MS, LONG_QUEUE_GOOD_FOR_MS, MANY = 1000, 5000, 20_000
#: Times as long as usual that the oldest task waits, while none is finished, before agents are taken to stand still.
LATE_TIMES = 3


class Stuck(StrEnum):
    """Why nothing that waits for a capability is done."""

    UNKNOWN = "unknown"  # no agent ever offered it
    OFFLINE = "offline"  # none that has it is online
    PAUSED = "paused"  # all that have it and are online take no work
    DIFFERING = "differing"  # those online have another class of the model
    TRUST = "trust"  # none that has it and works is trusted enough for its clients
    IDLE = "idle"  # agents have it, and lately finished nothing


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for a capability."""

    capability: str
    waiting: int
    #: When the oldest was submitted (ms since 1970); None where nothing waits.
    oldest_at: int | None
    #: Tasks that agents compute now.
    under_way: int
    #: Agents that may have its tasks, are online and take work.
    serving: int
    #: Tasks a minute that its agents do.
    speed: float
    #: How long until what waits now is done; None where nobody can tell, or nothing waits.
    seconds_left: float | None
    #: Why nothing is done of what waits; None where it is.
    stuck: Stuck | None

    @property
    def kind(self) -> str:
        """`embedding`, `chat` or `task`."""
        return kind_of(self.capability)

    @property
    def name(self) -> str:
        """The model, or what else is to be done."""
        return self.capability if self.kind == "task" else model_of(self.capability)


def queues(pool: Pool, busy: Sequence[UnderWay], willing: frozenset[str], now: int) -> list[Queue]:
    """Return what waits, what is under way and what the pool's models are, what waits for longest first.

    Args:
        pool: the running pool.
        busy: the leases that are held.
        willing: agents that are online and take work.
        now: the time.
    """
    waiting = {one.capability: one for one in _waiting(pool, now)}
    under_way: defaultdict[str, int] = defaultdict(int)
    for one in busy:
        under_way[one.capability] += one.leases
    served = [
        (chat_capability if stored.kind == "chat" else embedding_capability)(stored.model)
        for stored in pool.catalogue.all()
    ]
    measured = pace.tasks_per_minute(pool, now)
    able = {one: pool.roster.online_for(one, now) for one in dict.fromkeys((*waiting, *under_way, *served))}
    distrusted = _distrusted(pool, {one: able[one] & willing for one in waiting}, now)
    found = []
    for capability, agents in able.items():
        serving = 0 if capability in distrusted else len(agents & willing)
        speed = _speed(pool, capability, measured.get(capability, 0.0), waiting.get(capability), serving, now)
        stuck = None if speed else Stuck.IDLE
        if not serving:
            stuck = Stuck.TRUST if capability in distrusted else _stuck(pool, capability, agents, now)
        found.append(_queue(capability, waiting.get(capability), under_way[capability], serving, speed, stuck))
    return sorted(found, key=lambda queue: (queue.oldest_at or now + 1, -queue.under_way, queue.capability))


def _distrusted(pool: Pool, serving: Mapping[str, AbstractSet[str]], now: int) -> frozenset[str]:
    """Return the capabilities whose tasks all need more trust than those who serve them have."""

    def look() -> frozenset[str]:
        with pool.database.read() as connection:
            return frozenset(one for one, agents in serving.items() if agents and wants_more(connection, one, agents))

    def wants_more(connection: Connection, capability: str, agents: AbstractSet[str]) -> bool:
        known = (pool.roster.known(agent_id) for agent_id in agents)
        most = max((present.agent.trust for present in known if present), default=0)
        return most < max(Trust) and not census.any_needs_at_most(connection, capability, most)

    return pool.remembered.recall("what is not trusted", look, good_for_ms=LONG_QUEUE_GOOD_FOR_MS, now=now)


def _speed(pool: Pool, capability: str, measured: float, waiting: Waiting | None, serving: int, now: int) -> float:
    """Return how many tasks a minute a capability's agents do; 0 where they should have done some, and did not."""
    typical = pool.runtimes.typical_seconds(capability)
    patience_ms = max(pace.STEADY_MINUTES * MINUTE_MS, LATE_TIMES * 1000 * (typical or 0))
    if not measured and waiting is not None and now - waiting.oldest_at > patience_ms:
        return 0.0
    return pace.speed_of(measured, typical, serving)


def _queue(
    capability: str, waiting: Waiting | None, under_way: int, serving: int, speed: float, stuck: Stuck | None
) -> Queue:
    if waiting is None:
        return Queue(capability, 0, None, under_way, serving, speed, None, None)
    left = None if stuck else pace.seconds_until_done(waiting.tasks, speed)
    return Queue(capability, waiting.tasks, waiting.oldest_at, under_way, serving, speed, left, stuck)


def _stuck(pool: Pool, capability: str, able: AbstractSet[str], now: int) -> Stuck:
    """Say why nobody serves a capability, given the agents that the pool would let have its tasks."""
    online = pool.roster.online(now)
    if able or any(pool.roster.takes(present, capability) for present in online):
        return Stuck.PAUSED
    if any(capability in present.differing for present in online):
        return Stuck.DIFFERING
    return Stuck.OFFLINE if pool.catalogue.knows(capability) else Stuck.UNKNOWN


def _waiting(pool: Pool, now: int) -> list[Waiting]:
    def count() -> list[Waiting]:
        with pool.database.read() as connection:
            return census.waiting(connection)

    good_for_ms = QUEUE_GOOD_FOR_MS if pool.backlog.total <= MANY else LONG_QUEUE_GOOD_FOR_MS
    return pool.remembered.recall("what waits", count, good_for_ms=good_for_ms, now=now)
