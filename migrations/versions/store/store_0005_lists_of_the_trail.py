"""Indexes for the lists of the audit trail (whose, of what kind) and for letters that are not sent."""

from alembic import op

revision = "store_0005"
down_revision = "store_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_event_actor_seq", "audit_event", ["actor", "seq"])
    op.create_index("ix_audit_event_action_seq", "audit_event", ["action", "seq"])
    op.create_index("ix_letter_unsent", "letter", ["sent_at", "dead_at", "owed_at"])


def downgrade() -> None:
    op.drop_index("ix_letter_unsent", "letter")
    op.drop_index("ix_audit_event_action_seq", "audit_event")
    op.drop_index("ix_audit_event_actor_seq", "audit_event")
