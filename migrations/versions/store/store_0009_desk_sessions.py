"""Sessions of the desk: a row each, under the hash of an id that only the cookie holds."""

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "store_0009"
down_revision = "store_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_session",
        sa.Column("id_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.Column("proven_at", UtcDateTime),
        sa.Column("second_factor", sa.Boolean, nullable=False),
        sa.Column("new_totp", sa.String(255)),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id_hash", name="pk_desk_session"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_desk_session_account_id"),
        sa.CheckConstraint("NOT second_factor OR proven_at IS NOT NULL", name="a_second_factor_was_proven_some_time"),
        sa.CheckConstraint("ended_at IS NULL OR seal = ''", name="an_ended_session_has_no_seal"),
    )
    op.create_index("ix_desk_session_account_id", "desk_session", ["account_id"])
    op.create_index("ix_desk_session_begun_at", "desk_session", ["begun_at"])


def downgrade() -> None:
    """Everybody signs in anew: what comes before keeps its sessions in cookies."""
    op.drop_table("desk_session")
