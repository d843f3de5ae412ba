"""The tables of a follow-up: the row, its events, contact attempts, notes, stopped channels.

Only ``service`` writes the row and its events, so that ``version`` is always one more than the number of events; an
import contract names the readers, and ``tests/laws`` looks for other writers.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from screener.follow_up.states import FollowUpState
from screener.submissions.models import Base


class FollowUp(Base):
    """The work on a submission: made with it, by the worker, and moved by people.

    Each change counts *version* up by one and leaves one *FollowUpEvent* of that number. The indexes are the
    desk's lists: due, without a date yet, and closed.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(state.value) for state in FollowUpState)})", name="state_is_known"
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
    #: Contact attempts, and contacts by the person; those undone are not counted.
    attempts: orm.Mapped[int] = orm.mapped_column(server_default="0", default=0)
    #: When the record was first opened.
    opened_at: orm.Mapped[datetime | None]
    #: When the desk's work ended: closed, handed over, or erased. Then it stands in no list of what is to do.
    ended_at: orm.Mapped[datetime | None]
    changed_at: orm.Mapped[datetime]
    #: When the first email about it was enqueued; None while there was no coordinator to tell.
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
    #: The account that did it; "worker" for the rules, "cli" where no account acted.
    by: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    #: An *EventKind*.
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
    """A contact attempt, or a contact by the person: its channel and outcome."""

    __tablename__ = "contact_attempt"
    __table_args__ = (_of_an_event(),)

    submission_id: orm.Mapped[bytes] = orm.mapped_column(sa.LargeBinary, primary_key=True)
    version: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=False)
    channel: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    outcome: orm.Mapped[str] = orm.mapped_column(sa.String(16))


class Note(Base):
    """A note, sealed like answers; only its place in the timeline is readable."""

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


class ClosingProposal(Base):
    """A proposal to close a follow-up as not a real submission; it holds while it is the last change."""

    __tablename__ = "closing_proposal"
    __table_args__ = (_of_an_event(),)

    submission_id: orm.Mapped[bytes] = orm.mapped_column(sa.LargeBinary, primary_key=True)
    version: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=False)
    #: A *NotRealReason*.
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(16))
