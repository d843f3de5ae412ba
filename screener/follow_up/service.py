"""The one writer of follow-ups: every change is one new version of the row and exactly one event of that number.

Each function works in the caller's transaction. A change names the version that its author saw; if the follow-up was
changed since, *StaleVersion* is raised and nothing is written. No change is made from what is inside a box.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener.errors import ScreenerError
from screener.errors import UserError
from screener.follow_up import contact_permission
from screener.follow_up import transitions
from screener.follow_up.models import ContactAttempt
from screener.follow_up.models import FollowUp
from screener.follow_up.models import FollowUpEvent
from screener.follow_up.models import Note
from screener.follow_up.models import StoppedChannel
from screener.follow_up.states import ContactChannel
from screener.follow_up.states import ContactOutcome
from screener.follow_up.states import EventKind
from screener.follow_up.states import FollowUpState
from screener.submissions.models import Submission

#: Columns of the row that an event records before and after.
_RECORDED = ("state", "assignee", "next_action_at")
#: What a change says in its event alone.
_EVENT_ONLY = ("undoes", "decided_by", "other_reference")


class StaleVersion(ScreenerError):
    """The follow-up was changed since the author of this change looked at it."""


class ChangeRefused(UserError):
    """A change that cannot be made; the sentence says what to do instead."""


@dataclass(frozen=True)
class Edit:
    """Who changes which follow-up, when, and which version of it they saw."""

    submission_id: bytes
    version: int
    #: An account, or "worker" or "cli" where no account acts.
    by: str
    at: datetime

    @property
    def event_key(self) -> dict[str, Any]:
        """The primary key of the event that this edit leaves."""
        return {"submission_id": self.submission_id, "version": self.version + 1}


@dataclass(frozen=True)
class StateChange:
    """A new state, with what that state asks for; *to* comes from a form and is checked here."""

    to: str
    next_action_at: datetime | None = None
    decided_by: str = ""
    other_reference: str = ""


def apply(connection: sa.Connection, edit: Edit, *, kind: EventKind, **changes: Any) -> None:
    """Change a follow-up: one new version, one event with that number, in the caller's transaction.

    *changes* are columns of the row, and *undoes*, *decided_by*, *other_reference* of the event. Raises *StaleVersion*
    when the follow-up was changed since ``edit.version``, *ChangeRefused* when it was erased; nothing is written then.
    """
    _write(connection, edit, _lock(connection, edit), kind, changes)


def create(connection: sa.Connection, submission_id: bytes, arrival: int, *, at: datetime) -> None:
    """Create the follow-up of a new submission: version 1, and no event yet."""
    row = {"submission_id": submission_id, "arrival": arrival, "state": FollowUpState.NEW, "attempts": 0}
    connection.execute(sa.insert(FollowUp).values(**row, changed_at=at, version=1))


def record_first_opening(connection: sa.Connection, submission_id: bytes, *, at: datetime) -> None:
    """Record when a coordinator first opened the record; reading changes nothing, so this is no new version."""
    unopened = FollowUp.submission_id == submission_id, FollowUp.opened_at.is_(None)
    connection.execute(sa.update(FollowUp).where(*unopened).values(opened_at=at))


def claim(connection: sa.Connection, edit: Edit) -> None:
    """Assign a follow-up to the account that asks for it."""
    _assign(connection, edit, EventKind.CLAIMED, edit.by)


def assign(connection: sa.Connection, edit: Edit, to: str | None) -> None:
    """Assign a follow-up to an account, or to no one."""
    _assign(connection, edit, EventKind.ASSIGNED, to)


def hand_over(connection: sa.Connection, leaving: str, to: str | None, *, by: str, at: datetime) -> int:
    """Assign each open follow-up of the account *leaving* to *to*; returns how many.

    Without *to*, one that was only assigned is new again, and the routing rules assign it.
    """
    is_theirs = FollowUp.assignee == leaving, FollowUp.ended_at.is_(None)
    rows = connection.execute(sa.select(FollowUp.__table__).where(*is_theirs).with_for_update()).all()
    for before in rows:
        changes: dict[str, Any] = {"assignee": to}
        if to is None and before.state == FollowUpState.ASSIGNED:
            changes |= {"state": FollowUpState.NEW, "told_at": None}
        _write(connection, Edit(before.submission_id, before.version, by, at), before, EventKind.ASSIGNED, changes)
    return len(rows)


def log_attempt(
    connection: sa.Connection, edit: Edit, *, channel: str, outcome: str, change: StateChange, box: bytes | None = None
) -> None:
    """Record a contact attempt, its outcome, a sealed note, and where it leaves the follow-up.

    A person who asks us to stop on a channel is not contacted on it again, and one who asks so while contacting us, on
    none; a wrong number stops calls. A *change* to no state, or to the present one, only sets the next action.
    """
    if outcome not in transitions.OUTCOMES_BY_CHANNEL.get(channel, ()):
        raise ChangeRefused("Choose an outcome from the list.")
    before = _lock(connection, edit)
    stays = change.to in ("", before.state)
    changes = _next_action(before, change) if stays else _state_changes(connection, edit, before, change)
    _write(connection, edit, before, EventKind.ATTEMPT, {**changes, "attempts": before.attempts + 1})
    connection.execute(sa.insert(ContactAttempt).values(**edit.event_key, channel=channel, outcome=outcome))
    if box is not None:
        connection.execute(sa.insert(Note).values(**edit.event_key, box=box))
    if outcome == ContactOutcome.ASKED_TO_STOP:
        everything = channel == ContactChannel.INCOMING
        _insert_stopped(connection, edit, transitions.OUTGOING_CHANNELS if everything else (channel,))
    if outcome == ContactOutcome.WRONG_NUMBER:
        _insert_stopped(connection, edit, (ContactChannel.CALL,))


def write_note(connection: sa.Connection, edit: Edit, box: bytes) -> None:
    """Add a sealed note."""
    apply(connection, edit, kind=EventKind.NOTE)
    connection.execute(sa.insert(Note).values(**edit.event_key, box=box))


def change_state(connection: sa.Connection, edit: Edit, change: StateChange) -> None:
    """Move a follow-up along one of the *TRANSITIONS*. Raises *ChangeRefused*."""
    before = _lock(connection, edit)
    _write(connection, edit, before, EventKind.MOVED, _state_changes(connection, edit, before, change))


def stop_channel(connection: sa.Connection, edit: Edit, channel: str) -> None:
    """Stop contact with the person on *channel*. Raises *ChangeRefused*."""
    if channel not in transitions.OUTGOING_CHANNELS:
        raise ChangeRefused("Choose calls, texts or email.")
    apply(connection, edit, kind=EventKind.STOPPED)
    _insert_stopped(connection, edit, (channel,))


def undo_last_change(connection: sa.Connection, edit: Edit) -> None:
    """Undo the last change by a new one that restores what was before it. Raises *ChangeRefused*."""
    before = _lock(connection, edit)
    made_it = FollowUpEvent.submission_id == edit.submission_id, FollowUpEvent.version == edit.version
    last = connection.execute(sa.select(FollowUpEvent.__table__).where(*made_it)).first()
    if last is None or last.kind == EventKind.UNDONE:
        raise ChangeRefused("There is no change to undo; only the last one can be undone, and only once.")
    restored: Mapping[str, Any] = {name: getattr(last, f"from_{name}") for name in _RECORDED}
    attempts = before.attempts - (last.kind == EventKind.ATTEMPT)
    _write(connection, edit, before, EventKind.UNDONE, {**restored, "attempts": attempts, "undoes": last.version})


def _assign(connection: sa.Connection, edit: Edit, kind: EventKind, to: str | None) -> None:
    before = _lock(connection, edit)
    if before.assignee == to:
        raise ChangeRefused("It is already assigned to this person." if to else "It is already unassigned.")
    changes: dict[str, Any] = {"assignee": to}
    if before.state == FollowUpState.NEW and to:
        changes["state"] = FollowUpState.ASSIGNED
    elif before.state == FollowUpState.ASSIGNED and not to:
        changes["state"] = FollowUpState.NEW
    _write(connection, edit, before, kind, changes)


def _state_changes(connection: sa.Connection, edit: Edit, before: Any, change: StateChange) -> dict[str, Any]:
    """What *change* writes. Raises *ChangeRefused* when there is no such transition or it lacks what it asks for."""
    to = change.to
    if to not in transitions.list_next_states(before.state):
        raise ChangeRefused("This status is not possible from here. Choose one from the list.")
    if to in transitions.BOOKED_STATES and change.next_action_at is None:
        raise ChangeRefused("Enter the date and the time that was scheduled.")
    if to == FollowUpState.COULD_NOT_REACH and not before.attempts:
        raise ChangeRefused("No attempt to reach this person is logged yet. Log an attempt first.")
    changes = {**_next_action(before, change), "state": to}
    if to in transitions.ENDED_STATES:
        changes["next_action_at"] = None
    if to == FollowUpState.STUDY_TEAM_NOT_CONTINUING:
        _require_two_way_contact(connection, edit, change)
        changes["decided_by"] = change.decided_by
    if to == FollowUpState.DUPLICATE_OF:
        _require_other_submission(connection, edit, change)
        changes["other_reference"] = change.other_reference
    return changes


def _next_action(before: Any, change: StateChange) -> dict[str, Any]:
    """The next action; work that has ended has none."""
    return {"next_action_at": None if before.state in transitions.ENDED_STATES else change.next_action_at}


def _require_two_way_contact(connection: sa.Connection, edit: Edit, change: StateChange) -> None:
    """The study team closes no one from reading a form: it talked with the person, and a named person decided."""
    if not change.decided_by.strip():
        raise ChangeRefused("Enter who on the study team decided this.")
    if not contact_permission.has_two_way_contact(connection, edit.submission_id):
        raise ChangeRefused("No conversation with this person is logged yet. Talk with them first, and log it.")


def _require_other_submission(connection: sa.Connection, edit: Edit, change: StateChange) -> None:
    other = Submission.reference == change.other_reference, Submission.id != edit.submission_id
    if not change.other_reference or connection.scalar(sa.select(Submission.id).where(*other)) is None:
        raise ChangeRefused("Enter the reference of the other form of the same person.")


def _lock(connection: sa.Connection, edit: Edit) -> Any:
    """The follow-up as the author of *edit* saw it, locked. Raises *StaleVersion*, *ChangeRefused* when erased."""
    query = (
        sa.select(FollowUp.__table__, Submission.erased_at)
        .join(Submission, Submission.id == FollowUp.submission_id)
        .where(FollowUp.submission_id == edit.submission_id)
        .with_for_update(of=FollowUp.__table__)
    )
    row = connection.execute(query).one()
    if row.erased_at is not None:
        raise ChangeRefused("This form was erased. There is nothing left to work on.")
    if row.version != edit.version:
        raise StaleVersion("Someone changed this follow-up meanwhile; look at it again.")
    return row


def _write(connection: sa.Connection, edit: Edit, before: Any, kind: EventKind, changes: Mapping[str, Any]) -> None:
    """Write the new version of the locked row *before*, and the event with its number."""
    facts = {name: changes[name] for name in _EVENT_ONLY if name in changes}
    row = {name: value for name, value in changes.items() if name not in facts}
    has_ended = row.get("state", before.state) in transitions.ENDED_STATES or kind == EventKind.ERASED
    row |= {"ended_at": (before.ended_at or edit.at) if has_ended else None}
    row |= {"changed_at": edit.at, "version": edit.version + 1}
    connection.execute(sa.update(FollowUp).where(FollowUp.submission_id == edit.submission_id).values(row))
    recorded = {f"from_{name}": getattr(before, name) for name in _RECORDED}
    recorded |= {f"to_{name}": row.get(name, getattr(before, name)) for name in _RECORDED}
    event = {"by": edit.by, "at": edit.at, "kind": kind, "decided_by": "", "other_reference": "", **facts, **recorded}
    connection.execute(sa.insert(FollowUpEvent).values(**edit.event_key, **event))


def _insert_stopped(connection: sa.Connection, edit: Edit, channels: Iterable[str]) -> None:
    connection.execute(sa.insert(StoppedChannel), [{**edit.event_key, "channel": channel} for channel in channels])
