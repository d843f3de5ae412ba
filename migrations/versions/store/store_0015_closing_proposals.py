"""Proposals to close as not a real submission, and an index for the list of suspected spam."""

import sqlalchemy as sa
from alembic import op

revision = "store_0015"
down_revision = "store_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closing_proposal",
        sa.Column("submission_id", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "version", name="pk_closing_proposal"),
        sa.ForeignKeyConstraint(
            ["submission_id", "version"],
            ["follow_up_event.submission_id", "follow_up_event.version"],
            name="fk_closing_proposal_submission_id_follow_up_event",
        ),
    )
    only_suspected = sa.text("suspected_spam")
    op.create_index(
        "ix_submission_suspected_spam",
        "submission",
        ["arrival"],
        sqlite_where=only_suspected,
        postgresql_where=only_suspected,
    )
    if op.get_bind().dialect.name == "sqlite":
        # As store_0012 does for the other tables in which rows are only ever added.
        op.execute(
            "CREATE TRIGGER closing_proposal_no_replace BEFORE INSERT ON closing_proposal WHEN EXISTS (SELECT 1 FROM "
            "closing_proposal WHERE submission_id = NEW.submission_id AND version = NEW.version) "
            "BEGIN SELECT RAISE(ABORT, 'closing_proposal: rows are added and never replaced'); END"
        )


def downgrade() -> None:
    """What was proposed is not known before; the events stay, as changes of status that changed none."""
    op.drop_index("ix_submission_suspected_spam", "submission")
    op.drop_table("closing_proposal")
    event = sa.table("follow_up_event", sa.column("kind", sa.String))
    op.execute(sa.update(event).where(event.c.kind == "proposed").values(kind="moved"))
