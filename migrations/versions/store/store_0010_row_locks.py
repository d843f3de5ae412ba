"""Rows to lock where transactions pass one at a time: a lock that only who may write the store can hold.

PostgreSQL's advisory locks have no owner: every role of the server may take any of them, and stop the worker.
"""

import sqlalchemy as sa
from alembic import op

revision = "store_0010"
down_revision = "store_0009"
branch_labels = None
depends_on = None

#: One row for each name that is used in ``db.serialize_transactions``; any other name shares the last.
NAMES = ("administrators", "approval", "arrival", "audit", "outbox", "wording", "other")


def upgrade() -> None:
    table = op.create_table("store_lock", sa.Column("name", sa.String(32), primary_key=True))
    op.bulk_insert(table, [{"name": name} for name in NAMES])


def downgrade() -> None:
    op.drop_table("store_lock")
