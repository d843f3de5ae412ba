"""One table for every kind of email: facts of a kind are JSON and not columns. Letters become messages."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

from screener.db import UtcDateTime

revision = "store_0008"
down_revision = "store_0007"
branch_labels = None
depends_on = None

#: Rows in memory at a time.
BATCH = 500
ARRIVED, APPROVAL_ENDS = "arrived", "approval_ends"
#: What both tables have under one name, and under two.
SAME = ("id", "account_id", "kind", "due_at", "attempts", "leased_until", "sent_at", "fault")
RENAMED = {"owed_at": "created_at", "dead_at": "given_up_at"}

letter = sa.table(
    "letter",
    *(sa.column(name) for name in ("id", "account_id", "kind", "attempts", "fault", "reference", "number")),
    *(sa.column(name, UtcDateTime) for name in ("due_at", "leased_until", "sent_at", "owed_at", "dead_at")),
    *(sa.column(name) for name in ("locale", "wording_version", "days")),
    sa.column("last_day", sa.Date),
)
message = sa.table(
    "message",
    *(sa.column(name) for name in ("id", "account_id", "submission_id", "kind", "dedupe_key", "attempts", "fault")),
    *(sa.column(name, UtcDateTime) for name in ("due_at", "leased_until", "sent_at", "created_at", "given_up_at")),
    sa.column("facts", sa.JSON),
)


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(32)),
        sa.Column("submission_id", sa.LargeBinary),
        sa.Column("dedupe_key", sa.String(200)),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_until", UtcDateTime),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("given_up_at", UtcDateTime),
        sa.Column("fault", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("dedupe_key", name="uq_message_dedupe_key"),
        sa.CheckConstraint("(account_id IS NULL) <> (submission_id IS NULL)", name="a_message_has_one_recipient"),
        sa.CheckConstraint("attempts >= 0", name="attempts_are_counted_from_zero"),
        sa.CheckConstraint("sent_at IS NULL OR given_up_at IS NULL", name="a_message_is_sent_or_given_up"),
    )
    op.create_index("ix_message_account_id", "message", ["account_id"])
    op.create_index("ix_message_due", "message", ["due_at", "sent_at", "given_up_at"])
    op.create_index("ix_message_unsent", "message", ["sent_at", "given_up_at", "created_at"])
    for batch in _batches(letter):
        op.get_bind().execute(sa.insert(message), [_message_of(row) for row in batch])
    op.drop_table("letter")


def _message_of(row: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"number": row.number, "reference": row.reference}
    key = None
    if row.kind == APPROVAL_ENDS:
        approval = {"locale": row.locale, "wording_version": row.wording_version, "last_day": str(row.last_day)}
        facts = {**approval, "days": row.days}
        key = f"{row.kind}:{row.account_id}:{row.wording_version}:{row.last_day}:{row.days}"
    same = {name: getattr(row, name) for name in SAME}
    renamed = {new: getattr(row, old) for old, new in RENAMED.items()}
    return {**same, **renamed, "submission_id": None, "dedupe_key": key, "facts": facts}


def downgrade() -> None:
    """Messages of kinds that came later go: what comes before has no columns for them."""
    op.create_table(
        "letter",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("owed_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_until", UtcDateTime),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("dead_at", UtcDateTime),
        sa.Column("fault", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False, server_default=ARRIVED),
        sa.Column("locale", sa.String(16)),
        sa.Column("wording_version", sa.String(64)),
        sa.Column("last_day", sa.Date),
        sa.Column("days", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sa.CheckConstraint("number >= 1", name="a_letter_tells_of_something"),
        sa.CheckConstraint("attempts >= 0", name="attempts_are_counted_from_zero"),
        sa.CheckConstraint("sent_at IS NULL OR dead_at IS NULL", name="a_letter_is_sent_or_dead"),
        sa.CheckConstraint(f"kind IN ('{ARRIVED}', '{APPROVAL_ENDS}')", name="kind_is_known"),
        sa.CheckConstraint(
            f"(kind = '{APPROVAL_ENDS}') = "
            "(locale IS NOT NULL AND wording_version IS NOT NULL AND last_day IS NOT NULL AND days IS NOT NULL)",
            name="a_warning_names_its_approval",
        ),
    )
    op.create_index("ix_letter_account_id", "letter", ["account_id"])
    op.create_index("ix_letter_due", "letter", ["due_at", "sent_at", "dead_at"])
    op.create_index("ix_letter_unsent", "letter", ["sent_at", "dead_at", "owed_at"])
    op.create_index("uq_letter_warning", "letter", ["account_id", "wording_version", "last_day", "days"], unique=True)
    for batch in _batches(message):
        if letters := [_letter_of(row) for row in batch if row.account_id and row.kind in (ARRIVED, APPROVAL_ENDS)]:
            op.get_bind().execute(sa.insert(letter), letters)
    op.drop_table("message")


def _letter_of(row: Any) -> dict[str, Any]:
    facts = row.facts
    last_day = date.fromisoformat(facts["last_day"]) if "last_day" in facts else None
    same = {name: getattr(row, name) for name in SAME}
    renamed = {old: getattr(row, new) for old, new in RENAMED.items()}
    return {
        **same,
        **renamed,
        "reference": facts.get("reference", ""),
        "number": facts.get("number", 1),
        "last_day": last_day,
        **{name: facts.get(name) for name in ("locale", "wording_version", "days")},
    }


def _batches(table: sa.TableClause) -> Iterator[list[Any]]:
    """The rows of *table*, by id."""
    last = ""
    while True:
        query = sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        batch = list(op.get_bind().execute(query))
        if not batch:
            return
        yield batch
        last = batch[-1].id
