"""Writing to the store: keep what the worker brings, erase what a person takes back.

Each function works in the caller's transaction. Keeping is repeatable by id: brought twice, it is kept once.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from screener import db
from screener.study.approvals import Approval
from screener.submissions.envelope import Sealed
from screener.submissions.reference import reference_of
from screener.submissions.store import NEW
from screener.submissions.store import WITHDREW
from screener.submissions.store import FollowUp
from screener.submissions.store import KeptApproval
from screener.submissions.store import KeptWording
from screener.submissions.store import Note
from screener.submissions.store import Submission


def keep(connection: sa.Connection, sealed: Sealed, *, at: datetime) -> int | None:
    """Keep *sealed* with its follow-up and give its arrival; None when it is there already, or was erased."""
    db.serialize(connection, "arrival")
    envelope = sealed.envelope
    if connection.scalar(sa.select(Submission.arrival).where(Submission.id == envelope.id)) is not None:
        return None
    arrival = (connection.scalar(sa.select(sa.func.max(Submission.arrival))) or 0) + 1
    connection.execute(
        sa.insert(Submission).values(
            **vars(envelope),
            reference=reference_of(envelope.id),
            arrival=arrival,
            moved_at=at,
            contact_box=sealed.contact,
            answers_box=sealed.answers,
            erased_at=None,
        )
    )
    connection.execute(
        sa.insert(FollowUp).values(
            submission_id=envelope.id,
            arrival=arrival,
            state=NEW,
            assignee=None,
            next_action_at=None,
            attempts=0,
            opened_at=None,
            ended_at=None,
            changed_at=at,
            told_at=None,
            version=1,
        )
    )
    return arrival


def keep_wording(
    connection: sa.Connection, version: str, locale: str, study_id: str, content: str, at: datetime
) -> bool:
    """Keep the words of one version for ever; False when they are kept already."""
    db.serialize(connection, "wording")
    if connection.scalar(sa.select(KeptWording.version).where(KeptWording.version == version)):
        return False
    connection.execute(
        sa.insert(KeptWording).values(version=version, locale=locale, study_id=study_id, content=content, kept_at=at)
    )
    return True


def keep_approval(connection: sa.Connection, approval: Approval) -> None:
    """Keep the record of an approval; earlier ones of the same wording stay beside it."""
    db.serialize(connection, "approval")
    last = connection.scalar(sa.select(sa.func.max(KeptApproval.id))) or 0
    connection.execute(sa.insert(KeptApproval).values(id=last + 1, **vars(approval)))


def replace_boxes(
    connection: sa.Connection, submission_id: bytes, *, contact: bytes | None = None, answers: bytes | None = None
) -> None:
    """Put re-wrapped boxes in place of a submission's own; one that was erased meanwhile stays erased."""
    boxes = {"contact_box": contact, "answers_box": answers}
    new = {name: box for name, box in boxes.items() if box is not None}
    if new:
        still_there = sa.and_(Submission.id == submission_id, Submission.erased_at.is_(None))
        connection.execute(sa.update(Submission).where(still_there).values(new))


def erase_submission(connection: sa.Connection, submission_id: bytes, *, at: datetime) -> None:
    """Leave a tombstone: no boxes, no notes, and a follow-up that is closed because the person withdrew."""
    _entomb(connection, [submission_id], at=at)
    connection.execute(sa.update(FollowUp).where(FollowUp.submission_id == submission_id).values(state=WITHDREW))


def erase_unworked(connection: sa.Connection, *, since: datetime, at: datetime, limit: int) -> list[tuple[str, int]]:
    """Leave tombstones of up to *limit* submissions that nobody worked on *since*; their last state stays.

    Gives their references and arrivals, in order of arrival. Age is all that it looks at: the same for everyone.
    """
    query = (
        sa.select(Submission.id, Submission.reference, Submission.arrival)
        .join(FollowUp, FollowUp.submission_id == Submission.id)
        .where(Submission.erased_at.is_(None), FollowUp.changed_at < since)
        .order_by(Submission.arrival)
        .limit(limit)
    )
    found = connection.execute(query).all()
    _entomb(connection, [row.id for row in found], at=at)
    return [(row.reference, row.arrival) for row in found]


def _entomb(connection: sa.Connection, ids: Sequence[bytes], *, at: datetime) -> None:
    connection.execute(
        sa.update(Submission).where(Submission.id.in_(ids)).values(contact_box=None, answers_box=None, erased_at=at)
    )
    connection.execute(sa.update(Note).where(Note.submission_id.in_(ids)).values(box=None))
    connection.execute(
        sa.update(FollowUp)
        .where(FollowUp.submission_id.in_(ids))
        .values(
            assignee=None,
            next_action_at=None,
            ended_at=sa.func.coalesce(FollowUp.ended_at, sa.bindparam("ended", at, FollowUp.ended_at.type)),
            changed_at=at,
            version=FollowUp.version + 1,
        )
    )
