"""The store's tables of submissions, wordings and approvals, and the base class of all tables in the store.

There is no column for a name, an answer or a verdict, and none is to be added: what a person sent is inside a box. The
tables of the follow-up are in ``follow_up.models``.
"""

from datetime import date
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from screener import audit
from screener.db import UtcDateTime

METADATA = audit.METADATA


class Base(orm.DeclarativeBase):
    metadata = METADATA
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - read by SQLAlchemy before it is ever an instance's


class Submission(Base):
    """One submission: its envelope, its arrival number, and two sealed boxes; an erased one has no boxes."""

    __tablename__ = "submission"
    __table_args__ = (
        # The desk's list of suspected spam: a scan would read every box.
        sa.Index(
            "ix_submission_suspected_spam",
            "arrival",
            sqlite_where=sa.text("suspected_spam"),
            postgresql_where=sa.text("suspected_spam"),
        ),
        sa.CheckConstraint("length(id) = 32", name="id_is_32_bytes"),
        sa.CheckConstraint("arrival >= 1", name="arrivals_are_numbered_from_one"),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (contact_box IS NOT NULL)", name="contact_is_kept_until_it_is_erased"
        ),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (answers_box IS NOT NULL)", name="answers_are_kept_until_they_are_erased"
        ),
    )

    id: orm.Mapped[bytes] = orm.mapped_column(sa.LargeBinary, primary_key=True)
    #: Derived from the id. Not unique by constraint, see docs/decisions.md.
    reference: orm.Mapped[str] = orm.mapped_column(sa.String(16), index=True)
    #: The worker's running number, without gaps: the only order there is.
    arrival: orm.Mapped[int] = orm.mapped_column(unique=True)
    received_at: orm.Mapped[datetime]
    moved_at: orm.Mapped[datetime]
    wording_version: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    locale: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    source: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    call_language: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    suspected_spam: orm.Mapped[bool]
    contact_box: orm.Mapped[bytes | None] = orm.mapped_column(sa.LargeBinary)
    answers_box: orm.Mapped[bytes | None] = orm.mapped_column(sa.LargeBinary)
    erased_at: orm.Mapped[datetime | None]


class WordingVersion(Base):
    """The exact words and questions of one version of the form in one locale, for ever."""

    __tablename__ = "wording"

    version: orm.Mapped[str] = orm.mapped_column(sa.String(64), primary_key=True)
    locale: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    study_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    #: JSON, canonical: what the version is the hash of.
    content: orm.Mapped[str] = orm.mapped_column(sa.Text)
    kept_at: orm.Mapped[datetime]


class ApprovalRecord(Base):
    """That an IRB approved a wording, as the site recorded it."""

    __tablename__ = "approval"
    __table_args__ = (sa.CheckConstraint("expires_on > approved_on", name="approval_ends_after_it_begins"),)

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=False)
    wording_version: orm.Mapped[str] = orm.mapped_column(sa.String(64), index=True)
    locale: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    irb_name: orm.Mapped[str] = orm.mapped_column(sa.String(200))
    irb_number: orm.Mapped[str] = orm.mapped_column(sa.String(200))
    approved_on: orm.Mapped[date]
    expires_on: orm.Mapped[date]
    reviewer: orm.Mapped[str] = orm.mapped_column(sa.String(200))
