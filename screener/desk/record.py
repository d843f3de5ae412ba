"""The record of one submission: first the audit event is committed, then the boxes are opened, in this order always.

Each part stands alone: where a box does not open, the reason is shown in its place and everything else is there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener import audit
from screener.auth.permissions import Actor
from screener.db import reading
from screener.db import writing
from screener.desk.answers import AnsweredQuestion
from screener.desk.answers import label_answers
from screener.desk.context import DeskContext
from screener.desk.timeline import TimelineEntry
from screener.desk.timeline import list_timeline_entries
from screener.errors import ScreenerError
from screener.follow_up import service as follow_up
from screener.follow_up.contact_permission import list_stopped_channels
from screener.follow_up.models import FollowUp
from screener.staff.accounts import describe_reset
from screener.staff.directory import Coordinator
from screener.staff.directory import list_coordinators
from screener.staff.models import Account
from screener.submissions.box_digest import compare_with_receipt
from screener.submissions.models import Submission
from screener.submissions.models import WordingVersion
from screener.submissions.opening import OpenedBox
from screener.submissions.opening import OpenedSubmission
from screener.submissions.opening import ProofResult
from screener.submissions.opening import SealedBoxes
from screener.submissions.opening import open_submission

RECORD_OPENED = "desk:record:opened"
ANSWERS_SHOWN = "desk:answers:shown"
BOX_ALTERED = "desk:box:altered"


class RecordNotFoundError(ScreenerError):
    """No submission has this reference, or two have."""


@dataclass(frozen=True)
class SubmissionRecord:
    """Everything that the desk shows of one submission."""

    reference: str
    envelope: Any
    state: str
    assignee: str | None
    assignee_name: str
    next_action_at: datetime | None
    version: int
    erased_at: datetime | None
    contact: OpenedBox
    stopped: Mapping[str, datetime]
    timeline: tuple[TimelineEntry, ...]
    colleagues: tuple[Coordinator, ...]
    #: None until they are asked for.
    answers: OpenedBox | None = None
    questions: tuple[AnsweredQuestion, ...] = ()

    @property
    def is_altered(self) -> bool:
        """Whether a box that was opened does not hold what was sent."""
        return any(box is not None and box.proof is ProofResult.ALTERED for box in (self.contact, self.answers))


def find_submission(connection: sa.Connection, reference: str) -> Any:
    """The id and version of the submission with *reference*. Raises *RecordNotFoundError*."""
    query = (
        sa.select(Submission.id, Submission.reference, Submission.erased_at, FollowUp.opened_at, FollowUp.version)
        .join(FollowUp, FollowUp.submission_id == Submission.id)
        .where(Submission.reference == reference)
    )
    rows = connection.execute(query).all()
    if not rows:
        raise RecordNotFoundError(f"No form has the reference {reference}. Please check the reference and try again.")
    if len(rows) > 1:
        raise RecordNotFoundError(
            f"Two forms have reference {reference}. Ask the person who runs Screener; neither was opened."
        )
    return rows[0]


def read_record(
    context: DeskContext, reference: str, actor: Actor, *, now: datetime, answers: bool = False
) -> SubmissionRecord:
    """The record of *reference*, with the answers if they were asked for. Raises *RecordNotFoundError*."""
    submission = _record_opening(context, reference, actor, now, answers)
    with reading(context.store) as connection:
        row = connection.execute(_query(submission)).one()
        stopped = list_stopped_channels(connection, submission)
        colleagues = tuple(list_coordinators(connection))
        timeline = list_timeline_entries(connection, context, submission)
        words = connection.scalar(
            sa.select(WordingVersion.content).where(WordingVersion.version == row.wording_version)
        )
    opened = _open(context, row, answers=answers)
    shown = SubmissionRecord(
        reference=row.reference,
        envelope=row,
        state=row.state,
        assignee=row.assignee,
        assignee_name=row.assignee_name or "",
        next_action_at=row.next_action_at,
        version=row.version,
        erased_at=row.erased_at,
        contact=opened.contact,
        stopped=stopped,
        timeline=timeline,
        colleagues=colleagues,
        answers=opened.answers,
        questions=_label(opened.answers, words),
    )
    _record_altered_boxes(context, shown, actor, now)
    return shown


def _record_opening(context: DeskContext, reference: str, actor: Actor, now: datetime, answers: bool) -> bytes:
    """Record in the audit trail what is about to be read, and return the id; committed before a box is opened."""
    with writing(context.store) as connection:
        found = find_submission(connection, reference)
        for action in (RECORD_OPENED, ANSWERS_SHOWN) if answers else (RECORD_OPENED,):
            detail = describe_reset(actor.sign_in_reset_at, at=now)
            audit.record(connection, actor=actor.email, action=action, subject=found.reference, detail=detail, at=now)
        if found.opened_at is None:
            follow_up.record_first_opening(connection, found.id, at=now)
        submission: bytes = found.id
        return submission


def _query(submission: bytes) -> sa.Select[Any]:
    return (
        sa.select(
            Submission.__table__,
            *(getattr(FollowUp, name) for name in ("state", "assignee", "next_action_at", "version")),
            Account.name.label("assignee_name"),
        )
        .join(FollowUp, FollowUp.submission_id == Submission.id)
        .outerjoin(Account, Account.id == FollowUp.assignee)
        .where(Submission.id == submission)
    )


def _label(answers: OpenedBox | None, words: str | None) -> tuple[AnsweredQuestion, ...]:
    return label_answers(answers.values, json.loads(words) if words else None) if answers else ()


def _open(context: DeskContext, row: Any, *, answers: bool) -> OpenedSubmission:
    stored = {"contact": row.contact_box, "answers": row.answers_box}

    def compare() -> Mapping[str, bool] | None:
        with reading(context.store) as connection:
            return compare_with_receipt(connection, row.reference, stored)

    return open_submission(SealedBoxes(row.id, **stored), context.opening_keys, compare=compare, answers=answers)


def _record_altered_boxes(context: DeskContext, record: SubmissionRecord, actor: Actor, now: datetime) -> None:
    """Record each part that does not hold what was sent or written, each time that it is found."""
    proofs = [("contact", record.contact.proof), ("answers", record.answers.proof if record.answers else None)]
    proofs += [("note", entry.note_proof) for entry in record.timeline]
    found = dict.fromkeys(part for part, proof in proofs if proof is ProofResult.ALTERED)
    if not found:
        return
    event = {"actor": actor.email, "action": BOX_ALTERED, "subject": record.reference}
    with writing(context.store) as connection:
        for part in found:
            audit.record(connection, **event, detail={"part": part}, at=now)
