"""What was used by whom, who did what, and what agents wrote into their logs."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.base import Base


class KeyCounter(Base):
    """What a client key has used of its limits: requests in the current minute, tokens in the current day (UTC)."""

    __tablename__ = "key_counters"
    __table_args__ = (CheckConstraint("requests >= 0 AND tokens >= 0", name="key_counts"),)

    key_id: Mapped[str] = mapped_column(ForeignKey("client_keys.id"), primary_key=True)
    #: Minutes since 1970 for which `requests` counts.
    minute: Mapped[int] = mapped_column(server_default="0")
    requests: Mapped[int] = mapped_column(server_default="0")
    #: Days since 1970 for which `tokens` counts; work under way counts with its estimate.
    day: Mapped[int] = mapped_column(server_default="0")
    tokens: Mapped[int] = mapped_column(server_default="0")


class Usage(Base):
    """Work that was done, summed up by day, client key, agent and model. It holds no text and outlives the jobs."""

    __tablename__ = "usage"
    __table_args__ = (
        # What one agent did, and what one client used, over many days.
        Index("usage_of_agent", "agent_id", "day"),
        Index("usage_of_key", "key_id", "day"),
    )

    #: Days since 1970 (UTC).
    day: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(primary_key=True)
    #: Empty for what the cache answered.
    agent_id: Mapped[str] = mapped_column(primary_key=True)
    #: The capability: `embed.…`, `llm.…` or any other.
    capability: Mapped[str] = mapped_column(primary_key=True)
    tasks: Mapped[int] = mapped_column(server_default="0")
    failed: Mapped[int] = mapped_column(server_default="0")
    texts: Mapped[int] = mapped_column(server_default="0")
    prompt_tokens: Mapped[int] = mapped_column(server_default="0")
    completion_tokens: Mapped[int] = mapped_column(server_default="0")
    #: Time at engines (ms).
    engine_ms: Mapped[float] = mapped_column(server_default="0")


class Throughput(Base):
    """What was done in a minute, by capability: what the charts are drawn from. It is no account: see `Usage`."""

    __tablename__ = "throughput"

    #: Minutes since 1970.
    minute: Mapped[int] = mapped_column(primary_key=True)
    capability: Mapped[str] = mapped_column(primary_key=True)
    #: Tasks that were completed, and their texts (1 for what is not an embedding).
    tasks: Mapped[int] = mapped_column(server_default="0")
    texts: Mapped[int] = mapped_column(server_default="0")
    #: Tasks that ended failed.
    failed: Mapped[int] = mapped_column(server_default="0")
    #: Texts that the cache answered; they are in none of the others.
    cached: Mapped[int] = mapped_column(server_default="0")


class OperatorSession(Base):
    """A browser that the operator signed in with; only the hash of its cookie is kept."""

    __tablename__ = "operator_sessions"

    id: Mapped[str] = mapped_column(primary_key=True)
    cookie_hash: Mapped[str] = mapped_column(unique=True)
    #: Hash of the management token that opened it: another token ends it.
    token_hash: Mapped[str]
    created_at: Mapped[int]
    #: Last sign of the person, written now and then.
    seen_at: Mapped[int]
    #: When the management token was last given.
    confirmed_at: Mapped[int]
    address: Mapped[str]
    #: What the browser calls itself.
    browser: Mapped[str]


class Event(Base):
    """Who did what: keys, invites, agents, model classes, tasks of others."""

    __tablename__ = "events"

    #: ULID: sorts by time.
    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[int]
    #: `operator`, `agent:<id>`, or `server`.
    actor: Mapped[str]
    #: What was done, such as `key.create`, `agent.pause`, `class.switch`.
    verb: Mapped[str]
    #: Id of what it was done to.
    subject: Mapped[str]
    #: JSON object; never a secret, never a prompt.
    detail: Mapped[str] = mapped_column(server_default="{}")


class AgentLog(Base):
    """A line that a foreign agent wrote for the operator."""

    __tablename__ = "agent_logs"
    __table_args__ = (
        Index("agent_log_of_agent", "agent_id", "id"),
        Index("agent_log_of_severity", "severity", "id"),
    )

    #: ULID: sorts by time.
    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[int]
    #: The agent that sent it, whatever it calls itself in the next two.
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"))
    agent_name: Mapped[str]
    machine: Mapped[str]
    #: CRITICAL, ERROR or INFO.
    severity: Mapped[str]
    text: Mapped[str]
