"""`/management/agents`: the agents as the operator sees them, and what the operator does with them."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response

from server.domain import trust
from server.domain.errors import InvalidRequest
from server.domain.trust import Trust
from server.services import foreign_capabilities, overview
from server.services.operator import operations_agents
from server.services.operator.operations_agents import AgentDetails
from server.services.overview import AgentReport
from server.web import fields
from server.web.describing import describe
from server.web.json_body import json_response, read_object
from server.web.parts import pool
from server.web.schemas import operations
from server.web.schemas import operator as schemas
from server.web.timestamps import timestamp

blueprint = Blueprint("management_agents", __name__)

Json = dict[str, Any]

MAX_MESSAGE = 500
#: What the operator may overrule, and its bounds.
OVERRULED = {"tier": (0, 255), "capacity": (1, 2**32 - 1)}


@blueprint.get("/agents/list")
@describe(answers={200: list[schemas.AgentReport]})
def list_agents() -> Response:
    """List the agents."""
    return json_response([agent_json(one) for one in overview.list_agents(pool(), pool().clock.now())])


@blueprint.get("/agents/list/online")
@describe(answers={200: list[schemas.AgentReport]})
def list_agents_online() -> Response:
    """List the agents that were heard of lately."""
    found = overview.list_agents(pool(), pool().clock.now(), online_only=True)
    return json_response([agent_json(one) for one in found])


@blueprint.post("/agents/delete/<agent_id>")
@describe(answers={200: str})
def delete_agent(agent_id: str) -> Response:
    """Take an agent out of the pool: its leases go back, its key is worthless.

    One that is unknown is gone already.
    """
    operations_agents.delete(pool(), agent_id, pool().clock.now())
    return json_response("Agent deleted")


@blueprint.post("/agents/reset")
@describe(answers={200: operations.Reset})
def reset_agents() -> Response:
    """Take every agent out of the pool."""
    operations_agents.reset(pool(), pool().clock.now())
    return json_response({"result": "Reset successful"})


@blueprint.post("/agents/cleanup/trigger")
@describe(answers={200: operations.AgentsCleanup})
def clean_agents_up() -> Response:
    """Take those agents out of the pool that were not heard of for a week."""
    deleted = operations_agents.clean_up(pool(), pool().clock.now())
    return json_response({"deleted": deleted, "ttl_days": operations_agents.STALE_DAYS})


@blueprint.get("/agents/<agent_id>")
@describe(answers={200: operations.AgentDetails}, errors=(404,))
def get_agent(agent_id: str) -> Response:
    """Describe an agent with what it offers and computes."""
    return json_response(_details_json(operations_agents.details(pool(), agent_id, pool().clock.now())))


@blueprint.post("/agents/<agent_id>/pause")
@describe(body=operations.PauseBody, body_required=False, answers={200: operations.AgentDetails}, errors=(404,))
def pause_agent(agent_id: str) -> Response:
    """Let an agent have no work until it is resumed; its volunteer reads the message."""
    message, now = fields.text(read_object(), "message", "", longest=MAX_MESSAGE), pool().clock.now()
    operations_agents.pause(pool(), agent_id, message, now)
    return json_response(_details_json(operations_agents.details(pool(), agent_id, now)))


@blueprint.post("/agents/<agent_id>/resume")
@describe(answers={200: operations.AgentDetails}, errors=(404,))
def resume_agent(agent_id: str) -> Response:
    """Let an agent have work again."""
    now = pool().clock.now()
    operations_agents.resume(pool(), agent_id, now)
    return json_response(_details_json(operations_agents.details(pool(), agent_id, now)))


@blueprint.post("/agents/<agent_id>/override")
@describe(body=operations.OverrideBody, answers={200: operations.AgentDetails}, errors=(404, 409))
def override_agent(agent_id: str) -> Response:
    """Put an own tier or capacity in the place of the agent's, or trust in that of its invite; null takes it back."""
    body, now = read_object(), pool().clock.now()
    wanted = {name: fields.optional_whole(body, name, *OVERRULED[name]) for name in OVERRULED if name in body}
    if "trust" in body:
        wanted["trust"] = None if body["trust"] is None else trust.parse(body["trust"])
    if not wanted:
        raise InvalidRequest("Say which to overrule: tier, capacity or trust; null takes it back.", param="tier")
    operations_agents.override(pool(), agent_id, wanted, now)
    return json_response(_details_json(operations_agents.details(pool(), agent_id, now)))


@blueprint.post("/agents/<agent_id>/revoke_key")
@describe(answers={200: operations.AgentDetails}, errors=(404, 409))
def revoke_key(agent_id: str) -> Response:
    """Make an agent's key worthless at once: its leases go back; its PC has to join anew.

    It stays in the list with its record until it is deleted.
    """
    now = pool().clock.now()
    operations_agents.revoke_key(pool(), agent_id, now)
    return json_response(_details_json(operations_agents.details(pool(), agent_id, now)))


@blueprint.get("/capabilities/list/online")
@describe(answers={200: list[str]})
def list_capabilities() -> Response:
    """List the capabilities that agents online run, without attributes."""
    found = foreign_capabilities.online(pool(), foreign_capabilities.EVERYTHING, pool().clock.now())
    return json_response(found)


@blueprint.get("/capabilities/list/online_ext")
@describe(answers={200: list[str]})
def list_capabilities_with_attributes() -> Response:
    """List the capabilities that agents online run, with the attributes that they were registered with."""
    everything = foreign_capabilities.EVERYTHING
    return json_response(foreign_capabilities.online_with_attributes(pool(), everything, pool().clock.now()))


def agent_json(report: AgentReport) -> Json:
    """Describe an agent as OffloadMQ does, with what only this pool tells.

    Its key is known to nobody but itself: `personalLoginToken` is there, because OffloadMQ's page looks for it.
    """
    record = report.record
    return {
        "uid": record.id,
        "uidShort": record.id[-6:],
        "personalLoginToken": "",
        "registeredAt": timestamp(record.registered_at),
        "lastContact": timestamp(report.last_seen) if report.last_seen else None,
        "lastCommMethod": "http",
        "capabilities": orjson.loads(record.capabilities),
        "tier": record.tier if record.tier_override is None else record.tier_override,
        "capacity": record.capacity if record.capacity_override is None else record.capacity_override,
        "systemInfo": orjson.loads(record.system_info),
        "appVersion": record.app_version,
        "displayName": record.display_name,
        "inFlight": report.in_flight,
        "connected": report.online,
        "protocol": record.protocol,
        "paused": record.paused_at is not None,
        "pauseMessage": record.pause_message,
        "tierOverride": record.tier_override,
        "capacityOverride": record.capacity_override,
        "trust": Trust(record.trust).word,
        "keyRevokedAt": timestamp(record.revoked_at) if record.revoked_at else None,
        "state": orjson.loads(report.state),
        **_record_json(report),
    }


def _record_json(report: AgentReport) -> Json:
    record = report.record
    return {
        "tasksCompleted": record.tasks_completed,
        "tasksFailed": record.tasks_failed,
        "tasksLost": record.tasks_lost,
        "tasksReleased": record.tasks_released,
        "resultsRefused": record.results_refused,
        "texts": record.texts,
        "tokens": record.tokens,
    }


def _details_json(details: AgentDetails) -> Json:
    eligible = pool().roster.get(details.report.record.id)
    return {
        **agent_json(details.report),
        "offers": [
            {
                "capability": offer.capability,
                "classId": offer.class_id,
                "inPool": eligible is not None and offer.capability in eligible.eligible,
                "engineVersion": offer.engine_version,
            }
            for offer in details.offers
        ],
        "work": [
            {"taskId": one.task_id, "capability": one.capability, "since": timestamp(one.started_at)}
            for one in details.work
        ],
        "invite": {"id": details.invite[0], "name": details.invite[1]} if details.invite else None,
    }
