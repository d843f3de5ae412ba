"""The outbox table in the store: one row a message, whatever its kind."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from screener.submissions.models import Base


class QueuedMessage(Base):
    """One email to one recipient: waiting, leased to a sender, sent, or given up.

    A new kind of message is a class (``screener.mail.kinds``) and needs no column here.
    """

    __tablename__ = "message"
    __table_args__ = (
        sa.CheckConstraint("(account_id IS NULL) <> (submission_id IS NULL)", name="a_message_has_one_recipient"),
        sa.CheckConstraint("attempts >= 0", name="attempts_are_counted_from_zero"),
        sa.CheckConstraint("sent_at IS NULL OR given_up_at IS NULL", name="a_message_is_sent_or_given_up"),
        sa.UniqueConstraint("dedupe_key", name="uq_message_dedupe_key"),
        sa.Index("ix_message_account_id", "account_id"),
        sa.Index("ix_message_due", "due_at", "sent_at", "given_up_at"),
        sa.Index("ix_message_unsent", "sent_at", "given_up_at", "created_at"),
    )

    #: Also the local part of the Message-ID, so that a message that is sent twice can be known as one.
    id: orm.Mapped[str] = orm.mapped_column(sa.String(32), primary_key=True, default=lambda: uuid.uuid4().hex)
    #: A key of ``screener.mail.kinds.MESSAGE_KINDS``.
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    account_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(32))
    submission_id: orm.Mapped[bytes | None] = orm.mapped_column(sa.LargeBinary)
    #: A second message of the same key is refused, however many workers try.
    dedupe_key: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))
    #: What the kind allows and nothing else: no code, no name, no contact detail.
    facts: orm.Mapped[dict[str, Any]] = orm.mapped_column(sa.JSON)
    created_at: orm.Mapped[datetime]
    #: Not before this.
    due_at: orm.Mapped[datetime]
    attempts: orm.Mapped[int] = orm.mapped_column(default=0)
    #: Until then another worker is sending it.
    leased_until: orm.Mapped[datetime | None]
    sent_at: orm.Mapped[datetime | None]
    #: When delivery was given up; the desk shows it.
    given_up_at: orm.Mapped[datetime | None]
    #: The kind of the last fault; never the text of a server.
    fault: orm.Mapped[str] = orm.mapped_column(sa.String(80), default="")
