"""What came of the work: results, and the cache of vectors."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.base import Base, only


class Result(Base):
    """A completed task's answer: at most one, from the attempt that held the task."""

    __tablename__ = "results"
    __table_args__ = (
        Index("result_age", "stored_at"),
        # What a client keeps stored, where that is limited: read without looking at the rows.
        Index("result_counted", "counted_for", "counted_bytes", **only("counted_for IS NOT NULL")),
    )

    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"), unique=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"))
    stored_at: Mapped[int]
    #: Of an embedding: little-endian float32, row by row in the order of the task's texts; else empty.
    vectors: Mapped[bytes]
    dimensions: Mapped[int]
    tokens: Mapped[int]
    #: JSON list of positions in the task that the engine cut.
    truncated: Mapped[str]
    completion_tokens: Mapped[int] = mapped_column(server_default="0")
    #: Of anything else: JSON as the agent gave it.
    output: Mapped[bytes | None]
    #: The client key among whose stored bytes it counts, and how many; NULL where they are not limited.
    counted_for: Mapped[str | None]
    counted_bytes: Mapped[int | None]


class Progress(Base):
    """What an agent has told of a task under way, for a client that asks: made when the task is, by OffloadMQ's way."""

    __tablename__ = "progress"

    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    #: `starting` or `running`, as the agent says; NULL until it does.
    status: Mapped[str | None]
    #: Free words.
    stage: Mapped[str | None]
    log: Mapped[str] = mapped_column(server_default=text("''"))
    #: JSON that came with a failure.
    output: Mapped[bytes | None]
    updated_at: Mapped[int]


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
