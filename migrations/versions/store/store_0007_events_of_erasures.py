"""Every follow-up has one event a version: erasures at the command line and by age get the event that they lacked."""

from alembic import op

revision = "store_0007"
down_revision = "store_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the event of each erasure without one, at the time of the erasure.

    Only the command line closed a follow-up as withdrawn without an event; the age rule left the state as it was. What
    was before is what the event before says, and a new follow-up where there is none.
    """
    op.execute(
        'INSERT INTO follow_up_event (submission_id, version, at, "by", kind, '
        "from_state, to_state, from_assignee, from_next_action_at, decided_by, other_reference) "
        "SELECT f.submission_id, f.version, s.erased_at, "
        "CASE WHEN f.state = 'withdrew' THEN 'cli' ELSE 'worker' END, 'erased', "
        "coalesce(last.to_state, 'new'), f.state, last.to_assignee, last.to_next_action_at, '', '' "
        "FROM follow_up f JOIN submission s ON s.id = f.submission_id "
        "LEFT JOIN follow_up_event last ON last.submission_id = f.submission_id AND last.version = f.version - 1 "
        "WHERE s.erased_at IS NOT NULL AND f.version >= 2 AND NOT EXISTS (SELECT 1 FROM follow_up_event own "
        "WHERE own.submission_id = f.submission_id AND own.version = f.version)"
    )


def downgrade() -> None:
    """Keep the events: the release before reads them as erasures, and nothing tells them from later ones."""
