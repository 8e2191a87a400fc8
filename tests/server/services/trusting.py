"""What the tests of trust do: the operator's changes, and agents of every kind."""

from __future__ import annotations

from dataclasses import replace

from server.domain.trust import Trust
from server.services import access
from server.services.known_keys import Client
from server.services.operator import operations_agents
from server.services.pool import Pool
from server.services.roster import Present
from server.storage.agents import OFFLOADMQ
from tests.factories import current, description, make_agent, make_invite

#: A capability that only OffloadMQ's agents have.
SHELL = "shell.bash"


def joined(pool: Pool, trust: Trust, *, tier: int = 5, capacity: int = 64) -> Present:
    """Let a PC join with an invite that says how far it is trusted."""
    return make_agent(pool, description(tier=tier, capacity=capacity), code=make_invite(pool, trust=trust))


def joined_foreign(pool: Pool, trust: Trust, *, tier: int = 5) -> Present:
    """Let an agent of OffloadMQ join."""
    wanted = replace(description((), protocol=OFFLOADMQ, tier=tier), capabilities=[SHELL])
    return make_agent(pool, wanted, code=make_invite(pool, trust=trust))


def trust_agent(pool: Pool, agent: Present, trust: Trust | None) -> Present:
    """Let the operator trust an agent more or less; None gives the word back to its invite."""
    operations_agents.override(pool, agent.agent.id, {"trust": trust}, pool.clock.now())
    return current(pool, agent.agent.id)


def ask_for(pool: Pool, client: Client, trust: Trust) -> None:
    """Let a client's key ask for more or less trust."""
    access.change_key(pool, client.id, now=pool.clock.now(), trust=trust)
