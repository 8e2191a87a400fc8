"""A client key as the pages draw it: its limits as gauges, its days as bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from server.domain.limits import DAY_MS
from server.domain.trust import Trust
from server.services.operator.key_records import USAGE_DAYS, KeyRecord, KeyState
from server.web.pages.charts import Chart, Series, bar_chart
from server.web.pages.formats import number, plural, size
from server.web.pages.permissions import patterns_of
from server.web.pages.sparks import Spark, spark

#: How each state is drawn (`ui.state`).
KINDS = {KeyState.ACTIVE: "good", KeyState.DISABLED: "off", KeyState.EXPIRED: "caution", KeyState.REVOKED: "bad"}


@dataclass(frozen=True, slots=True)
class Gauge:
    """How much of a limit is used."""

    label: str
    used: int
    limit: int
    words: str


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key, ready to be drawn."""

    record: KeyRecord
    #: How its state is drawn.
    kind: str
    models: list[str]
    trust: Trust
    gauges: list[Gauge]
    #: What it used in `USAGE_DAYS`, in words and as a row of bars; both empty for nothing.
    amount: str
    spark: Spark
    #: The day it was last used, where no task tells the time; empty for not in `USAGE_DAYS`.
    last_day: str


def views(records: Iterable[KeyRecord]) -> list[KeyView]:
    """Make keys ready to be drawn."""
    return [view_of(record) for record in records]


def view_of(record: KeyRecord) -> KeyView:
    """Make a key ready to be drawn."""
    # Work that is neither an embedding nor a chat has no tokens: then its tasks are what can be counted.
    in_tokens = record.tokens > 0
    amount = plural(record.tokens, "token") if in_tokens else plural(record.tasks, "task")
    return KeyView(
        record=record,
        kind=KINDS[record.state],
        models=patterns_of(record.stored.capabilities),
        trust=Trust(record.stored.trust),
        gauges=gauges(record),
        amount=amount if record.tokens or record.tasks else "",
        spark=spark([day.tokens if in_tokens else day.tasks for day in record.days]),
        last_day=next((_day(one.day) for one in reversed(record.days) if one.texts or one.tasks or one.failed), ""),
    )


def gauges(record: KeyRecord) -> list[Gauge]:
    """Return how much is used of each limit that a key has."""
    stored, used = record.stored, record.used
    found = (
        ("Requests", used.requests, stored.requests_per_minute, number, " this minute"),
        ("Tokens", used.tokens, stored.tokens_per_day, number, " today"),
        ("Tasks", used.in_flight, stored.max_in_flight, number, " in flight"),
        ("Stored", used.stored_bytes, stored.max_stored_bytes, size, ""),
    )
    return [
        Gauge(label, amount, limit, f"{write(amount)} of {write(limit)}{when}")
        for label, amount, limit, write, when in found
        if limit is not None
    ]


def charts(record: KeyRecord) -> list[Chart]:
    """Draw what a key used, day by day."""
    labels = [_day(one.day) for one in record.days]
    nothing = f"Not used in the last {USAGE_DAYS} days."
    tasks = [
        Series("Completed", [one.tasks for one in record.days]),
        Series("Failed", [one.failed for one in record.days], "red"),
    ]
    tokens = [Series("Tokens", [one.tokens for one in record.days], "teal")]
    return [
        bar_chart("Tokens per day", "tokens", labels, tokens, nothing=nothing),
        bar_chart("Tasks per day", "tasks", labels, tasks, nothing=nothing),
    ]


def _day(day: int) -> str:
    date = datetime.fromtimestamp(day * DAY_MS / 1000, UTC)
    return f"{date.day} {date:%b}"
