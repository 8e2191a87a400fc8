"""The queue: jobs, their tasks, and the attempts at them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from server.domain.lifecycle import ACTIVE, AttemptStatus, TaskStatus
from server.storage.base import Base, one_of, only


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
        # The last turn of a client, and how many of its tasks are in flight.
        Index("task_in_flight", "key_id", "turn", **only("finished_at IS NULL")),
        Index("task_of_job", "job_id"),
        # The operator's lists, and what a client's tasks keep stored.
        Index("task_of_key", "key_id", "id"),
        # What went wrong, which is rare: a completed task is in none of these two.
        Index("task_ended_badly", "status", "id", **only("status IN ('failed', 'canceled', 'expired')")),
        Index("task_retry", "retry_of", **only("retry_of IS NOT NULL")),
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
    #: Whether LLMeQueue's worker is able to do it: one text to embed, or a chat that asks for nothing but a text.
    plain: Mapped[bool] = mapped_column(server_default=false())
    #: The only agent that may have it, where its client named one.
    runner: Mapped[str | None]
    #: Least trust (`domain/trust.py`) that an agent needs to have it: its client key's.
    trust: Mapped[int] = mapped_column(server_default="0")
    #: How many tasks its job has.
    job_tasks: Mapped[int]
    created_at: Mapped[int]
    #: After a failure: not to be claimed before.
    not_before: Mapped[int]
    #: When it expires: until it is claimed for the first time, the end of its time in the queue.
    expires_at: Mapped[int]
    #: When it expires once it was claimed.
    runs_until: Mapped[int] = mapped_column(server_default="0")
    #: Tokens counted against its client's daily limit until the true count is known.
    reserved_tokens: Mapped[int] = mapped_column(server_default="0")
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
    """What a task asks of its agent, kept out of the hot table; deleted when it ends, or a while after it failed."""

    __tablename__ = "payloads"
    __table_args__ = (Index("payload_kept", "kept_until", **only("kept_until IS NOT NULL")),)

    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    #: JSON as the agent gets it.
    body: Mapped[bytes]
    #: sha256 of each text, 32 bytes each: under these the vectors enter the cache.
    hashes: Mapped[bytes]
    #: JSON object: what an OffloadMQ client sent beside the payload, for agents that know what to do with it. NULL for
    #: work that came another way.
    envelope: Mapped[str | None]
    #: Of a failed task: until when it can be run again.
    kept_until: Mapped[int | None]


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
        # The operator's list of what an agent tried.
        Index("attempt_by_agent", "agent_id", "task_id"),
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
    #: Number of the last progress update that was taken; a repeated one changes nothing.
    progress_seq: Mapped[int] = mapped_column(server_default="0")
