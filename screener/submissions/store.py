"""The store's tables: where the staff side keeps what was sent.

There is no column here for a name, an answer or a verdict, and there is none to add: whatever a person told us
is inside a box. What follows a submission (its follow-up) is made by people, never from a box.
"""

from datetime import date
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from screener import audit
from screener.db import Moment

METADATA = audit.METADATA

#: The steps of a follow-up, and how it can be closed. People move it; only erasure moves it by itself.
OPEN_STATES = (
    "new",
    "assigned",
    "trying_to_reach",
    "reached",
    "call_back_booked",
    "phone_screen_booked",
    "phone_screen_done",
    "visit_booked",
    "handed_over",
)
CLOSED_STATES = (
    "not_interested",
    "could_not_reach",
    "withdrew",
    "duplicate_of",
    "not_a_real_submission",
    "study_not_taking_people",
    "study_team_not_continuing",
)
NEW = "new"
ASSIGNED = "assigned"
WITHDREW = "withdrew"


class Base(orm.DeclarativeBase):
    metadata = METADATA
    type_annotation_map = {datetime: Moment}  # noqa: RUF012 - read by SQLAlchemy before it is ever an instance's


class Submission(Base):
    """One submission: its envelope, its number, and two shut boxes, or the tombstone of an erased one."""

    __tablename__ = "submission"
    __table_args__ = (
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
    #: What people call it; a function of the id. Not unique by law, see docs/decisions.md.
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


class FollowUp(Base):
    """The work on a submission: made with it, by the worker, and moved by people.

    Each change counts *version* up by one and leaves one *FollowUpEvent* of that number. The indexes are the
    desk's lists: whoever is due, whoever has no date yet, and what has ended.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(state) for state in OPEN_STATES + CLOSED_STATES)})", name="state_is_known"
        ),
        sa.CheckConstraint("version >= 1", name="versions_are_numbered_from_one"),
        sa.Index("uq_follow_up_arrival", "arrival", unique=True),
        sa.Index("ix_follow_up_list", "ended_at", "next_action_at", "attempts", "arrival"),
        sa.Index("ix_follow_up_assignee", "assignee", "ended_at", "next_action_at", "attempts", "arrival"),
        sa.Index("ix_follow_up_ended", "ended_at", "arrival"),
    )

    submission_id: orm.Mapped[bytes] = orm.mapped_column(
        sa.LargeBinary, sa.ForeignKey("submission.id"), primary_key=True
    )
    #: The submission's own number, here too because every list is in its order.
    arrival: orm.Mapped[int] = orm.mapped_column(server_default="0")
    state: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    assignee: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))
    next_action_at: orm.Mapped[datetime | None]
    #: How often somebody tried to reach the person, or was in touch; what was taken back is not counted.
    attempts: orm.Mapped[int] = orm.mapped_column(server_default="0", default=0)
    #: When somebody first opened the record.
    opened_at: orm.Mapped[datetime | None]
    #: When the desk's work ended: closed, handed over, or erased. Then it stands in no list of what is to do.
    ended_at: orm.Mapped[datetime | None]
    changed_at: orm.Mapped[datetime]
    #: When a letter about it was first owed to somebody; None while nobody was there to be told.
    told_at: orm.Mapped[datetime | None]
    #: Counts its changes, so that two people cannot overwrite each other unseen.
    version: orm.Mapped[int]


class FollowUpEvent(Base):
    """One change that was made to a follow-up; it is never changed or removed, and undoing adds another."""

    __tablename__ = "follow_up_event"
    __table_args__ = (sa.CheckConstraint("version >= 2", name="the_first_version_is_the_workers"),)

    submission_id: orm.Mapped[bytes] = orm.mapped_column(
        sa.LargeBinary, sa.ForeignKey("follow_up.submission_id"), primary_key=True
    )
    #: The version that this change made.
    version: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=False)
    at: orm.Mapped[datetime]
    #: The account that did it; "worker" for the rules, "cli" for somebody who is no account.
    by: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    #: One of ``screener.follow_up.service.KINDS``.
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    from_state: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    to_state: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    from_assignee: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))
    to_assignee: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))
    from_next_action_at: orm.Mapped[datetime | None]
    to_next_action_at: orm.Mapped[datetime | None]
    #: Which earlier change this one takes back.
    undoes: orm.Mapped[int | None]
    #: Who of the study team decided; where a step asks for it.
    decided_by: orm.Mapped[str] = orm.mapped_column(sa.String(80), default="")
    #: The other submission of the same person; where a step asks for it.
    other_reference: orm.Mapped[str] = orm.mapped_column(sa.String(16), default="")


def _of_an_event() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["submission_id", "version"], ["follow_up_event.submission_id", "follow_up_event.version"]
    )


class ContactAttempt(Base):
    """That somebody tried to reach the person, or the person reached us: how, and what came of it."""

    __tablename__ = "contact_attempt"
    __table_args__ = (_of_an_event(),)

    submission_id: orm.Mapped[bytes] = orm.mapped_column(sa.LargeBinary, primary_key=True)
    version: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=False)
    channel: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    outcome: orm.Mapped[str] = orm.mapped_column(sa.String(16))


class Note(Base):
    """What somebody noted, sealed like answers; only its place in the timeline is readable."""

    __tablename__ = "note"
    __table_args__ = (_of_an_event(),)

    submission_id: orm.Mapped[bytes] = orm.mapped_column(sa.LargeBinary, primary_key=True)
    version: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=False)
    #: None once the submission was erased.
    box: orm.Mapped[bytes | None] = orm.mapped_column(sa.LargeBinary)


class StoppedChannel(Base):
    """That the person asked not to be reached in this way, or cannot be."""

    __tablename__ = "stopped_channel"
    __table_args__ = (_of_an_event(),)

    submission_id: orm.Mapped[bytes] = orm.mapped_column(sa.LargeBinary, primary_key=True)
    channel: orm.Mapped[str] = orm.mapped_column(sa.String(16), primary_key=True)
    #: The change that stopped it; it holds unless that change was undone.
    version: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=False)


class KeptWording(Base):
    """The exact words and questions of one form in one locale, for ever."""

    __tablename__ = "wording"

    version: orm.Mapped[str] = orm.mapped_column(sa.String(64), primary_key=True)
    locale: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    study_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    #: JSON, canonical: what the version is the hash of.
    content: orm.Mapped[str] = orm.mapped_column(sa.Text)
    kept_at: orm.Mapped[datetime]


class KeptApproval(Base):
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
