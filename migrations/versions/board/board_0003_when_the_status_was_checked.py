"""When somebody last looked whether the intake status is still right."""

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "board_0003"
down_revision = "board_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intake_status", sa.Column("checked_at", UtcDateTime))
    op.execute("UPDATE intake_status SET checked_at = since")
    with op.batch_alter_table("intake_status") as table:
        table.alter_column("checked_at", existing_type=UtcDateTime, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("intake_status") as table:
        table.drop_column("checked_at")
