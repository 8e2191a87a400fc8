"""Metrics: what the server counts while it works. What is counted only when somebody asks stands in `census.py`.

A label never holds a text that somebody sent: kinds, routes and statuses are the server's own words.
"""

from __future__ import annotations

from collections import Counter as Count
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics

#: Upper bounds of the stages' histograms (seconds): from a cached model's embedding to a chat that waited long.
STAGE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
#: HTTP methods that are told apart; a client may send any word.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: Route of a request that matched none.
NO_ROUTE = "none"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a completed task took; times are milliseconds since 1970."""

    kind: str
    submitted_at: int
    #: When the attempt began that completed it.
    claimed_at: int
    completed_at: int
    prompt_tokens: int
    completion_tokens: int


@dataclass(slots=True)
class Measured:
    """What one transaction did that is counted once it is on disk."""

    completed: list[Timing] = field(default_factory=list)
    #: How many tasks ended in each of the other final statuses.
    ended: Count[str] = field(default_factory=Count)
    #: Kinds of the tasks whose lease was lost, and of those whose result was refused.
    lost: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class Metrics:
    """The counters of one running server."""

    def __init__(self) -> None:
        # When a counter was made says nothing that the process's start time does not.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "embedpool_http_requests",
            "Requests answered, by route template, method and class of status.",
            ("route", "method", "status"),
            registry=registry,
        )
        self._stages = Histogram(
            "embedpool_task_stage_seconds",
            "Time of completed tasks: queue is from submit to claim, agent from claim to complete, total is both.",
            ("stage", "kind"),
            buckets=STAGE_BUCKETS,
            registry=registry,
        )
        self._ended = Counter("embedpool_tasks_ended", "Tasks that ended, by status.", ("status",), registry=registry)
        self._tokens = Counter(
            "embedpool_tokens", "Tokens read and written by engines.", ("kind", "direction"), registry=registry
        )
        self._lost = Counter(
            "embedpool_leases_lost", "Leases lost by agents that went away.", ("kind",), registry=registry
        )
        self._refused = Counter("embedpool_results_refused", "Results that were wrong.", ("kind",), registry=registry)
        cache = Counter("embedpool_cache_lookups", "Texts looked up in the cache.", ("outcome",), registry=registry)
        self._hits, self._misses = cache.labels("hit"), cache.labels("miss")

    def count_request(self, route: str | None, method: str, status: int) -> None:
        """Count a request; `route` is the template that matched, such as `/tasks/<job_id>`."""
        method = method if method in METHODS else "other"
        self._requests.labels(route or NO_ROUTE, method, f"{status // 100}xx").inc()

    def count_lookups(self, hits: int, misses: int) -> None:
        """Count texts that were looked for in the cache."""
        self._hits.inc(hits)
        self._misses.inc(misses)

    def take(self, measured: Measured) -> None:
        """Count what a transaction did."""
        for timing in measured.completed:
            self._count_completed(timing)
        for status, number in measured.ended.items():
            self._ended.labels(status).inc(number)
        for kind in measured.lost:
            self._lost.labels(kind).inc()
        for kind in measured.refused:
            self._refused.labels(kind).inc()

    def _count_completed(self, timing: Timing) -> None:
        kind = timing.kind
        self._ended.labels("completed").inc()
        self._tokens.labels(kind, "prompt").inc(timing.prompt_tokens)
        self._tokens.labels(kind, "completion").inc(timing.completion_tokens)
        for stage, began, ended in (
            ("queue", timing.submitted_at, timing.claimed_at),
            ("agent", timing.claimed_at, timing.completed_at),
            ("total", timing.submitted_at, timing.completed_at),
        ):
            self._stages.labels(stage, kind).observe(max(0, ended - began) / 1000)
