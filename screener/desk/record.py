"""One submission, read for somebody: the trail says so first, then the boxes are opened, and never the other way round.

Each part stands by itself. A box that does not open says why in its place, and everything else is there.
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
from screener.desk.answers import Seen
from screener.desk.answers import in_their_words
from screener.desk.context import Room
from screener.desk.timeline import Entry
from screener.desk.timeline import entries
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
from screener.submissions.payload import FieldValue
from screener.submissions.payload import unpack
from screener.submissions.store import KeptWording
from screener.submissions.store import Submission

OPENED = "desk:record:opened"
ANSWERS_SHOWN = "desk:answers:shown"


class NotThere(ScreenerError):
    """No submission is called like this, or two are; the sentence says which."""


@dataclass(frozen=True)
class Opened:
    """What was in a box, or why it stayed shut."""

    values: Mapping[str, FieldValue] = field(default_factory=dict)
    shut: str = ""


@dataclass(frozen=True)
class Record:
    """All that the desk shows of one submission."""

    reference: str
    envelope: Any
    state: str
    assignee: str | None
    assignee_name: str
    next_action_at: datetime | None
    version: int
    erased_at: datetime | None
    contact: Opened
    stopped: Mapping[str, datetime]
    timeline: tuple[Entry, ...]
    colleagues: tuple[Coordinator, ...]
    #: None until somebody asks for them.
    answers: Opened | None = None
    seen: tuple[Seen, ...] = ()


def find(connection: sa.Connection, reference: str) -> Any:
    """The id and version of the submission that people call *reference*. Raises *NotThere*."""
    query = (
        sa.select(Submission.id, Submission.reference, Submission.erased_at, FollowUp.opened_at, FollowUp.version)
        .join(FollowUp, FollowUp.submission_id == Submission.id)
        .where(Submission.reference == reference)
    )
    rows = connection.execute(query).all()
    if not rows:
        raise NotThere(f"No form has the reference {reference}. Please check the reference and try again.")
    if len(rows) > 1:
        raise NotThere(f"Two forms have reference {reference}. Ask the person who runs Screener; neither was opened.")
    return rows[0]


def read(room: Room, reference: str, actor: Actor, *, now: datetime, answers: bool = False) -> Record:
    """The record of *reference*, with the answers if they were asked for. Raises *NotThere*."""
    submission = _noted(room, reference, actor, now, answers)
    with reading(room.store) as connection:
        row = connection.execute(_query(submission)).one()
        stopped = list_stopped_channels(connection, submission)
        colleagues = tuple(list_coordinators(connection))
        happened = entries(connection, room, submission)
        words = connection.scalar(sa.select(KeptWording.content).where(KeptWording.version == row.wording_version))
    opened = _opened(room, row.answers_box, submission, open_answers) if answers else None
    return Record(
        reference=row.reference,
        envelope=row,
        state=row.state,
        assignee=row.assignee,
        assignee_name=row.assignee_name or "",
        next_action_at=row.next_action_at,
        version=row.version,
        erased_at=row.erased_at,
        contact=_opened(room, row.contact_box, submission, open_contact),
        stopped=stopped,
        timeline=happened,
        colleagues=colleagues,
        answers=opened,
        seen=in_their_words(opened.values, json.loads(words) if words else None) if opened else (),
    )


def _noted(room: Room, reference: str, actor: Actor, now: datetime, answers: bool) -> bytes:
    """Write into the trail what is about to be read, and give the id; committed before any box is touched."""
    with writing(room.store) as connection:
        found = find(connection, reference)
        for action in (OPENED, ANSWERS_SHOWN) if answers else (OPENED,):
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


def _opened(room: Room, box: bytes | None, submission: bytes, opening: Any) -> Opened:
    if box is None:
        return Opened()
    try:
        return Opened(unpack(opening(box, room.opens, study=room.study.id, submission=submission)))
    except UserError as fault:
        return Opened(shut=str(fault))
    except ValueError:
        return Opened(shut="This was opened, but it is damaged. Compare it with a backup.")
