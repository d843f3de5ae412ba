"""Changes of access to the desk: who asked, who confirmed or refused, and since when a sign-in was reset."""

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "store_0014"
down_revision = "store_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("sign_in_reset_at", UtcDateTime))
    op.create_table(
        "access_change",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(32)),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role_names", sa.String(80), nullable=False),
        sa.Column("languages", sa.String(80), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("requested_by", sa.String(32)),
        sa.Column("requested_as", sa.String(254), nullable=False),
        sa.Column("requested_at", UtcDateTime, nullable=False),
        sa.Column("effective_at", UtcDateTime, nullable=False),
        sa.Column("decided_as", sa.String(254), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("decided_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_access_change"),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="a_waiting_change_is_not_decided"),
    )
    op.create_index("ix_access_change_account_id", "access_change", ["account_id"])
    op.create_index("ix_access_change_state_requested_at", "access_change", ["state", "requested_at"])


def downgrade() -> None:
    """Changes that wait are given up with their table: nothing of them was in effect."""
    op.drop_table("access_change")
    op.drop_column("account", "sign_in_reset_at")
