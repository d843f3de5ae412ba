"""The letterbox: envelopes and boxes that wait for the worker."""

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "inbox_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("wording_version", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("call_language", sa.String(16), nullable=False),
        sa.Column("suspected_spam", sa.Boolean, nullable=False),
        sa.Column("contact", sa.LargeBinary, nullable=False),
        sa.Column("answers", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.CheckConstraint("length(id) = 32", name="id_is_32_bytes"),
    )
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])


def downgrade() -> None:
    op.drop_table("inbox")
