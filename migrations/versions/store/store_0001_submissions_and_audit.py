"""The store: submissions with their follow-up, wordings, approvals, and the audit trail."""

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "store_0001"
down_revision = None
branch_labels = None
depends_on = None

STATES = (
    "'new', 'assigned', 'trying_to_reach', 'reached', 'call_back_booked', 'phone_screen_booked', "
    "'phone_screen_done', 'visit_booked', 'handed_over', 'not_interested', 'could_not_reach', 'withdrew', "
    "'duplicate_of', 'not_a_real_submission', 'study_not_taking_people', 'study_team_not_continuing'"
)


def upgrade() -> None:
    _submissions()
    _wordings()
    _audit()


def _submissions() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("arrival", sa.Integer, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("moved_at", UtcDateTime, nullable=False),
        sa.Column("wording_version", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("call_language", sa.String(16), nullable=False),
        sa.Column("suspected_spam", sa.Boolean, nullable=False),
        sa.Column("contact_box", sa.LargeBinary),
        sa.Column("answers_box", sa.LargeBinary),
        sa.Column("erased_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint("arrival", name="uq_submission_arrival"),
        sa.CheckConstraint("length(id) = 32", name="id_is_32_bytes"),
        sa.CheckConstraint("arrival >= 1", name="arrivals_are_numbered_from_one"),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (contact_box IS NOT NULL)", name="contact_is_kept_until_it_is_erased"
        ),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (answers_box IS NOT NULL)",
            name="answers_are_kept_until_they_are_erased",
        ),
    )
    op.create_index("ix_submission_reference", "submission", ["reference"])
    op.create_table(
        "follow_up",
        sa.Column("submission_id", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("assignee", sa.String(200)),
        sa.Column("next_action_at", UtcDateTime),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("submission_id", name="pk_follow_up"),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name="fk_follow_up_submission_id"),
        sa.CheckConstraint(f"state IN ({STATES})", name="state_is_known"),
        sa.CheckConstraint("version >= 1", name="versions_are_numbered_from_one"),
    )


def _wordings() -> None:
    op.create_table(
        "wording",
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("study_id", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("kept_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_wording"),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("wording_version", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("irb_name", sa.String(200), nullable=False),
        sa.Column("irb_number", sa.String(200), nullable=False),
        sa.Column("approved_on", sa.Date, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
        sa.CheckConstraint("expires_on > approved_on", name="approval_ends_after_it_begins"),
    )
    op.create_index("ix_approval_wording_version", "approval", ["wording_version"])


def _audit() -> None:
    op.create_table(
        "audit_event",
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_event"),
        sa.CheckConstraint("seq >= 1", name="events_are_numbered_from_one"),
        sa.CheckConstraint("length(hash) = 64 AND length(previous_hash) = 64", name="hashes_are_sha256"),
    )
    op.create_index("ix_audit_event_subject_action", "audit_event", ["subject", "action"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


SQLITE = tuple(
    f"CREATE TRIGGER audit_event_no_{verb} BEFORE {verb} ON audit_event "
    "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
    for verb in ("update", "delete")
)
POSTGRESQL = (
    "CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$",
    "CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event "
    "FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only()",
    "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()",
)


def downgrade() -> None:
    for table in ("audit_event", "approval", "wording", "follow_up", "submission"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_event_is_append_only()")
