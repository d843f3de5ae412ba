"""What is to be erased by age is announced; what stops erasing, and how long a worker ran, are stored.

A store that has overdue submissions announces them at the worker's first run: nothing of this has data yet.
"""

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "store_0011"
down_revision = "store_0010"
branch_labels = None
depends_on = None

KINDS = "'clock_back', 'clock_ahead', 'clock_still', 'retention', 'bulk_act'"

LOCKS = sa.table("store_lock", sa.column("name", sa.String))


def upgrade() -> None:
    op.bulk_insert(LOCKS, [{"name": "retention"}])
    op.create_table(
        "erasure_announcement",
        sa.Column("submission_id", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("announced_at", UtcDateTime, nullable=False),
        sa.Column("announced_run_seconds", sa.Integer, nullable=False),
        sa.Column("erase_at", UtcDateTime, nullable=False),
        sa.Column("released_at", UtcDateTime),
        sa.Column("released_by", sa.String(200)),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("erased_run_seconds", sa.Integer),
        sa.PrimaryKeyConstraint("submission_id", name="pk_erasure_announcement"),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name="fk_erasure_announcement_submission_id"),
        sa.CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="a_release_names_its_person"),
    )
    op.create_index("ix_erasure_announcement_erase_at", "erasure_announcement", ["erase_at"])
    op.create_table(
        "erasure_stop",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("raised_at", UtcDateTime, nullable=False),
        sa.Column("reference_at", UtcDateTime),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("confirmed_by", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_stop"),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="kind_is_known"),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="a_confirmation_names_its_person"),
    )
    op.create_index("ix_erasure_stop_confirmed_at", "erasure_stop", ["confirmed_at"])
    op.create_table(
        "worker_run_time",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("run_seconds", sa.Integer, nullable=False),
        sa.Column("counted_by", sa.String(32), nullable=False),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_worker_run_time"),
        sa.CheckConstraint("id = 1", name="there_is_one_run_time"),
        sa.CheckConstraint("run_seconds >= 0", name="run_time_does_not_go_back"),
    )


def downgrade() -> None:
    op.drop_table("worker_run_time")
    op.drop_table("erasure_stop")
    op.drop_table("erasure_announcement")
    op.execute(sa.delete(LOCKS).where(LOCKS.c.name == "retention"))
