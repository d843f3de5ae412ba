"""On SQLite, ``INSERT OR REPLACE`` is refused where rows are only ever added: it deletes a row past the other triggers.

SQLite deletes the row that is in the way without asking a delete trigger, unless the connection that does it turned
``recursive_triggers`` on. PostgreSQL has no such statement, and its ``ON CONFLICT`` wants the right to update. A later
migration that makes one of these tables anew has to make its trigger anew.
"""

from alembic import op

revision = "store_0012"
down_revision = "store_0011"
branch_labels = None
depends_on = None

#: What tells that a row is there already: the primary key, and what is unique beside it.
KEYS = {
    "audit_event": "seq = NEW.seq",
    "submission": "id = NEW.id OR arrival = NEW.arrival",
    "follow_up_event": "submission_id = NEW.submission_id AND version = NEW.version",
    "contact_attempt": "submission_id = NEW.submission_id AND version = NEW.version",
    "note": "submission_id = NEW.submission_id AND version = NEW.version",
    "stopped_channel": "submission_id = NEW.submission_id AND channel = NEW.channel AND version = NEW.version",
    "wording": "version = NEW.version",
    "approval": "id = NEW.id",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, is_there in KEYS.items():
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - our own words
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {is_there}) "
            f"BEGIN SELECT RAISE(ABORT, '{table}: rows are added and never replaced'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in KEYS:
        op.execute(f"DROP TRIGGER {table}_no_replace")
