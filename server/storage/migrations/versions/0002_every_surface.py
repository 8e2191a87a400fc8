"""Chat, free tasks and foreign agents; limits, usage, events."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ZERO = sa.text("0")


def upgrade() -> None:
    _widen_people()
    _tell_models_by_kind()
    _widen_queue()
    _create_progress()
    _create_records()


def downgrade() -> None:
    raise NotImplementedError("the copy made before this step is the way back")


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _widen_people() -> None:
    op.add_column("client_keys", sa.Column("disabled", sa.Boolean(), server_default=ZERO, nullable=False))
    for name in ("requests_per_minute", "tokens_per_day", "max_in_flight", "max_stored_bytes"):
        op.add_column("client_keys", sa.Column(name, INTEGER, nullable=True))
    op.add_column("agents", sa.Column("protocol", sa.Text(), server_default="turn", nullable=False))
    op.execute("UPDATE agents SET protocol = 'offloadmq' WHERE NOT native")
    for name in ("paused_at", "tier_override", "capacity_override"):
        op.add_column("agents", sa.Column(name, INTEGER, nullable=True))
    op.add_column("agents", sa.Column("pause_message", sa.Text(), nullable=True))
    # Not in a batch: that would copy the table, and dropping the old one breaks what refers to it.
    op.drop_column("agents", "native")


def _tell_models_by_kind() -> None:
    op.add_column("model_classes", sa.Column("kind", sa.Text(), server_default="embedding", nullable=False))
    op.drop_index("model_class_identity", "model_classes")
    op.drop_index("model_class_of_pool", "model_classes")
    identity = ["kind", "model", "digest", "dimensions", "engine"]
    op.create_index("model_class_identity", "model_classes", identity, unique=True)
    op.create_index("model_class_of_pool", "model_classes", ["kind", "model"], unique=True, **_only("is_pool"))


def _widen_queue() -> None:
    op.add_column("tasks", sa.Column("runs_until", INTEGER, server_default=ZERO, nullable=False))
    op.execute("UPDATE tasks SET runs_until = expires_at")
    op.add_column("tasks", sa.Column("runner", sa.Text(), nullable=True))
    op.add_column("tasks", sa.Column("plain", sa.Boolean(), server_default=ZERO, nullable=False))
    op.add_column("tasks", sa.Column("reserved_tokens", INTEGER, server_default=ZERO, nullable=False))
    op.drop_index("task_turn_of_client", "tasks")
    op.create_index("task_in_flight", "tasks", ["key_id", "turn"], **_only("finished_at IS NULL"))
    op.create_index("task_of_key", "tasks", ["key_id", "id"])
    ended_badly = _only("status IN ('failed', 'canceled', 'expired')")
    op.create_index("task_ended_badly", "tasks", ["status", "id"], **ended_badly)
    op.create_index("task_retry", "tasks", ["retry_of"], **_only("retry_of IS NOT NULL"))
    op.add_column("payloads", sa.Column("envelope", sa.Text(), nullable=True))
    op.add_column("payloads", sa.Column("kept_until", INTEGER, nullable=True))
    op.create_index("payload_kept", "payloads", ["kept_until"], **_only("kept_until IS NOT NULL"))
    op.add_column("attempts", sa.Column("progress_seq", INTEGER, server_default=ZERO, nullable=False))
    op.create_index("attempt_by_agent", "attempts", ["agent_id", "task_id"])
    op.add_column("results", sa.Column("completion_tokens", INTEGER, server_default=ZERO, nullable=False))
    op.add_column("results", sa.Column("output", sa.LargeBinary(), nullable=True))
    op.add_column("results", sa.Column("counted_for", sa.Text(), nullable=True))
    op.add_column("results", sa.Column("counted_bytes", INTEGER, nullable=True))
    counted = _only("counted_for IS NOT NULL")
    op.create_index("result_counted", "results", ["counted_for", "counted_bytes"], **counted)


def _create_progress() -> None:
    op.create_table(
        "progress",
        sa.Column("task_id", sa.Text(), sa.ForeignKey("tasks.id"), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("log", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("output", sa.LargeBinary(), nullable=True),
        sa.Column("updated_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("task_id"),
    )


def _create_records() -> None:
    op.create_table(
        "key_counters",
        sa.Column("key_id", sa.Text(), sa.ForeignKey("client_keys.id"), nullable=False),
        *(
            sa.Column(name, INTEGER, server_default=ZERO, nullable=False)
            for name in ("minute", "requests", "day", "tokens")
        ),
        sa.CheckConstraint("requests >= 0 AND tokens >= 0", name="key_counts"),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "usage",
        sa.Column("day", INTEGER, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("key_id", "agent_id", "capability")),
        *(
            sa.Column(name, INTEGER, server_default=ZERO, nullable=False)
            for name in ("tasks", "failed", "texts", "prompt_tokens", "completion_tokens")
        ),
        sa.Column("engine_ms", sa.Float(), server_default=ZERO, nullable=False),
        sa.PrimaryKeyConstraint("day", "key_id", "agent_id", "capability"),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", INTEGER, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "verb", "subject")),
        sa.Column("detail", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "agent_logs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", INTEGER, nullable=False),
        sa.Column("agent_id", sa.Text(), sa.ForeignKey("agents.id"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("agent_name", "machine", "severity", "text")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("agent_log_of_agent", "agent_logs", ["agent_id", "id"])
    op.create_index("agent_log_of_severity", "agent_logs", ["severity", "id"])
