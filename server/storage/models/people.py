"""Who may use the pool, who works for it, and what they offer."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.base import Base, only


class ClientKey(Base):
    """A client's permission to ask: only the hash of the key is kept."""

    __tablename__ = "client_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    #: Masked form for lists, such as `ep_live_ab…yz`.
    shown: Mapped[str]
    name: Mapped[str]
    #: JSON list of capability patterns.
    capabilities: Mapped[str]
    created_at: Mapped[int]
    expires_at: Mapped[int | None]
    revoked_at: Mapped[int | None]
    #: Whether the environment gave it; it goes when the environment no longer does.
    predefined: Mapped[bool] = mapped_column(server_default=false())
    #: Switched off for the time being by the operator.
    disabled: Mapped[bool] = mapped_column(server_default=false())
    #: Limits; NULL is none. Tokens count by the day (UTC); bytes are prompts and answers kept here.
    requests_per_minute: Mapped[int | None]
    tokens_per_day: Mapped[int | None]
    max_in_flight: Mapped[int | None]
    max_stored_bytes: Mapped[int | None]
    #: Least trust (`domain/trust.py`) that an agent needs to be given what this key asks.
    trust: Mapped[int] = mapped_column(server_default="0")


class Invite(Base):
    """Permission for a number of PCs to join; only the hash of the code is kept."""

    __tablename__ = "invites"
    __table_args__ = (CheckConstraint("uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)", name="invite_uses"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    shown: Mapped[str]
    name: Mapped[str]
    #: Tier given to agents that join with it; NULL lets the agent say its own.
    tier: Mapped[int | None]
    #: JSON list of capability patterns that its agents may serve.
    capabilities: Mapped[str]
    #: How many PCs may join; NULL is no limit.
    max_uses: Mapped[int | None]
    uses: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[int]
    expires_at: Mapped[int | None]
    revoked_at: Mapped[int | None]
    predefined: Mapped[bool] = mapped_column(server_default=false())
    #: How far the operator trusts the agents that join with it (`domain/trust.py`).
    trust: Mapped[int] = mapped_column(server_default="0")


class Agent(Base):
    """A volunteer's installed program, with its identity and its record."""

    __tablename__ = "agents"

    id: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str]
    invite_id: Mapped[str | None] = mapped_column(ForeignKey("invites.id"))
    display_name: Mapped[str | None]
    app_version: Mapped[str | None]
    #: JSON list as the agent registered it, attributes in brackets included.
    capabilities: Mapped[str]
    tier: Mapped[int]
    capacity: Mapped[int]
    #: JSON object.
    system_info: Mapped[str]
    #: What it speaks: `turn` (our own agent), `offloadmq` or `llmequeue`.
    protocol: Mapped[str] = mapped_column(server_default="turn")
    registered_at: Mapped[int]
    last_seen_at: Mapped[int | None]
    #: Set when the agent left or was removed; its tokens are worthless from then on.
    left_at: Mapped[int | None]
    #: JSON object: what the agent said it was doing.
    state: Mapped[str] = mapped_column(server_default="{}")
    tasks_completed: Mapped[int] = mapped_column(server_default="0")
    tasks_failed: Mapped[int] = mapped_column(server_default="0")
    tasks_lost: Mapped[int] = mapped_column(server_default="0")
    tasks_released: Mapped[int] = mapped_column(server_default="0")
    #: Results that were wrong (length, numbers, model): also counted as failed.
    results_refused: Mapped[int] = mapped_column(server_default="0")
    texts: Mapped[int] = mapped_column(server_default="0")
    tokens: Mapped[int] = mapped_column(server_default="0")
    #: Set while the operator lets it have no work; the message is shown to its volunteer.
    paused_at: Mapped[int | None]
    pause_message: Mapped[str | None]
    #: The operator's word, which wins over the agent's and the invite's.
    tier_override: Mapped[int | None]
    capacity_override: Mapped[int | None]
    #: How far the operator trusts it (`domain/trust.py`): the invite's word, until the operator says another.
    trust: Mapped[int] = mapped_column(server_default="0")
    #: Set when the operator made its key worthless; it has to join anew.
    revoked_at: Mapped[int | None]


class ModelClass(Base):
    """What must be equal for two agents' vectors to be mixed; of a chat model, what is known of it."""

    __tablename__ = "model_classes"
    __table_args__ = (
        Index("model_class_identity", "kind", "model", "digest", "dimensions", "engine", unique=True),
        # One class of a model serves the pool: agents of another get no work for it.
        Index("model_class_of_pool", "kind", "model", unique=True, **only("is_pool")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    #: `embedding` or `chat`.
    kind: Mapped[str] = mapped_column(server_default="embedding")
    model: Mapped[str]
    #: Empty for the unverified class: what agents offer that tell no digest.
    digest: Mapped[str]
    #: 0 for a chat model.
    dimensions: Mapped[int]
    engine: Mapped[str]
    quantisation: Mapped[str]
    context_length: Mapped[int | None]
    first_seen_at: Mapped[int]
    is_pool: Mapped[bool] = mapped_column(server_default=false())


class Offer(Base):
    """What an agent can run now."""

    __tablename__ = "offers"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    #: Base capability, without attributes.
    capability: Mapped[str] = mapped_column(primary_key=True)
    #: What its tasks must match; NULL for what has no class (chat, free tasks, models nobody can tell apart).
    class_id: Mapped[int | None] = mapped_column(ForeignKey("model_classes.id"))
    engine_version: Mapped[str | None]
