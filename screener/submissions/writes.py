"""Writing to the store below the follow-ups: submissions, their boxes, wordings, approvals.

Each function works in the caller's transaction. Saving is repeatable by id: saved twice, it is stored once.
"""

from datetime import datetime

import sqlalchemy as sa

from screener import db
from screener.study.approvals import Approval
from screener.submissions.envelope import SealedSubmission
from screener.submissions.models import ApprovalRecord
from screener.submissions.models import Submission
from screener.submissions.models import WordingVersion
from screener.submissions.reference import derive_reference


def save_submission(connection: sa.Connection, sealed: SealedSubmission, *, at: datetime) -> int | None:
    """Save *sealed* and return its arrival number; None when it is stored already, or was erased.

    Only ``follow_up.receipt`` calls this: a submission never stands without its follow-up.
    """
    db.serialize_transactions(connection, "arrival")
    envelope = sealed.envelope
    if connection.scalar(sa.select(Submission.arrival).where(Submission.id == envelope.id)) is not None:
        return None
    arrival = (connection.scalar(sa.select(sa.func.max(Submission.arrival))) or 0) + 1
    connection.execute(
        sa.insert(Submission).values(
            **vars(envelope),
            reference=derive_reference(envelope.id),
            arrival=arrival,
            moved_at=at,
            contact_box=sealed.contact,
            answers_box=sealed.answers,
            erased_at=None,
        )
    )
    return arrival


def replace_boxes(
    connection: sa.Connection, submission_id: bytes, *, contact: bytes | None = None, answers: bytes | None = None
) -> None:
    """Store re-sealed boxes in place of a submission's own; one that was erased meanwhile stays erased."""
    boxes = {"contact_box": contact, "answers_box": answers}
    new = {name: box for name, box in boxes.items() if box is not None}
    if new:
        still_there = sa.and_(Submission.id == submission_id, Submission.erased_at.is_(None))
        connection.execute(sa.update(Submission).where(still_there).values(new))


def erase_boxes(connection: sa.Connection, submission_id: bytes, *, at: datetime) -> None:
    """Erase both boxes of a submission; ``follow_up.erasure`` records it and erases the notes."""
    erased = {"contact_box": None, "answers_box": None, "erased_at": at}
    connection.execute(sa.update(Submission).where(Submission.id == submission_id).values(erased))


def save_wording(
    connection: sa.Connection, version: str, locale: str, study_id: str, content: str, at: datetime
) -> bool:
    """Save the words of one version for ever; False when they are stored already."""
    db.serialize_transactions(connection, "wording")
    if connection.scalar(sa.select(WordingVersion.version).where(WordingVersion.version == version)):
        return False
    connection.execute(
        sa.insert(WordingVersion).values(version=version, locale=locale, study_id=study_id, content=content, kept_at=at)
    )
    return True


def save_approval(connection: sa.Connection, approval: Approval) -> None:
    """Save the record of an approval; earlier ones of the same wording stay beside it."""
    db.serialize_transactions(connection, "approval")
    last = connection.scalar(sa.select(sa.func.max(ApprovalRecord.id))) or 0
    connection.execute(sa.insert(ApprovalRecord).values(id=last + 1, **vars(approval)))
