"""How many coordinators can be told about a submission."""

import sqlalchemy as sa
from alembic import op

revision = "board_0002"
down_revision = "board_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("heartbeat") as table:
        table.add_column(sa.Column("coordinators", sa.Integer, nullable=False, server_default="0"))
        table.create_check_constraint("coordinators_are_counted_from_zero", "coordinators >= 0")


def downgrade() -> None:
    with op.batch_alter_table("heartbeat") as table:
        table.drop_constraint("coordinators_are_counted_from_zero", type_="check")
        table.drop_column("coordinators")
