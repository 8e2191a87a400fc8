"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
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
        sa.Column("predefined", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_hash"),
    )
    op.create_table(
        "invites",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tier", INTEGER, nullable=True),
        sa.Column("capabilities", sa.Text(), nullable=False),
        sa.Column("max_uses", INTEGER, nullable=True),
        sa.Column("uses", INTEGER, nullable=False),
        sa.Column("created_at", INTEGER, nullable=False),
        sa.Column("expires_at", INTEGER, nullable=True),
        sa.Column("revoked_at", INTEGER, nullable=True),
        sa.Column("predefined", sa.Boolean(), nullable=False),
        sa.CheckConstraint("uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)", name="invite_uses"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
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
        sa.Column("is_pool", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("model_classes", schema=None) as batch_op:
        batch_op.create_index("model_class_identity", ["model", "digest", "dimensions", "engine"], unique=True)
        batch_op.create_index(
            "model_class_of_pool",
            ["model"],
            unique=True,
            sqlite_where=sa.text("is_pool"),
            postgresql_where=sa.text("is_pool"),
        )

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
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tasks_completed", INTEGER, nullable=False),
        sa.Column("tasks_failed", INTEGER, nullable=False),
        sa.Column("tasks_lost", INTEGER, nullable=False),
        sa.Column("tasks_released", INTEGER, nullable=False),
        sa.Column("results_refused", INTEGER, nullable=False),
        sa.Column("texts", INTEGER, nullable=False),
        sa.Column("tokens", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["invite_id"],
            ["invites.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "cached_vectors",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("class_id", INTEGER, nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("tokens", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["model_classes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("cached_vectors", schema=None) as batch_op:
        batch_op.create_index("cached_vector_of_text", ["scope", "class_id", "text_hash"], unique=True)

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
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["model_classes.id"],
        ),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["client_keys.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("job_age", ["created_at"], unique=False)
        batch_op.create_index(
            "job_rejoin",
            ["key_id", "fingerprint"],
            unique=False,
            sqlite_where=sa.text("fetched_at IS NULL"),
            postgresql_where=sa.text("fetched_at IS NULL"),
        )

    op.create_table(
        "offers",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("capability", sa.Text(), nullable=False),
        sa.Column("class_id", INTEGER, nullable=True),
        sa.Column("engine_version", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agents.id"],
        ),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["model_classes.id"],
        ),
        sa.PrimaryKeyConstraint("agent_id", "capability"),
    )
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
        sa.Column("created_at", INTEGER, nullable=False),
        sa.Column("not_before", INTEGER, nullable=False),
        sa.Column("expires_at", INTEGER, nullable=False),
        sa.Column("finished_at", INTEGER, nullable=True),
        sa.Column("current_attempt", sa.Text(), nullable=True),
        sa.Column("attempts_made", INTEGER, nullable=False),
        sa.Column("attempts_charged", INTEGER, nullable=False),
        sa.Column("releases", INTEGER, nullable=False),
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
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["model_classes.id"],
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["jobs.id"],
        ),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["client_keys.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(
            "task_claim",
            ["capability", "priority", "turn", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        )
        batch_op.create_index("task_current_attempt", ["current_attempt"], unique=True)
        batch_op.create_index("task_of_job", ["job_id"], unique=False)
        batch_op.create_index(
            "task_time_to_live",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )
        batch_op.create_index(
            "task_turn",
            ["turn"],
            unique=False,
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        )
        batch_op.create_index(
            "task_turn_of_client",
            ["key_id", "turn"],
            unique=False,
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        )

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
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agents.id"],
        ),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index(
            "attempt_lapse",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("status = 'leased'"),
            postgresql_where=sa.text("status = 'leased'"),
        )
        batch_op.create_index(
            "attempt_of_agent",
            ["agent_id"],
            unique=False,
            sqlite_where=sa.text("status = 'leased'"),
            postgresql_where=sa.text("status = 'leased'"),
        )
        batch_op.create_index("attempt_of_task", ["task_id"], unique=False)
        batch_op.create_index(
            "attempt_one_live",
            ["task_id"],
            unique=True,
            sqlite_where=sa.text("status = 'leased'"),
            postgresql_where=sa.text("status = 'leased'"),
        )

    op.create_table(
        "payloads",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.id"],
        ),
        sa.PrimaryKeyConstraint("task_id"),
    )
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
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agents.id"],
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.id"],
        ),
        sa.PrimaryKeyConstraint("task_id"),
        sa.UniqueConstraint("attempt_id"),
    )
    with op.batch_alter_table("results", schema=None) as batch_op:
        batch_op.create_index("result_age", ["stored_at"], unique=False)



def downgrade() -> None:
    with op.batch_alter_table("results", schema=None) as batch_op:
        batch_op.drop_index("result_age")

    op.drop_table("results")
    op.drop_table("payloads")
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_index(
            "attempt_one_live", sqlite_where=sa.text("status = 'leased'"), postgresql_where=sa.text("status = 'leased'")
        )
        batch_op.drop_index("attempt_of_task")
        batch_op.drop_index(
            "attempt_of_agent", sqlite_where=sa.text("status = 'leased'"), postgresql_where=sa.text("status = 'leased'")
        )
        batch_op.drop_index(
            "attempt_lapse", sqlite_where=sa.text("status = 'leased'"), postgresql_where=sa.text("status = 'leased'")
        )

    op.drop_table("attempts")
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index(
            "task_turn_of_client",
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        )
        batch_op.drop_index(
            "task_turn", sqlite_where=sa.text("status = 'queued'"), postgresql_where=sa.text("status = 'queued'")
        )
        batch_op.drop_index(
            "task_time_to_live",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )
        batch_op.drop_index("task_of_job")
        batch_op.drop_index("task_current_attempt")
        batch_op.drop_index(
            "task_claim", sqlite_where=sa.text("status = 'queued'"), postgresql_where=sa.text("status = 'queued'")
        )

    op.drop_table("tasks")
    op.drop_table("offers")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index(
            "job_rejoin", sqlite_where=sa.text("fetched_at IS NULL"), postgresql_where=sa.text("fetched_at IS NULL")
        )
        batch_op.drop_index("job_age")

    op.drop_table("jobs")
    with op.batch_alter_table("cached_vectors", schema=None) as batch_op:
        batch_op.drop_index("cached_vector_of_text")

    op.drop_table("cached_vectors")
    op.drop_table("agents")
    with op.batch_alter_table("model_classes", schema=None) as batch_op:
        batch_op.drop_index("model_class_of_pool", sqlite_where=sa.text("is_pool"), postgresql_where=sa.text("is_pool"))
        batch_op.drop_index("model_class_identity")

    op.drop_table("model_classes")
    op.drop_table("invites")
    op.drop_table("client_keys")
