"""Agent logs: lines that agents write for the operator."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert, select

from server.domain import ids
from server.storage import rows
from server.storage.models import AgentLog

#: What a line may be, as OffloadMQ has it.
SEVERITIES = ("CRITICAL", "ERROR", "INFO")


@dataclass(frozen=True, slots=True)
class StoredLog:
    """A line as it stands in the table."""

    #: ULID: sorts by time.
    id: str
    at: int
    #: The agent that sent it, whatever it calls itself in the next two.
    agent_id: str
    agent_name: str
    machine: str
    severity: str
    text: str


def add(
    connection: Connection, *, agent_id: str, agent_name: str, machine: str, severity: str, text: str, now: int
) -> StoredLog:
    """Write a line and return it; `severity` is one of `SEVERITIES`."""
    line = StoredLog(ids.new_ulid(now), now, agent_id, agent_name, machine, severity, text)
    connection.execute(insert(AgentLog).values(**asdict(line)))
    return line


def latest(
    connection: Connection, *, limit: int, agent_id: str | None = None, severity: str | None = None
) -> list[StoredLog]:
    """Return lines, newest first: all, or those of an agent, or those of a severity."""
    columns = (AgentLog.id, AgentLog.at, AgentLog.agent_id, AgentLog.agent_name, AgentLog.machine, AgentLog.severity)
    wanted = select(*columns, AgentLog.text).order_by(AgentLog.id.desc()).limit(limit)
    if agent_id is not None:
        wanted = wanted.where(AgentLog.agent_id == agent_id)
    if severity is not None:
        wanted = wanted.where(AgentLog.severity == severity)
    return rows.each(StoredLog, connection.execute(wanted))


def drop(connection: Connection, *, before: int, limit: int) -> int:
    """Delete the oldest lines from before a time, up to a number; returns how many went."""
    oldest = select(AgentLog.id).where(AgentLog.id < ids.first_ulid(before)).order_by(AgentLog.id).limit(limit)
    return connection.execute(delete(AgentLog).where(AgentLog.id.in_(oldest))).rowcount
