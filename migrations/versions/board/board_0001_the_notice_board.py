"""The notice board: heartbeat, intake status, approvals, proven keys."""

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "board_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.String(32), nullable=False),
        sa.Column("beaten_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("process", name="pk_heartbeat"),
    )
    op.create_table(
        "intake_status",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intake_status"),
        sa.CheckConstraint("id = 1", name="there_is_one_intake_status"),
        sa.CheckConstraint(
            "status IN ('not_ready', 'open', 'waitlist', 'paused', 'closed')",
            name="status_is_known",
        ),
    )
    op.create_table(
        "approved_wording",
        sa.Column("wording_version", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("irb_name", sa.String(200), nullable=False),
        sa.Column("irb_number", sa.String(200), nullable=False),
        sa.Column("approved_on", sa.Date, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("wording_version", name="pk_approved_wording"),
        sa.CheckConstraint("expires_on > approved_on", name="approval_ends_after_it_begins"),
    )
    op.create_table(
        "proven_key",
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("compartment", sa.String(16), nullable=False),
        sa.Column("proven_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_proven_key"),
    )


def downgrade() -> None:
    for table in ("proven_key", "approved_wording", "intake_status", "heartbeat"):
        op.drop_table(table)
