"""The letters that are owed, in the store, beside the follow-ups that they tell of."""

import uuid
from datetime import date
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from screener.submissions.models import Base

#: What letters tell of: forms that arrived, or an approval that ends. Each has a folder of templates.
ARRIVED = "arrived"
APPROVAL_ENDS = "approval_ends"


class Letter(Base):
    """One e-mail to one account: owed, under way, sent or dead."""

    __tablename__ = "letter"
    __table_args__ = (
        sa.CheckConstraint("number >= 1", name="a_letter_tells_of_something"),
        sa.CheckConstraint("attempts >= 0", name="attempts_are_counted_from_zero"),
        sa.CheckConstraint("sent_at IS NULL OR dead_at IS NULL", name="a_letter_is_sent_or_dead"),
        sa.CheckConstraint(f"kind IN ('{ARRIVED}', '{APPROVAL_ENDS}')", name="kind_is_known"),
        sa.CheckConstraint(
            f"(kind = '{APPROVAL_ENDS}') = "
            "(locale IS NOT NULL AND wording_version IS NOT NULL AND last_day IS NOT NULL AND days IS NOT NULL)",
            name="a_warning_names_its_approval",
        ),
        #: Nobody is warned twice of the same, however many workers look.
        sa.Index("uq_letter_warning", "account_id", "wording_version", "last_day", "days", unique=True),
        sa.Index("ix_letter_due", "due_at", "sent_at", "dead_at"),
        sa.Index("ix_letter_unsent", "sent_at", "dead_at", "owed_at"),
    )

    #: Also what the Message-ID is made from, so that a letter that goes out twice can be known as one.
    id: orm.Mapped[str] = orm.mapped_column(sa.String(32), primary_key=True, default=lambda: uuid.uuid4().hex)
    account_id: orm.Mapped[str] = orm.mapped_column(sa.String(32), index=True)
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(16), default=ARRIVED, server_default=ARRIVED)
    #: The reference, when it tells of one submission; empty when it tells of several.
    reference: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    number: orm.Mapped[int]
    owed_at: orm.Mapped[datetime]
    #: Not before this.
    due_at: orm.Mapped[datetime]
    attempts: orm.Mapped[int] = orm.mapped_column(default=0)
    #: Until then somebody else is sending it.
    leased_until: orm.Mapped[datetime | None]
    sent_at: orm.Mapped[datetime | None]
    #: When it was given up; somebody at the desk has to look.
    dead_at: orm.Mapped[datetime | None]
    #: The kind of the last fault; never what a server said.
    fault: orm.Mapped[str] = orm.mapped_column(sa.String(80), default="")
    #: Of a warning: the approval that ends, and how many days before its end people are warned; 0 when it is over.
    locale: orm.Mapped[str | None] = orm.mapped_column(sa.String(16))
    wording_version: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    last_day: orm.Mapped[date | None]
    days: orm.Mapped[int | None]
