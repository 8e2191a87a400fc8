"""`/management`: usage, model classes, events, agents' logs and the version."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from server.web.schemas.base import Answer, CamelAnswer, Request, Timestamp
from server.web.schemas.operations import Cursor, Limit


class UsageQuery(Request):
    """What to sum up."""

    by: str | None = Field("day", description="Some of `day`, `key`, `agent`, `model`, with commas between.")
    from_: str | None = Field(None, alias="from", description="First day (UTC); 30 days by default.")
    to: str | None = Field(None, description="Last day (UTC), included; today by default.")
    key: str | None = Field(None, description="Only of this client key (its id).")
    agent: str | None = Field(None, description="Only of this agent (its id); `cache` for what the cache answered.")
    model: str | None = Field(None, description="Only of this capability, such as `embed.nomic-embed-text`.")
    limit: Limit | None = Field(1000, le=10_000)


class UsageRow(CamelAnswer):
    """A sum; it has those of the first fields that it is summed up by."""

    day: str = ""
    key: str = ""
    key_name: str | None = None
    agent: str = ""
    agent_name: str | None = None
    model: str = ""
    tasks: int
    failed: int
    texts: int
    prompt_tokens: int
    completion_tokens: int
    engine_ms: float


class UsageReport(Answer):
    """Sums of what was used, the newest day first."""

    from_: str = Field(alias="from")
    to: str
    items: list[UsageRow]
    truncated: bool = Field(description="Whether there is more than `limit`.")


class ModelClass(CamelAnswer):
    """What must be equal for two agents' vectors to be mixed."""

    id: int
    digest: str
    dimensions: int | None
    engine: str
    quantisation: str
    context_length: int | None
    first_seen: Timestamp
    is_pool: bool = Field(description="Whether it serves the pool.")


class ModelAgent(CamelAnswer):
    """An agent that offers a model."""

    uid: str
    display_name: str | None
    connected: bool
    class_id: int | None
    engine_version: str | None


class Model(CamelAnswer):
    """A model, its classes, and who offers it."""

    kind: Literal["embedding", "chat"]
    model: str
    capability: str
    classes: list[ModelClass]
    agents: list[ModelAgent]


class Switched(CamelAnswer):
    """What a switch did."""

    model: str
    was: int | None
    now: int
    tasks_moved: int
    jobs_ended: int


class EventQuery(Request):
    """Which events."""

    limit: Limit | None = Field(100, le=500)
    cursor: Cursor


class Event(Answer):
    """Who did what."""

    id: str
    at: Timestamp
    actor: str
    verb: str
    subject: str
    detail: dict[str, Any]


class Events(Answer):
    """A page of events, newest first."""

    items: list[Event]
    cursor: str | None


class LogQuery(Request):
    """How many lines."""

    limit: int | None = Field(100, ge=-1, description="-1 for as many as there may be: 1,000.")


class AgentLogQuery(LogQuery):
    """Whose lines."""

    agent_id: str


class SeverityLogQuery(LogQuery):
    """How bad."""

    severity: str = Field(description="CRITICAL, ERROR or INFO.")


class LogLine(CamelAnswer):
    """A line that an agent wrote."""

    record_id: str
    agent_id: str
    agent_name: str
    machine_fingerprint: str
    severity: Literal["CRITICAL", "ERROR", "INFO"]
    text: str
    timestamp: Timestamp


class LogLines(CamelAnswer):
    """Lines, newest first."""

    count: int
    items: list[LogLine]
    agent_id: str = ""
    severity: str = ""


class LogsCleanup(Answer):
    """How many lines were deleted, and after how many days."""

    deleted: int
    max_age_days: int


class Version(Answer):
    """The server's version."""

    version: str
