"""Reading what an agent says of itself: ours, and both generations of OffloadMQ's."""

from __future__ import annotations

import orjson

from server.domain.capability import queue_of, valid_capability
from server.domain.errors import InvalidRequest
from server.domain.model_class import parse_offers
from server.domain.offload_system import read_system_info
from server.services.enrolment import NATIVE_CLIENT, Description
from server.storage.agents import NATIVE, OFFLOADMQ, Profile
from server.web import fields
from server.web.fields import Body
from server.web.offload_requests import unprocessable

#: Bounds of what an agent may say of itself.
MAX_TIER, MAX_CAPACITY, MAX_CAPABILITIES, MAX_NAME, MAX_VERSION = 255, 2**32 - 1, 500, 50, 200
#: Longest `systemInfo` or state, as JSON, that is kept for the operator (bytes).
MAX_STATE = 4096


def read_description(body: Body) -> Description:
    """Read an agent's description; Unprocessable names the field that is missing or wrong."""
    with unprocessable():
        info = fields.mapping(body, "systemInfo")
        protocol = NATIVE if fields.text(info, "client", "", longest=500) == NATIVE_CLIENT else OFFLOADMQ
        capabilities = _capabilities(body)
        name = fields.optional_text(body, "displayName")
        profile = Profile(
            display_name=name,
            app_version=fields.optional_text(body, "appVersion", longest=MAX_VERSION),
            capabilities=orjson.dumps(capabilities).decode(),
            tier=fields.whole(body, "tier", 0, MAX_TIER),
            # OffloadMQ's type has a zero: such an agent gets no work.
            capacity=fields.whole(body, "capacity", 1 if protocol == NATIVE else 0, MAX_CAPACITY),
            # Ours says what it likes of its PC; OffloadMQ's have rules.
            system_info=bounded_json(info if protocol == NATIVE else read_system_info(info), "systemInfo"),
        )
        offers = parse_offers(body.get("models"))
    if name is not None and len(name) > MAX_NAME:
        raise InvalidRequest(f"display_name must be {MAX_NAME} characters or fewer", param="displayName")
    return Description(profile, capabilities, offers, protocol)


def _capabilities(body: Body) -> list[str]:
    capabilities = fields.texts(body, "capabilities", most=MAX_CAPABILITIES)
    for capability in capabilities:
        if not valid_capability(queue_of(capability)) or not capability.isprintable():
            raise InvalidRequest(
                f"capabilities has an entry that is no capability: {capability[:50]!r}", param="capabilities"
            )
    return capabilities


def bounded_json(value: Body, name: str) -> str:
    """Return an object as JSON, if it is no larger than what is kept."""
    text = orjson.dumps(value)
    if len(text) > MAX_STATE:
        raise InvalidRequest(f"{name} must be at most {MAX_STATE} bytes of JSON.", param=name)
    return text.decode()
