"""Lines that foreign agents write for the operator."""

from __future__ import annotations

from server.services.pool import Pool
from server.services.roster import Present
from server.storage import agent_logs
from server.storage.agent_logs import StoredLog

#: Longest line (characters).
MAX_TEXT = 20_000


def write(pool: Pool, agent: Present, *, severity: str, text: str, name: str | None, machine: str | None) -> StoredLog:
    """Keep a line under the identity of the agent that sent it, whatever it calls itself."""
    now = pool.clock.now()
    pool.roster.touch(agent, now)
    return pool.database.write(
        lambda connection: agent_logs.add(
            connection,
            agent_id=agent.agent.id,
            agent_name=name or agent.agent.display_name or "",
            machine=machine or "",
            severity=severity,
            text=text,
            now=now,
        )
    )
