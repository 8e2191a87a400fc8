"""The management page: operators' sessions, charts; how far agents are trusted, and with whose texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ZERO = sa.text("0")


def upgrade() -> None:
    _add_trust()
    op.add_column("agents", sa.Column("revoked_at", INTEGER, nullable=True))
    op.create_index("usage_of_agent", "usage", ["agent_id", "day"])
    op.create_index("usage_of_key", "usage", ["key_id", "day"])
    _create_throughput()
    _create_sessions()


def downgrade() -> None:
    raise NotImplementedError("the copy made before this step is the way back")


def _add_trust() -> None:
    for table in ("client_keys", "invites", "agents", "tasks"):
        op.add_column(table, sa.Column("trust", INTEGER, server_default=ZERO, nullable=False))


def _create_throughput() -> None:
    op.create_table(
        "throughput",
        sa.Column("minute", INTEGER, nullable=False),
        sa.Column("capability", sa.Text(), nullable=False),
        *(
            sa.Column(name, INTEGER, server_default=ZERO, nullable=False)
            for name in ("tasks", "texts", "failed", "cached")
        ),
        sa.PrimaryKeyConstraint("minute", "capability"),
    )


def _create_sessions() -> None:
    op.create_table(
        "operator_sessions",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "cookie_hash", "token_hash")),
        *(sa.Column(name, INTEGER, nullable=False) for name in ("created_at", "seen_at", "confirmed_at")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("address", "browser")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cookie_hash"),
    )
