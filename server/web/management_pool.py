"""`/management`: usage, model classes, events, agents' logs, the server's version."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from flask import Blueprint, Response

from server import __version__
from server.domain.errors import InvalidRequest
from server.domain.limits import DAY_MS
from server.services import switching
from server.services.operator import operations_pool
from server.services.operator.operations_pool import ModelReport
from server.storage.agent_logs import SEVERITIES, StoredLog
from server.storage.events import LAST, StoredEvent
from server.storage.model_classes import StoredClass
from server.storage.usage import NOBODY, UsageSum
from server.web import query
from server.web.describing import describe
from server.web.json_body import json_response
from server.web.parts import pool
from server.web.schemas import pool_reports as schemas
from server.web.timestamps import timestamp

blueprint = Blueprint("management_pool", __name__)

Json = dict[str, Any]

#: What usage is summed up by: the names here, and in the table.
DIMENSIONS = {"day": "day", "key": "key_id", "agent": "agent_id", "model": "capability"}
#: What stands for the agent in what the cache answered.
CACHE = "cache"
#: Days that are summed up: usually, and at most. Rows: usually, and at most.
USUAL_DAYS, MAX_DAYS, USUAL_ROWS, MAX_ROWS = 30, 366, 1000, 10_000
USUAL_EVENTS, MAX_EVENTS, USUAL_LINES, MAX_LINES = 100, 500, 100, 1000


@blueprint.get("/usage")
@describe(query=schemas.UsageQuery, answers={200: schemas.UsageReport}, errors=(400,))
def get_usage() -> Response:
    """Sum up what was used, by day, client key, agent or model.

    What the cache answered is counted with the agent `cache`; it took no task.
    """
    by, (first, last) = _dimensions(), _days()
    limit = query.whole("limit", 1, MAX_ROWS) or USUAL_ROWS
    given = {name: value for name in ("key", "agent", "model") if (value := query.text(name)) is not None}
    where = {DIMENSIONS[name]: _agent_id(value) if name == "agent" else value for name, value in given.items()}
    found = operations_pool.usage_by(
        pool(),
        [DIMENSIONS[name] for name in by],
        first_day=_number(first),
        last_day=_number(last),
        where=where,
        limit=limit + 1,
    )
    return json_response(
        {
            "from": first.isoformat(),
            "to": last.isoformat(),
            "items": [usage_json(one, by) for one in found[:limit]],
            "truncated": len(found) > limit,
        }
    )


@blueprint.get("/models")
@describe(answers={200: list[schemas.Model]})
def list_models() -> Response:
    """List the models with their classes, and up to 500 agents that offer each."""
    return json_response([_model_json(report) for report in operations_pool.list_models(pool())])


@blueprint.post("/models/<class_id>/switch")
@describe(answers={200: schemas.Switched}, errors=(404, 409))
def switch_class(class_id: str) -> Response:
    """Make a class of an embedding model the one that serves the pool."""
    # A number that is too long for the table is no class either.
    number = int(class_id) if class_id.isascii() and class_id.isdecimal() and len(class_id) < 16 else 0
    done = switching.switch(pool(), number, pool().clock.now())
    return json_response(
        {"model": done.model, "was": done.was, "now": done.now, "tasksMoved": done.moved, "jobsEnded": done.ended}
    )


@blueprint.get("/events")
@describe(query=schemas.EventQuery, answers={200: schemas.Events}, errors=(400,))
def list_events() -> Response:
    """Return a page of events, newest first: who did what. They are kept for 90 days."""
    limit = query.whole("limit", 1, MAX_EVENTS) or USUAL_EVENTS
    found = operations_pool.list_events(pool(), query.text("cursor") or LAST, limit + 1)
    cursor = found[limit - 1].id if len(found) > limit else None
    return json_response({"items": [_event_json(event) for event in found[:limit]], "cursor": cursor})


@blueprint.get("/agent_logs/latest")
@describe(query=schemas.LogQuery, answers={200: schemas.LogLines}, errors=(400,))
def list_logs() -> Response:
    """List the newest lines that agents wrote."""
    return json_response(_lines_json(operations_pool.list_logs(pool(), _lines())))


@blueprint.get("/agent_logs/by_agent")
@describe(query=schemas.AgentLogQuery, answers={200: schemas.LogLines}, errors=(400,))
def list_logs_of_agent() -> Response:
    """List the newest lines that one agent wrote."""
    agent_id = query.text("agent_id")
    if agent_id is None:
        raise InvalidRequest("agent_id is missing.", param="agent_id")
    found = operations_pool.list_logs(pool(), _lines(), agent_id=agent_id)
    return json_response({**_lines_json(found), "agentId": agent_id})


@blueprint.get("/agent_logs/by_severity")
@describe(query=schemas.SeverityLogQuery, answers={200: schemas.LogLines}, errors=(400,))
def list_logs_by_severity() -> Response:
    """List the newest lines of one severity."""
    severity = (query.text("severity") or "").upper()
    if severity not in SEVERITIES:
        raise InvalidRequest(f"invalid severity: {severity[:50]}", param="severity")
    found = operations_pool.list_logs(pool(), _lines(), severity=severity)
    return json_response({**_lines_json(found), "severity": severity})


@blueprint.post("/agent_logs/cleanup/trigger")
@describe(answers={200: schemas.LogsCleanup})
def clean_logs_up() -> Response:
    """Delete the lines that are older than two weeks."""
    deleted = operations_pool.drop_old_logs(pool(), pool().clock.now())
    return json_response({"deleted": deleted, "max_age_days": operations_pool.LOG_DAYS})


@blueprint.get("/version")
@describe(answers={200: schemas.Version})
def get_version() -> Response:
    """Say which version the server is."""
    return json_response({"version": __version__})


def _dimensions() -> list[str]:
    names = (query.text("by") or "day").split(",")
    if not set(names) <= DIMENSIONS.keys() or len(set(names)) < len(names):
        raise InvalidRequest(f"by must be some of {', '.join(DIMENSIONS)}, with commas between.", param="by")
    return names


def _days() -> tuple[date, date]:
    last = query.day("to") or datetime.fromtimestamp(pool().clock.now() / 1000, UTC).date()
    first = query.day("from") or max(last, _earliest(USUAL_DAYS - 1)) - timedelta(days=USUAL_DAYS - 1)
    if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
        raise InvalidRequest(f"from must be at most {MAX_DAYS} days before to.", param="from")
    return first, last


def _earliest(days: int) -> date:
    """Return the first day that has so many days before it: there is none before the year 1."""
    return date.min + timedelta(days=days)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _agent_id(value: str) -> str:
    return NOBODY if value == CACHE else value


def usage_json(one: UsageSum, by: list[str]) -> Json:
    """Describe a sum by what it is summed up by."""
    named: Json = {}
    if "day" in by and one.day is not None:
        named["day"] = datetime.fromtimestamp(one.day * DAY_MS / 1000, UTC).date().isoformat()
    if "key" in by:
        named |= {"key": one.key_id, "keyName": one.client}
    if "agent" in by:
        named |= {"agent": CACHE if one.agent_id == NOBODY else one.agent_id, "agentName": one.agent}
    if "model" in by:
        named["model"] = one.capability
    return {
        **named,
        "tasks": one.tasks,
        "failed": one.failed,
        "texts": one.texts,
        "promptTokens": one.prompt_tokens,
        "completionTokens": one.completion_tokens,
        "engineMs": round(one.engine_ms, 1),
    }


def _model_json(report: ModelReport) -> Json:
    online = {present.agent.id for present in pool().roster.online(pool().clock.now())}
    return {
        "kind": report.kind,
        "model": report.model,
        "capability": report.capability,
        "classes": [_class_json(stored) for stored in report.classes],
        "agents": [
            {
                "uid": offer.agent_id,
                "displayName": offer.display_name,
                "connected": offer.agent_id in online,
                "classId": offer.class_id,
                "engineVersion": offer.engine_version,
            }
            for offer in report.offers
        ],
    }


def _class_json(stored: StoredClass) -> Json:
    return {
        "id": stored.id,
        "digest": stored.digest,
        "dimensions": stored.dimensions or None,
        "engine": stored.engine,
        "quantisation": stored.quantisation,
        "contextLength": stored.context_length,
        "firstSeen": timestamp(stored.first_seen_at),
        "isPool": stored.is_pool,
    }


def _event_json(event: StoredEvent) -> Json:
    return {
        "id": event.id,
        "at": timestamp(event.at),
        "actor": event.actor,
        "verb": event.verb,
        "subject": event.subject,
        "detail": orjson.Fragment(event.detail),
    }


def _lines() -> int:
    """Return how many lines are wanted; OffloadMQ's -1 is all, which is as many as may be."""
    wanted = query.whole("limit", -1, 2**31)
    if wanted is None:
        return USUAL_LINES
    return MAX_LINES if wanted == -1 else min(wanted, MAX_LINES)


def _lines_json(found: list[StoredLog]) -> Json:
    return {"count": len(found), "items": [line_json(line) for line in found]}


def line_json(line: StoredLog) -> Json:
    """Describe a line of an agent's log as OffloadMQ does."""
    return {
        "recordId": line.id,
        "agentId": line.agent_id,
        "agentName": line.agent_name,
        "machineFingerprint": line.machine,
        "severity": line.severity,
        "text": line.text,
        "timestamp": timestamp(line.at),
    }
