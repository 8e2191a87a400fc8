"""The tables. Times are milliseconds since 1970 (UTC), ids are text, and the CHECKs refuse rows that make no sense."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from server.domain.lifecycle import ACTIVE, AttemptStatus, TaskStatus
from server.storage.base import Base, one_of, only


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
    #: Whether it is our own agent, which speaks the turn; if not, it is OffloadMQ's.
    native: Mapped[bool]
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


class ModelClass(Base):
    """What must be equal for two agents' vectors to be mixed."""

    __tablename__ = "model_classes"
    __table_args__ = (
        Index("model_class_identity", "model", "digest", "dimensions", "engine", unique=True),
        # One class of a model serves the pool: agents of another get no work for it.
        Index("model_class_of_pool", "model", unique=True, **only("is_pool")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    model: Mapped[str]
    digest: Mapped[str]
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
    class_id: Mapped[int | None] = mapped_column(ForeignKey("model_classes.id"))
    engine_version: Mapped[str | None]


class Job(Base):
    """What a client asked for in one call. Its status is derived from its tasks."""

    __tablename__ = "jobs"
    __table_args__ = (
        # A retry, or an equal request, finds the job whose answer nobody fetched yet.
        Index("job_rejoin", "key_id", "fingerprint", **only("fetched_at IS NULL")),
        Index("job_age", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(ForeignKey("client_keys.id"))
    kind: Mapped[str]
    model: Mapped[str]
    class_id: Mapped[int | None] = mapped_column(ForeignKey("model_classes.id"))
    #: sha256 of what was asked, without what only changes how the answer is shown.
    fingerprint: Mapped[bytes]
    inputs: Mapped[int]
    created_at: Mapped[int]
    expires_at: Mapped[int]
    fetched_at: Mapped[int | None]
    #: int32 positions of the inputs that the cache answered, and their vectors row by row.
    cached_positions: Mapped[bytes]
    cached_vectors: Mapped[bytes]
    cached_tokens: Mapped[int]


class Task(Base):
    """What one agent runs at once. Only `tasks.py` writes `status`."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint(one_of("status", tuple(TaskStatus)), name="task_status"),
        CheckConstraint("(status = 'leased') = (current_attempt IS NOT NULL)", name="task_attempt_while_leased"),
        CheckConstraint(f"({one_of('status', ACTIVE)}) = (finished_at IS NULL)", name="task_finished_when_final"),
        CheckConstraint("attempts_charged >= 0 AND texts > 0", name="task_counts"),
        # The order of claims within one capability: class, fair turn, age.
        Index(
            "task_claim",
            "capability",
            "priority",
            "turn",
            "id",
            **only("status = 'queued'"),
        ),
        # The fair clock: the earliest turn that waits, and the last one of a client.
        Index("task_turn", "turn", **only("status = 'queued'")),
        Index(
            "task_turn_of_client",
            "key_id",
            "turn",
            **only("status = 'queued'"),
        ),
        Index("task_of_job", "job_id"),
        # Fences a completion without a scan.
        Index("task_current_attempt", "current_attempt", unique=True),
        # What the sweeper may have to expire.
        Index(
            "task_time_to_live",
            "expires_at",
            **only("finished_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    key_id: Mapped[str] = mapped_column(ForeignKey("client_keys.id"))
    kind: Mapped[str]
    capability: Mapped[str]
    class_id: Mapped[int | None] = mapped_column(ForeignKey("model_classes.id"))
    status: Mapped[str]
    #: 0 while its client waits on the line, 1 otherwise; lower goes first.
    priority: Mapped[int]
    #: Start-time fair queueing: the place in the clients' common order.
    turn: Mapped[float]
    #: How many texts it holds (1 for what is not an embedding).
    texts: Mapped[int]
    #: int32 positions of its texts in the job's inputs.
    positions: Mapped[bytes]
    #: How many tasks its job has.
    job_tasks: Mapped[int]
    created_at: Mapped[int]
    #: After a failure: not to be claimed before.
    not_before: Mapped[int]
    expires_at: Mapped[int]
    finished_at: Mapped[int | None]
    current_attempt: Mapped[str | None]
    attempts_made: Mapped[int] = mapped_column(server_default="0")
    attempts_charged: Mapped[int] = mapped_column(server_default="0")
    releases: Mapped[int] = mapped_column(server_default="0")
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    #: Position of the input at fault in the job's inputs, where the error is about one.
    error_position: Mapped[int | None]
    retry_of: Mapped[str | None]


class Payload(Base):
    """A task's texts, kept out of the hot table and deleted when the task ends."""

    __tablename__ = "payloads"

    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    #: JSON object as the agent gets it.
    body: Mapped[bytes]
    #: sha256 of each text, 32 bytes each: under these the vectors enter the cache.
    hashes: Mapped[bytes]


class Attempt(Base):
    """One agent's try at a task; its id is the lease id, the fencing token."""

    __tablename__ = "attempts"
    __table_args__ = (
        CheckConstraint(one_of("status", tuple(AttemptStatus)), name="attempt_status"),
        CheckConstraint("(status = 'leased') = (ended_at IS NULL)", name="attempt_ended_when_over"),
        CheckConstraint("lease_until <= hard_until", name="attempt_hard_cap"),
        Index("attempt_one_live", "task_id", unique=True, **only("status = 'leased'")),
        Index("attempt_of_task", "task_id"),
        Index("attempt_of_agent", "agent_id", **only("status = 'leased'")),
        # What the sweeper may have to reclaim.
        Index("attempt_lapse", "lease_until", **only("status = 'leased'")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"))
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"))
    status: Mapped[str]
    started_at: Mapped[int]
    lease_until: Mapped[int]
    hard_until: Mapped[int]
    ended_at: Mapped[int | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    engine_ms: Mapped[float | None]


class Result(Base):
    """A completed task's answer: at most one, from the attempt that held the task."""

    __tablename__ = "results"
    __table_args__ = (Index("result_age", "stored_at"),)

    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"), unique=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"))
    stored_at: Mapped[int]
    #: Little-endian float32, row by row in the order of the task's texts.
    vectors: Mapped[bytes]
    dimensions: Mapped[int]
    tokens: Mapped[int]
    #: JSON list of positions in the task that the engine cut.
    truncated: Mapped[str]


class CachedVector(Base):
    """One text's vector, private to the scope (a client key, or `*` when the operator shares the cache)."""

    __tablename__ = "cached_vectors"
    __table_args__ = (Index("cached_vector_of_text", "scope", "class_id", "text_hash", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    scope: Mapped[str]
    class_id: Mapped[int] = mapped_column(ForeignKey("model_classes.id"))
    text_hash: Mapped[bytes]
    vector: Mapped[bytes]
    tokens: Mapped[int]
