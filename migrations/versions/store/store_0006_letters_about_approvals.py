"""A letter has a kind, and a warning that an approval ends says of which one; no second one of the same warning."""

import sqlalchemy as sa
from alembic import op

revision = "store_0006"
down_revision = "store_0005"
branch_labels = None
depends_on = None

CHECKS = {
    "kind_is_known": "kind IN ('arrived', 'approval_ends')",
    "a_warning_names_its_approval": "(kind = 'approval_ends') = "
    "(locale IS NOT NULL AND wording_version IS NOT NULL AND last_day IS NOT NULL AND days IS NOT NULL)",
}
COLUMNS = ("days", "last_day", "wording_version", "locale", "kind")


def upgrade() -> None:
    with op.batch_alter_table("letter") as letter:
        letter.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default="arrived"))
        letter.add_column(sa.Column("locale", sa.String(16)))
        letter.add_column(sa.Column("wording_version", sa.String(64)))
        letter.add_column(sa.Column("last_day", sa.Date))
        letter.add_column(sa.Column("days", sa.Integer))
        for name, condition in CHECKS.items():
            letter.create_check_constraint(name, condition)
    op.create_index("uq_letter_warning", "letter", ["account_id", "wording_version", "last_day", "days"], unique=True)


def downgrade() -> None:
    """Warnings go: what comes before knows letters about forms only, and would send them as such."""
    op.execute("DELETE FROM letter WHERE kind = 'approval_ends'")
    op.drop_index("uq_letter_warning", "letter")
    with op.batch_alter_table("letter") as letter:
        for name in CHECKS:
            letter.drop_constraint(name, type_="check")
        for column in COLUMNS:
            letter.drop_column(column)
