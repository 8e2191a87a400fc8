"""The situation: how the pool stands now, as its operator sees it at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.services import overview
from server.services.operator import agent_views, health_report, pace
from server.services.operator.agent_views import Doing
from server.services.operator.health_report import Files, Gauge
from server.services.operator.pace import Pace
from server.services.operator.queues import Queue, queues
from server.services.pool import Pool
from server.storage import agent_lists, census, endings
from server.storage.census import UnderWay
from server.storage.endings import Ending

#: Milliseconds for which it is good enough what went wrong, and how many rows there are.
ENDINGS_GOOD_FOR_MS, ROWS_GOOD_FOR_MS = 10_000, 60_000
#: Reasons that are named of the agents that do not work.
MOST_REASONS = 4


@dataclass(frozen=True, slots=True)
class Agents:
    """The agents that have not left, by what they do, and why those that are here do not work."""

    doing: Mapping[Doing, int]
    #: (what they do, why in their own words, how many), the most frequent first.
    reasons: tuple[tuple[Doing, str, int], ...]
    #: Ids of those that are here and take work.
    willing: frozenset[str]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.doing.values())

    @property
    def online(self) -> int:
        """How many are here."""
        return self.count(*(doing for doing in Doing if doing.online))

    @property
    def paused(self) -> int:
        """How many are here and take no work."""
        return self.count(*(doing for doing in Doing if doing.is_pause))

    def count(self, *doings: Doing) -> int:
        """Count those that do one of some things."""
        return sum(self.doing.get(doing, 0) for doing in doings)


@dataclass(frozen=True, slots=True)
class Situation:
    """How the pool stands; times are milliseconds since 1970."""

    now: int
    agents: Agents
    #: What waits longest in the queue first; then the pool's models of which nothing waits.
    queues: tuple[Queue, ...]
    #: Up to ten seconds old.
    texts_waiting: int
    #: How many tasks may wait.
    most_waiting: int
    hour: Pace
    day: Pace
    endings: tuple[Ending, ...]
    polls: Gauge
    waits: Gauge
    files: Files
    #: Tasks that are kept, up to a minute old.
    tasks_kept: int
    uptime_ms: int

    @property
    def waiting(self) -> int:
        """Tasks that wait."""
        return sum(queue.waiting for queue in self.queues)

    @property
    def oldest_at(self) -> int | None:
        """When the oldest task that waits was submitted; None where none waits."""
        return min((queue.oldest_at for queue in self.queues if queue.oldest_at is not None), default=None)

    @property
    def under_way(self) -> int:
        """Tasks that agents compute now."""
        return sum(queue.under_way for queue in self.queues)


def situation(pool: Pool, now: int) -> Situation:
    """Look at everything once; cheap enough for every open page every other second."""
    with pool.database.read() as connection:
        busy = census.under_way(connection)
    agents = _agents(pool, busy, now)
    return Situation(
        now=now,
        agents=agents,
        queues=tuple(queues(pool, busy, agents.willing, now)),
        texts_waiting=overview.texts_waiting(pool, now),
        most_waiting=pool.settings.max_queued_tasks,
        hour=pace.last_hour(pool, now),
        day=pace.last_day(pool, now),
        endings=_endings(pool, now),
        polls=Gauge(pool.agents.gate.in_use, pool.agents.gate.limit),
        waits=Gauge(pool.jobs.gate.in_use, pool.jobs.gate.limit),
        files=health_report.files(pool),
        tasks_kept=_tasks_kept(pool, now),
        uptime_ms=now - pool.vitals.started_at,
    )


def _agents(pool: Pool, busy: Sequence[UnderWay], now: int) -> Agents:
    with pool.database.read() as connection:
        briefs = agent_lists.briefs(connection)
    leases: Counter[str] = Counter()
    for one in busy:
        leases[one.agent_id] += one.leases
    doings: Counter[Doing] = Counter()
    reasons: Counter[tuple[Doing, str]] = Counter()
    willing = set()
    for brief in briefs:
        present = pool.roster.known(brief.id)
        state, online = (present.state, present.online(now)) if present else ("{}", False)
        doing = agent_views.doing_of(brief, online=online, state=state, in_flight=leases[brief.id])
        doings[doing] += 1
        if doing.online and not doing.is_pause:
            willing.add(brief.id)
        if doing.is_pause and doing is not Doing.HELD:
            reasons[doing, agent_views.reason_of(state)] += 1
    named = tuple((doing, reason, count) for (doing, reason), count in reasons.most_common(MOST_REASONS) if reason)
    return Agents(doings, named, frozenset(willing))


def _endings(pool: Pool, now: int) -> tuple[Ending, ...]:
    def count() -> tuple[Ending, ...]:
        with pool.database.read() as connection:
            return tuple(endings.lately(connection, now))

    return pool.remembered.recall("what went wrong", count, good_for_ms=ENDINGS_GOOD_FOR_MS, now=now)


def _tasks_kept(pool: Pool, now: int) -> int:
    def count() -> int:
        with pool.database.read() as connection:
            return census.count_tasks(connection)

    return pool.remembered.recall("tasks kept", count, good_for_ms=ROWS_GOOD_FOR_MS, now=now)
