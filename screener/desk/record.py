"""The record of one submission: first the audit event is committed, then the boxes are opened, in this order always.

Each part stands alone: where a box does not open, the reason is shown in its place and everything else is there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
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
from screener.errors import UserError
from screener.follow_up import service as follow_up
from screener.follow_up.contact_permission import list_stopped_channels
from screener.follow_up.models import FollowUp
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact
from screener.staff.directory import Coordinator
from screener.staff.directory import list_coordinators
from screener.staff.models import Account
from screener.submissions.models import Submission
from screener.submissions.models import WordingVersion
from screener.submissions.payload import FieldValue
from screener.submissions.payload import unpack_values

RECORD_OPENED = "desk:record:opened"
ANSWERS_SHOWN = "desk:answers:shown"


class RecordNotFoundError(ScreenerError):
    """No submission has this reference, or two have."""


@dataclass(frozen=True)
class OpenedBox:
    """The content of a box, or the reason why it could not be opened."""

    values: Mapping[str, FieldValue] = field(default_factory=dict)
    error: str = ""


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
    opened = _open_box(context, row.answers_box, submission, open_answers) if answers else None
    return SubmissionRecord(
        reference=row.reference,
        envelope=row,
        state=row.state,
        assignee=row.assignee,
        assignee_name=row.assignee_name or "",
        next_action_at=row.next_action_at,
        version=row.version,
        erased_at=row.erased_at,
        contact=_open_box(context, row.contact_box, submission, open_contact),
        stopped=stopped,
        timeline=timeline,
        colleagues=colleagues,
        answers=opened,
        questions=label_answers(opened.values, json.loads(words) if words else None) if opened else (),
    )


def _record_opening(context: DeskContext, reference: str, actor: Actor, now: datetime, answers: bool) -> bytes:
    """Record in the audit trail what is about to be read, and return the id; committed before a box is opened."""
    with writing(context.store) as connection:
        found = find_submission(connection, reference)
        for action in (RECORD_OPENED, ANSWERS_SHOWN) if answers else (RECORD_OPENED,):
            audit.record(connection, actor=actor.email, action=action, subject=found.reference, at=now)
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


def _open_box(context: DeskContext, box: bytes | None, submission: bytes, opening: Any) -> OpenedBox:
    if box is None:
        return OpenedBox()
    try:
        content = opening(box, context.private_keys, study=context.study.id, submission=submission)
        return OpenedBox(unpack_values(content))
    except UserError as fault:
        return OpenedBox(error=str(fault))
    except ValueError:
        return OpenedBox(error="This was opened, but it is damaged. Compare it with a backup.")
