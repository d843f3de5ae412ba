"""Failed attempts are counted by known browser, and for all other browsers by account."""

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "store_0013"
down_revision = "store_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("failures_in_a_row", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "attempt_counter",
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failures_in_a_row", sa.Integer, nullable=False),
        sa.Column("locked_until", UtcDateTime),
        sa.Column("used_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name="pk_attempt_counter"),
        sa.CheckConstraint("failures >= 0", name="attempts_of_a_browser_are_counted_from_zero"),
    )


def downgrade() -> None:
    op.drop_table("attempt_counter")
    op.drop_column("account", "failures_in_a_row")
