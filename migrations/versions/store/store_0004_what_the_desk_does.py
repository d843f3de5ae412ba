"""What the desk does: changes of a follow-up, contact attempts, notes, stopped channels; and the lists' columns."""

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "store_0004"
down_revision = "store_0003"
branch_labels = None
depends_on = None

#: What ends the desk's work on a submission.
ENDED = (
    "handed_over",
    "not_interested",
    "could_not_reach",
    "withdrew",
    "duplicate_of",
    "not_a_real_submission",
    "study_not_taking_people",
    "study_team_not_continuing",
)
LISTS = {
    "ix_follow_up_list": ["ended_at", "next_action_at", "attempts", "arrival"],
    "ix_follow_up_assignee": ["assignee", "ended_at", "next_action_at", "attempts", "arrival"],
    "ix_follow_up_ended": ["ended_at", "arrival"],
}


def upgrade() -> None:
    _columns()
    _events()
    for name, columns in LISTS.items():
        op.create_index(name, "follow_up", columns)


def _columns() -> None:
    """New columns of ``follow_up``, filled from what is known; altered in place, so that its checks stay."""
    op.add_column("follow_up", sa.Column("arrival", sa.Integer, nullable=False, server_default="0"))
    op.add_column("follow_up", sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
    op.add_column("follow_up", sa.Column("opened_at", UtcDateTime))
    op.add_column("follow_up", sa.Column("ended_at", UtcDateTime))
    op.execute(
        "UPDATE follow_up SET arrival = "
        "(SELECT submission.arrival FROM submission WHERE submission.id = follow_up.submission_id)"
    )
    ended = ", ".join(f"'{state}'" for state in ENDED)
    op.execute(
        f"UPDATE follow_up SET ended_at = changed_at WHERE state IN ({ended}) OR submission_id IN "  # noqa: S608 - our own words
        "(SELECT submission.id FROM submission WHERE submission.erased_at IS NOT NULL)"
    )
    op.create_index("uq_follow_up_arrival", "follow_up", ["arrival"], unique=True)


def _events() -> None:
    op.create_table(
        "follow_up_event",
        sa.Column("submission_id", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("from_state", sa.String(32), nullable=False),
        sa.Column("to_state", sa.String(32), nullable=False),
        sa.Column("from_assignee", sa.String(200)),
        sa.Column("to_assignee", sa.String(200)),
        sa.Column("from_next_action_at", UtcDateTime),
        sa.Column("to_next_action_at", UtcDateTime),
        sa.Column("undoes", sa.Integer),
        sa.Column("decided_by", sa.String(80), nullable=False),
        sa.Column("other_reference", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "version", name="pk_follow_up_event"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["follow_up.submission_id"], name="fk_follow_up_event_submission_id"
        ),
        sa.CheckConstraint("version >= 2", name="the_first_version_is_the_workers"),
    )
    words = [sa.Column(name, sa.String(16), nullable=False) for name in ("channel", "outcome")]
    _of_events("contact_attempt", *words, key=["submission_id", "version"])
    _of_events("note", sa.Column("box", sa.LargeBinary), key=["submission_id", "version"])
    stopped = sa.Column("channel", sa.String(16), nullable=False)
    _of_events("stopped_channel", stopped, key=["submission_id", "channel", "version"])


def _of_events(name: str, *columns: "sa.Column[str] | sa.Column[bytes]", key: list[str]) -> None:
    op.create_table(
        name,
        sa.Column("submission_id", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        *columns,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["submission_id", "version"],
            ["follow_up_event.submission_id", "follow_up_event.version"],
            name=f"fk_{name}_submission_id",
        ),
    )


def downgrade() -> None:
    for table in ("stopped_channel", "note", "contact_attempt", "follow_up_event"):
        op.drop_table(table)
    for name in ("uq_follow_up_arrival", *LISTS):
        op.drop_index(name, "follow_up")
    for column in ("ended_at", "opened_at", "attempts", "arrival"):
        op.drop_column("follow_up", column)
