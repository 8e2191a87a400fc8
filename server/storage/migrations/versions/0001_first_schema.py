"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_client_keys()
    _create_invites()
    _create_agents()
    _create_model_classes()
    _create_offers()
    _create_jobs()
    _create_tasks()
    _index_tasks()
    _create_payloads()
    _create_attempts()
    _create_results()
    _create_cached_vectors()


def downgrade() -> None:
    for table in (
        "cached_vectors",
        "results",
        "attempts",
        "payloads",
        "tasks",
        "jobs",
        "offers",
        "model_classes",
        "agents",
        "invites",
        "client_keys",
    ):
        op.drop_table(table)


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _create_client_keys() -> None:
    op.create_table(
        "client_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("capabilities", sa.Text(), nullable=False),
        sa.Column("created_at", INTEGER, nullable=False),
        sa.Column("expires_at", INTEGER, nullable=True),
        sa.Column("revoked_at", INTEGER, nullable=True),
        sa.Column("predefined", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_hash"),
    )


def _create_invites() -> None:
    op.create_table(
        "invites",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tier", INTEGER, nullable=True),
        sa.Column("capabilities", sa.Text(), nullable=False),
        sa.Column("max_uses", INTEGER, nullable=True),
        sa.Column("uses", INTEGER, server_default="0", nullable=False),
        sa.Column("created_at", INTEGER, nullable=False),
        sa.Column("expires_at", INTEGER, nullable=True),
        sa.Column("revoked_at", INTEGER, nullable=True),
        sa.Column("predefined", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)", name="invite_uses"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )


def _create_agents() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("invite_id", sa.Text(), nullable=True),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("app_version", sa.Text(), nullable=True),
        sa.Column("capabilities", sa.Text(), nullable=False),
        sa.Column("tier", INTEGER, nullable=False),
        sa.Column("capacity", INTEGER, nullable=False),
        sa.Column("system_info", sa.Text(), nullable=False),
        sa.Column("native", sa.Boolean(), nullable=False),
        sa.Column("registered_at", INTEGER, nullable=False),
        sa.Column("last_seen_at", INTEGER, nullable=True),
        sa.Column("left_at", INTEGER, nullable=True),
        sa.Column("state", sa.Text(), server_default="{}", nullable=False),
        sa.Column("tasks_completed", INTEGER, server_default="0", nullable=False),
        sa.Column("tasks_failed", INTEGER, server_default="0", nullable=False),
        sa.Column("tasks_lost", INTEGER, server_default="0", nullable=False),
        sa.Column("tasks_released", INTEGER, server_default="0", nullable=False),
        sa.Column("results_refused", INTEGER, server_default="0", nullable=False),
        sa.Column("texts", INTEGER, server_default="0", nullable=False),
        sa.Column("tokens", INTEGER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["invite_id"], ["invites.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_model_classes() -> None:
    op.create_table(
        "model_classes",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("dimensions", INTEGER, nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("quantisation", sa.Text(), nullable=False),
        sa.Column("context_length", INTEGER, nullable=True),
        sa.Column("first_seen_at", INTEGER, nullable=False),
        sa.Column("is_pool", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("model_class_identity", "model_classes", ["model", "digest", "dimensions", "engine"], unique=True)
    op.create_index("model_class_of_pool", "model_classes", ["model"], unique=True, **_only("is_pool"))


def _create_offers() -> None:
    op.create_table(
        "offers",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("capability", sa.Text(), nullable=False),
        sa.Column("class_id", INTEGER, nullable=True),
        sa.Column("engine_version", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"]),
        sa.ForeignKeyConstraint(["class_id"], ["model_classes.id"]),
        sa.PrimaryKeyConstraint("agent_id", "capability"),
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("class_id", INTEGER, nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("inputs", INTEGER, nullable=False),
        sa.Column("created_at", INTEGER, nullable=False),
        sa.Column("expires_at", INTEGER, nullable=False),
        sa.Column("fetched_at", INTEGER, nullable=True),
        sa.Column("cached_positions", sa.LargeBinary(), nullable=False),
        sa.Column("cached_vectors", sa.LargeBinary(), nullable=False),
        sa.Column("cached_tokens", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["model_classes.id"]),
        sa.ForeignKeyConstraint(["key_id"], ["client_keys.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("job_age", "jobs", ["created_at"])
    op.create_index("job_rejoin", "jobs", ["key_id", "fingerprint"], **_only("fetched_at IS NULL"))


def _create_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("capability", sa.Text(), nullable=False),
        sa.Column("class_id", INTEGER, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", INTEGER, nullable=False),
        sa.Column("turn", sa.Float(), nullable=False),
        sa.Column("texts", INTEGER, nullable=False),
        sa.Column("positions", sa.LargeBinary(), nullable=False),
        sa.Column("job_tasks", INTEGER, nullable=False),
        sa.Column("created_at", INTEGER, nullable=False),
        sa.Column("not_before", INTEGER, nullable=False),
        sa.Column("expires_at", INTEGER, nullable=False),
        sa.Column("finished_at", INTEGER, nullable=True),
        sa.Column("current_attempt", sa.Text(), nullable=True),
        sa.Column("attempts_made", INTEGER, server_default="0", nullable=False),
        sa.Column("attempts_charged", INTEGER, server_default="0", nullable=False),
        sa.Column("releases", INTEGER, server_default="0", nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_position", INTEGER, nullable=True),
        sa.Column("retry_of", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'leased') = (current_attempt IS NOT NULL)", name="task_attempt_while_leased"),
        sa.CheckConstraint("(status IN ('queued', 'leased')) = (finished_at IS NULL)", name="task_finished_when_final"),
        sa.CheckConstraint(
            "status IN ('queued', 'leased', 'completed', 'failed', 'canceled', 'expired')", name="task_status"
        ),
        sa.CheckConstraint("attempts_charged >= 0 AND texts > 0", name="task_counts"),
        sa.ForeignKeyConstraint(["class_id"], ["model_classes.id"]),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"]),
        sa.ForeignKeyConstraint(["key_id"], ["client_keys.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _index_tasks() -> None:
    op.create_index("task_claim", "tasks", ["capability", "priority", "turn", "id"], **_only("status = 'queued'"))
    op.create_index("task_current_attempt", "tasks", ["current_attempt"], unique=True)
    op.create_index("task_of_job", "tasks", ["job_id"])
    op.create_index("task_time_to_live", "tasks", ["expires_at"], **_only("finished_at IS NULL"))
    op.create_index("task_turn", "tasks", ["turn"], **_only("status = 'queued'"))
    op.create_index("task_turn_of_client", "tasks", ["key_id", "turn"], **_only("status = 'queued'"))


def _create_payloads() -> None:
    op.create_table(
        "payloads",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"]),
        sa.PrimaryKeyConstraint("task_id"),
    )


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", INTEGER, nullable=False),
        sa.Column("lease_until", INTEGER, nullable=False),
        sa.Column("hard_until", INTEGER, nullable=False),
        sa.Column("ended_at", INTEGER, nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("engine_ms", sa.Float(), nullable=True),
        sa.CheckConstraint("(status = 'leased') = (ended_at IS NULL)", name="attempt_ended_when_over"),
        sa.CheckConstraint(
            "status IN ('leased', 'completed', 'failed', 'released', 'lost', 'canceled')", name="attempt_status"
        ),
        sa.CheckConstraint("lease_until <= hard_until", name="attempt_hard_cap"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("attempt_lapse", "attempts", ["lease_until"], **_only("status = 'leased'"))
    op.create_index("attempt_of_agent", "attempts", ["agent_id"], **_only("status = 'leased'"))
    op.create_index("attempt_of_task", "attempts", ["task_id"])
    op.create_index("attempt_one_live", "attempts", ["task_id"], unique=True, **_only("status = 'leased'"))


def _create_results() -> None:
    op.create_table(
        "results",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("stored_at", INTEGER, nullable=False),
        sa.Column("vectors", sa.LargeBinary(), nullable=False),
        sa.Column("dimensions", INTEGER, nullable=False),
        sa.Column("tokens", INTEGER, nullable=False),
        sa.Column("truncated", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"]),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"]),
        sa.PrimaryKeyConstraint("task_id"),
        sa.UniqueConstraint("attempt_id"),
    )
    op.create_index("result_age", "results", ["stored_at"])


def _create_cached_vectors() -> None:
    op.create_table(
        "cached_vectors",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("class_id", INTEGER, nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("tokens", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["model_classes.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("cached_vector_of_text", "cached_vectors", ["scope", "class_id", "text_hash"], unique=True)
