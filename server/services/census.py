"""The census: how the pool stands, counted when somebody asks for the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from prometheus_client import generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from server.domain.capability import kind_of
from server.services.pool import Pool
from server.storage import agents, census
from server.storage.census import Member, UnderWay, Waiting

#: Capabilities with a series of their own; agents may offer any number.
MAX_CAPABILITIES = 100
#: Label of all the others.
OTHER = "other"
#: Upper bounds of the histogram of operations per transaction.
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64)
#: Every state that an agent may be in; it is in exactly one.
STATES = ("online", "working", "paused", "offline")


@dataclass(frozen=True, slots=True)
class Exposition:
    """All metrics of a pool at a time, for one answer."""

    pool: Pool
    #: Milliseconds since 1970.
    now: int

    def collect(self) -> Iterator[Metric]:
        """Yield what was counted all along, then what is counted now."""
        return chain(self.pool.metrics.registry.collect(), self._counted_now())

    def describe(self) -> Iterator[Metric]:
        """Describe nothing beforehand."""
        return iter(())

    def _counted_now(self) -> Iterator[Metric]:
        with self.pool.database.read() as connection:
            waiting, busy = census.waiting(connection), census.under_way(connection)
            members = census.members(connection)
        yield from _queue(waiting, self._own_series(), self.now)
        yield _under_way(busy)
        yield _agents(members, {one.agent.id for one in self.pool.roster.online(self.now)}, busy)
        yield from _waiters(self.pool)
        yield from _database(self.pool)

    def _own_series(self) -> frozenset[str]:
        """Return the capabilities with a series of their own: models first, then what else agents offer."""
        with self.pool.database.read() as connection:
            offered = agents.capabilities_offered(connection)
        return frozenset(sorted(offered, key=lambda name: (kind_of(name) == "task", name))[:MAX_CAPABILITIES])


def exposition(pool: Pool, now: int) -> bytes:
    """Write all metrics in Prometheus's text format."""
    return generate_latest(Exposition(pool, now))


def _queue(waiting: Sequence[Waiting], own: frozenset[str], now: int) -> Iterator[Metric]:
    tasks = dict.fromkeys([*sorted(own), OTHER], 0)
    oldest = dict.fromkeys(tasks, now)
    for one in waiting:
        name = one.capability if one.capability in own else OTHER
        tasks[name] += one.tasks
        oldest[name] = min(oldest[name], one.oldest_at)
    depth = GaugeMetricFamily("embedpool_queue_tasks", "Tasks that wait, by capability.", labels=("capability",))
    age = GaugeMetricFamily(
        "embedpool_queue_oldest_seconds", "Age of the oldest task that waits; 0 when none does.", labels=("capability",)
    )
    for name, number in tasks.items():
        depth.add_metric((name,), number)
        age.add_metric((name,), (now - oldest[name]) / 1000)
    yield from (depth, age)


def _under_way(busy: Sequence[UnderWay]) -> Metric:
    leases: Counter[str] = Counter({"embedding": 0, "chat": 0, "task": 0})
    for one in busy:
        leases[one.kind] += one.leases
    family = GaugeMetricFamily("embedpool_leases", "Tasks that agents work on now, by kind.", labels=("kind",))
    for kind, number in leases.items():
        family.add_metric((kind,), number)
    return family


def _agents(members: Sequence[Member], online: set[str], busy: Sequence[UnderWay]) -> Metric:
    working = {one.agent_id for one in busy}
    counts = Counter((one.protocol, _state(one, online, working)) for one in members)
    family = GaugeMetricFamily("embedpool_agents", "Agents by what they speak and state.", labels=("protocol", "state"))
    for protocol in (agents.NATIVE, agents.OFFLOADMQ, agents.LLMEQUEUE):
        for state in STATES:
            family.add_metric((protocol, state), counts[protocol, state])
    return family


def _state(member: Member, online: set[str], working: set[str]) -> str:
    if member.id not in online:
        return "offline"
    if member.paused:
        return "paused"
    return "working" if member.id in working else "online"


def _waiters(pool: Pool) -> Iterator[Metric]:
    in_use = GaugeMetricFamily(
        "embedpool_waiters", "Requests that wait: agents' polls, clients' waits.", labels=("who",)
    )
    limit = GaugeMetricFamily("embedpool_waiters_limit", "How many may wait at once.", labels=("who",))
    for who, gate in (("agent", pool.agents.gate), ("client", pool.jobs.gate)):
        in_use.add_metric((who,), gate.in_use)
        limit.add_metric((who,), gate.limit)
    yield from (in_use, limit)


def _database(pool: Pool) -> Iterator[Metric]:
    sizes = list(enumerate(pool.database.writer.batches))
    upto = list(accumulate(number for _, number in sizes))
    yield HistogramMetricFamily(
        "embedpool_writer_batch_operations",
        "Operations that shared a transaction.",
        buckets=[*((str(float(bound)), upto[bound]) for bound in BATCH_BUCKETS), ("+Inf", upto[-1])],
        sum_value=sum(size * number for size, number in sizes),
    )
    yield CounterMetricFamily("embedpool_writer_failures", "Transactions that failed.", pool.database.writer.failures)
    yield GaugeMetricFamily("embedpool_database_bytes", "Size of the database file.", pool.database.file_bytes())
    yield GaugeMetricFamily("embedpool_wal_bytes", "Size of the write-ahead log.", pool.database.log_bytes())
