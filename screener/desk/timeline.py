"""The timeline of a submission: every change to its follow-up, and the notes.

A note is sealed with the key of the answers, and bound to its own purpose beside the submission, so that it can
never be put in the place of answers, nor answers in the place of a note. All notes have one size.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from screener.desk.context import DeskContext
from screener.desk.note_proof import pack_note
from screener.desk.note_proof import unpack_note
from screener.desk.words import ACTORS
from screener.desk.words import FORMER_MEMBER
from screener.errors import UserError
from screener.follow_up.models import ContactAttempt
from screener.follow_up.models import FollowUpEvent
from screener.follow_up.models import Note
from screener.follow_up.models import StoppedChannel
from screener.follow_up.notes import note_purpose
from screener.follow_up.service import ChangeRefused
from screener.follow_up.service import Edit
from screener.follow_up.transitions import OUTGOING_CHANNELS
from screener.sealing.open import AlteredBoxError
from screener.sealing.open import open_answers
from screener.sealing.seal import SealingError
from screener.sealing.seal import seal_answers
from screener.staff.models import Account
from screener.submissions.opening import DAMAGED
from screener.submissions.opening import ProofResult

#: Characters of a note.
LONGEST_NOTE = 500
NOTE_ALTERED = "This note is not what was written here: it was changed, replaced or moved, so it is not shown."
NOTE_TOO_LONG = "This note is too long. Please shorten it to 500 characters or fewer."


@dataclass(frozen=True)
class TimelineEntry:
    """One change to a follow-up."""

    version: int
    at: datetime
    by: str
    kind: str
    from_state: str
    to_state: str
    to_assignee: str
    to_next_action_at: datetime | None
    dated: bool
    channel: str
    outcome: str
    #: The channels that this change stopped.
    stopped: tuple[str, ...]
    decided_by: str
    other_reference: str
    #: The text of the note; why it cannot be read, if it cannot.
    note: str
    note_error: str
    #: What the check of the note found; None where there is none that opens.
    note_proof: ProofResult | None
    #: Whether a later change took this one back.
    undone: bool


def seal_note(text: str, context: DeskContext, edit: Edit) -> bytes:
    """Seal *text* with its proof. Raises *ChangeRefused* when it does not fit into the box of a note."""
    purpose = note_purpose(context.study.id)
    plain = pack_note(text, context.note_key, purpose=purpose, submission=edit.submission_id, version=edit.version + 1)
    try:
        return seal_answers(plain, context.public_keys, study=purpose, submission=edit.submission_id)
    except SealingError:
        raise ChangeRefused(NOTE_TOO_LONG) from None


def list_timeline_entries(
    connection: sa.Connection, context: DeskContext, submission: bytes
) -> tuple[TimelineEntry, ...]:
    """Every change to the follow-up of *submission*, the newest first; two statements, whatever their number."""
    rows = connection.execute(_query(submission)).all()
    undone = {row.undoes for row in rows}
    stopped: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(
        sa.select(StoppedChannel.__table__).where(StoppedChannel.submission_id == submission)
    ):
        stopped[row.version] = (*stopped.get(row.version, ()), row.channel)
    return tuple(
        _timeline_entry(context, submission, row, undone=row.version in undone, stopped=stopped.get(row.version, ()))
        for row in rows
    )


def _query(submission: bytes) -> sa.Select[Any]:
    event, given = FollowUpEvent, orm.aliased(Account)
    return (
        sa.select(
            event.__table__,
            Account.name.label("by_name"),
            given.name.label("given_name"),
            ContactAttempt.channel,
            ContactAttempt.outcome,
            Note.box,
            Note.version.label("noted"),
        )
        .outerjoin(Account, Account.id == event.by)
        .outerjoin(given, given.id == event.to_assignee)
        .outerjoin(ContactAttempt, _same(ContactAttempt))
        .outerjoin(Note, _same(Note))
        .where(event.submission_id == submission)
        .order_by(event.version.desc())
    )


def _same(table: type[ContactAttempt] | type[Note]) -> sa.ColumnElement[bool]:
    return sa.and_(table.submission_id == FollowUpEvent.submission_id, table.version == FollowUpEvent.version)


def _timeline_entry(
    context: DeskContext, submission: bytes, row: Any, *, undone: bool, stopped: tuple[str, ...]
) -> TimelineEntry:
    note, note_error, note_proof = _open_note(context, submission, row) if row.noted else ("", "", None)
    return TimelineEntry(
        **{
            name: getattr(row, name)
            for name in ("version", "at", "kind", "from_state", "to_state", "to_next_action_at")
        },
        by=row.by_name or ACTORS.get(row.by, FORMER_MEMBER),
        to_assignee=row.given_name or (FORMER_MEMBER if row.to_assignee else ""),
        dated=row.to_next_action_at is not None and row.to_next_action_at != row.from_next_action_at,
        channel=row.channel or "",
        outcome=row.outcome or "",
        stopped=tuple(channel for channel in OUTGOING_CHANNELS if channel in stopped),
        decided_by=row.decided_by,
        other_reference=row.other_reference,
        note=note,
        note_error=note_error,
        note_proof=note_proof,
        undone=undone,
    )


def _open_note(context: DeskContext, submission: bytes, row: Any) -> tuple[str, str, ProofResult | None]:
    """The text of a note, why it cannot be read, and what the check found."""
    if row.box is None:
        return "", "The note was erased with the form.", None
    purpose = note_purpose(context.study.id)
    try:
        opened = open_answers(row.box, context.private_keys, study=purpose, submission=submission)
        place: dict[str, Any] = {"submission": submission, "version": row.version}
        text, proof = unpack_note(opened, context.note_key, purpose=purpose, **place)
    except UserError as fault:
        return "", str(fault), ProofResult.ALTERED if isinstance(fault, AlteredBoxError) else None
    except ValueError:
        return "", DAMAGED, ProofResult.ALTERED
    return text, NOTE_ALTERED if proof is ProofResult.ALTERED else "", proof
