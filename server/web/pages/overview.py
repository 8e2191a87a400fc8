"""`/admin/`: the pool at a glance. What needs attention comes first, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, url_for

from server.services.operator import attention, event_log, pace
from server.services.operator.agent_views import Doing
from server.services.operator.attention import Notice, Place, Urgency
from server.services.operator.findings import findings
from server.services.operator.pace import Pace
from server.services.operator.queues import Stuck
from server.services.operator.situation import situation
from server.web.pages import event_words
from server.web.pages.charts import Chart, Series, bar_chart
from server.web.pages.rendering import page
from server.web.parts import pool

#: Events that are shown, notices that are not folded away, and queues and kinds of failures that are listed.
EVENTS, OPEN_NOTICES, QUEUES, ENDINGS = 8, 6, 12, 8
#: Page of a place → endpoint of the page, or of one thing on it with the name of the id, and what the link says.
PLACES: Mapping[str, tuple[str, str, str, str]] = {
    "agents": ("admin.agents.index", "admin.agents.show", "agent_id", "See the agents"),
    "tasks": ("admin.tasks.index", "admin.tasks.show", "task_id", "See the tasks"),
    "models": ("admin.models.index", "", "", "See the models"),
    "keys": ("admin.keys.index", "admin.keys.show", "key_id", "See the keys"),
    "health": ("admin.health.show", "", "", "See the health"),
    "new_invite": ("admin.invites.new", "", "", "Make an invite"),
    "new_key": ("admin.keys.new", "", "", "Make a key"),
}
#: What a link says that leads to one thing.
TO_ONE = {"agents": "See the agent", "keys": "See the key", "tasks": "See the task"}
#: How soon → the kind of notice.
KINDS = {Urgency.NOW: "bad", Urgency.SOON: "caution", Urgency.SOMETIME: "neutral"}
#: What agents do that are here and do not work, in words.
PAUSES = {
    Doing.HELD: "paused by you",
    Doing.PAUSED: "paused there",
    Doing.WAITING: "waiting by their rules",
    Doing.TROUBLE: "cannot work",
}
#: Why nothing is done, in the words of a table.
STUCK = {
    Stuck.UNKNOWN: "no agent has it",
    Stuck.OFFLINE: "its agents are offline",
    Stuck.PAUSED: "its agents are paused",
    Stuck.DIFFERING: "its agents have another class",
    Stuck.TRUST: "no agent is trusted enough",
    Stuck.IDLE: "nobody can tell",
}
#: Labels under the charts, by the bar; the last bar is not over.
HOUR_TICKS = {0: "60 min ago", 15: "45", 30: "30", 45: "15", 59: "now"}
DAY_TICKS = {0: "24 h ago", 24: "18", 48: "12", 72: "6", 95: "now"}

blueprint = Blueprint("overview", __name__, url_prefix="")


@blueprint.get("/")
def show() -> Response:
    """Show how the pool stands."""
    now = pool().clock.now()
    seen = situation(pool(), now)
    facts = findings(pool(), seen)
    return page(
        "overview/show.html",
        seen=seen,
        facts=facts,
        notices=[(notice, KINDS[notice.urgency], *_link(notice)) for notice in attention.notices(facts)],
        lately=pace.lately(seen.hour, now),
        charts_of_hour=_charts_of_hour(seen.hour),
        charts_of_day=_charts_of_day(seen.day, now),
        told=event_words.told(event_log.read(pool(), "", EVENTS)),
        pauses=PAUSES,
        stuck=STUCK,
        roughly=_roughly,
        open_notices=OPEN_NOTICES,
        most_queues=QUEUES,
        most_endings=ENDINGS,
    )


def _link(notice: Notice) -> tuple[str, str]:
    """Return the address where one acts on a notice, and what the link says."""
    return _address(notice.place), TO_ONE[notice.place.page] if notice.place.id else PLACES[notice.place.page][3]


def _address(place: Place) -> str:
    every, one, name, _ = PLACES[place.page]
    values: dict[str, Any] = {name: place.id} if place.id else dict(place.filters)
    return url_for(one if place.id else every, **values)


def _charts_of_hour(done: Pace) -> tuple[Chart, Chart]:
    return _charts("last hour", "per minute", done, "%H:%M UTC", HOUR_TICKS)


def _charts_of_day(done: Pace, now: int) -> list[str]:
    """Draw the day, of which little changes from look to look: most of what the page costs."""

    def draw() -> list[str]:
        drawing = current_app.jinja_env.get_template("macros/chart.html").module
        found = _charts("last day", "per 15 minutes", done, "%d %b %H:%M UTC", DAY_TICKS)
        return [drawing.draw(chart) for chart in found]  # type: ignore[attr-defined]

    return pool().remembered.recall("charts of the day", draw, good_for_ms=pace.DAY_GOOD_FOR_MS, now=now)


def _charts(when: str, unit: str, done: Pace, written: str, ticks: Mapping[int, str]) -> tuple[Chart, Chart]:
    labels = [datetime.fromtimestamp(start / 1000, UTC).strftime(written) for start in done.starts]
    tasks = (
        Series("completed", [counts.tasks for counts in done.counts]),
        Series("failed", [counts.failed for counts in done.counts], "red"),
    )
    texts = (
        Series("by agents", [counts.texts for counts in done.counts], "teal"),
        Series("from the cache", [counts.cached for counts in done.counts], "violet"),
    )
    return (
        bar_chart(f"Tasks, {when}", unit, labels, tasks, tick_labels=ticks, nothing="No tasks in this time."),
        bar_chart(f"Texts, {when}", unit, labels, texts, tick_labels=ticks, nothing="No texts in this time."),
    )


def _roughly(seconds: float) -> str:
    """Write how long something will take about: nobody can say it to the second."""
    for name, unit in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return "a minute"
