"""Which capabilities somebody online would run, as OffloadMQ's clients and operators ask for them."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from server.domain.capability import allows, queue_of
from server.domain.trust import Trust
from server.services.pool import Pool
from server.services.roster import Present
from server.storage import agents

#: Patterns of somebody who may see everything.
EVERYTHING = ("*",)


def online(pool: Pool, patterns: Sequence[str], now: int, trust: int = Trust.PUBLIC) -> list[str]:
    """Return the capabilities, without attributes, that an agent online runs and that some patterns cover.

    Agents that are trusted less are left out.
    """
    found = {capability for present in _serving(pool, now, trust) for capability in present.eligible}
    return sorted(capability for capability in found if allows(patterns, capability))


def online_with_attributes(pool: Pool, patterns: Sequence[str], now: int, trust: int = Trust.PUBLIC) -> list[str]:
    """Return the same as agents registered them, with attributes in brackets: one entry for each way to say it."""
    serving = _serving(pool, now, trust)
    with pool.database.read() as connection:
        registered = agents.registered_capabilities(connection, [present.agent.id for present in serving])
    found: set[str] = set()
    for present in serving:
        named = {one: queue_of(one) for one in orjson.loads(registered.get(present.agent.id, "[]"))}
        found |= {one for one, capability in named.items() if capability in present.eligible}
        # What it offers by describing its models only.
        found |= present.eligible.keys() - set(named.values())
    return sorted(capability for capability in found if allows(patterns, capability))


def _serving(pool: Pool, now: int, trust: int) -> list[Present]:
    return [one for one in pool.roster.online(now) if one.serves(now) and one.agent.trust >= trust]
