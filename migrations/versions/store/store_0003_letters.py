"""The letters that are owed to staff, and when somebody was first told of a follow-up."""

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "store_0003"
down_revision = "store_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("owed_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_until", UtcDateTime),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("dead_at", UtcDateTime),
        sa.Column("fault", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sa.CheckConstraint("number >= 1", name="a_letter_tells_of_something"),
        sa.CheckConstraint("attempts >= 0", name="attempts_are_counted_from_zero"),
        sa.CheckConstraint("sent_at IS NULL OR dead_at IS NULL", name="a_letter_is_sent_or_dead"),
    )
    op.create_index("ix_letter_account_id", "letter", ["account_id"])
    op.create_index("ix_letter_due", "letter", ["due_at", "sent_at", "dead_at"])
    with op.batch_alter_table("follow_up") as follow_up:
        follow_up.add_column(sa.Column("told_at", UtcDateTime))


def downgrade() -> None:
    with op.batch_alter_table("follow_up") as follow_up:
        follow_up.drop_column("told_at")
    op.drop_table("letter")
