"""The one place where a follow-up moves, along the table in ``steps``, and what each move leaves behind.

Every function here works in the caller's transaction, changes one follow-up by one version and leaves one event of
that number. It is told which version the person saw; if somebody was faster it raises *Stale* and nothing changes.
No step looks into a box, and none happens by itself: even erasing is somebody's act.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from screener.errors import UserError
from screener.follow_up import events
from screener.follow_up import transitions as steps
from screener.submissions import writes as keeping
from screener.submissions.store import NEW
from screener.submissions.store import WITHDREW
from screener.submissions.store import ContactAttempt
from screener.submissions.store import FollowUp
from screener.submissions.store import FollowUpEvent
from screener.submissions.store import Note
from screener.submissions.store import StoppedChannel
from screener.submissions.store import Submission

#: What erasing leaves of a follow-up.
_NOTHING_LEFT = {"state": WITHDREW, "assignee": None, "next_action_at": None}


class Stale(Exception):
    """Somebody else changed the follow-up since the person looked at it."""


class Refused(UserError):
    """A step that cannot be taken; the sentence says what to do instead."""


@dataclass(frozen=True)
class Doing:
    """Who does something to which follow-up, when, and which version of it they saw."""

    submission_id: bytes
    version: int
    #: The account.
    by: str
    at: datetime


@dataclass(frozen=True)
class Move:
    """A change of state, with what the new state asks for."""

    to: str
    next_action_at: datetime | None = None
    decided_by: str = ""
    other_reference: str = ""


@dataclass
class _Change:
    """What one step does to a follow-up, and says in its event."""

    kind: str
    follow_up: dict[str, Any] = field(default_factory=dict)
    event: dict[str, Any] = field(default_factory=dict)


def claim(connection: sa.Connection, doing: Doing) -> None:
    """Take a follow-up on oneself."""
    _assign(connection, doing, steps.CLAIMED, doing.by)


def assign(connection: sa.Connection, doing: Doing, to: str | None) -> None:
    """Give a follow-up to somebody, or back to nobody."""
    _assign(connection, doing, steps.GIVEN, to)


def log_attempt(
    connection: sa.Connection, doing: Doing, *, channel: str, outcome: str, move: Move, box: bytes | None = None
) -> None:
    """Keep that somebody tried to reach the person, what came of it, and where that leaves the follow-up.

    Who asks us to stop on a channel is not reached on it again, and who asks so while reaching us, on none; a wrong
    number stops calls. A *move* to nowhere, or to where the follow-up is already, only sets its next date.
    """
    if outcome not in steps.OUTCOMES.get(channel, ()):
        raise Refused("Choose what happened from the list.")
    before = _current(connection, doing)
    stays = move.to in ("", before.state)
    change = _staying(before, move) if stays else _moving(connection, doing, before, move)
    change.kind = steps.ATTEMPT
    change.follow_up["attempts"] = before.attempts + 1
    _write(connection, doing, before, change)
    made = {"submission_id": doing.submission_id, "version": doing.version + 1}
    connection.execute(sa.insert(ContactAttempt).values(**made, channel=channel, outcome=outcome))
    if box is not None:
        connection.execute(sa.insert(Note).values(**made, box=box))
    if outcome == "asked_to_stop":
        _stop(connection, made, steps.CHANNELS if channel == steps.INCOMING else (channel,))
    if outcome == "wrong_number":
        _stop(connection, made, ("call",))


def write_note(connection: sa.Connection, doing: Doing, box: bytes) -> None:
    """Keep a sealed note."""
    _write(connection, doing, _current(connection, doing), _Change(steps.NOTED))
    connection.execute(sa.insert(Note).values(submission_id=doing.submission_id, version=doing.version + 1, box=box))


def move(connection: sa.Connection, doing: Doing, step: Move) -> None:
    """Move a follow-up along one of the *STEPS*."""
    before = _current(connection, doing)
    _write(connection, doing, before, _moving(connection, doing, before, step))


def stop_channel(connection: sa.Connection, doing: Doing, channel: str) -> None:
    """From now on nobody reaches the person on *channel*."""
    if channel not in steps.CHANNELS:
        raise Refused("Choose calls, texts or email.")
    _write(connection, doing, _current(connection, doing), _Change(steps.STOPPED))
    _stop(connection, {"submission_id": doing.submission_id, "version": doing.version + 1}, (channel,))


def undo(connection: sa.Connection, doing: Doing) -> None:
    """Take back the last change by a new one that restores what was before it; what happened stays on record."""
    before = _current(connection, doing)
    made_it = FollowUpEvent.submission_id == doing.submission_id, FollowUpEvent.version == doing.version
    last = connection.execute(sa.select(FollowUpEvent.__table__).where(*made_it)).first()
    if last is None or last.kind == steps.UNDONE:
        raise Refused("There is no change to undo; only the last one can be undone, and only once.")
    attempted = last.kind == steps.ATTEMPT
    change = _Change(
        steps.UNDONE,
        {
            "state": last.from_state,
            "assignee": last.from_assignee,
            "next_action_at": last.from_next_action_at,
            "attempts": before.attempts - attempted,
        },
        {"undoes": last.version},
    )
    _write(connection, doing, before, change)


def erase(connection: sa.Connection, doing: Doing) -> None:
    """Erase what the person sent and every note about it; that it was there, and what was done, stays."""
    before = _current(connection, doing)
    keeping.erase_submission(connection, doing.submission_id, at=doing.at)
    _leave_event(connection, doing, before, _Change(steps.ERASED, _NOTHING_LEFT))


def stopped_channels(connection: sa.Connection, submission_id: bytes) -> dict[str, datetime]:
    """The channels on which nobody may reach the person, each with the moment since when."""
    query = (
        sa.select(StoppedChannel.channel, FollowUpEvent.at)
        .join(
            FollowUpEvent,
            sa.and_(
                FollowUpEvent.submission_id == StoppedChannel.submission_id,
                FollowUpEvent.version == StoppedChannel.version,
            ),
        )
        .where(StoppedChannel.submission_id == submission_id, ~_undone(StoppedChannel))
        .order_by(StoppedChannel.version.desc())
    )
    return {row.channel: row.at for row in connection.execute(query)}


def _assign(connection: sa.Connection, doing: Doing, kind: str, to: str | None) -> None:
    before = _current(connection, doing)
    if before.assignee == to:
        raise Refused("This follow-up is theirs already." if to else "This follow-up is nobody's already.")
    change = _Change(kind, {"assignee": to})
    if before.state == NEW and to:
        change.follow_up["state"] = steps.ASSIGNED
    elif before.state == steps.ASSIGNED and not to:
        change.follow_up["state"] = NEW
    _write(connection, doing, before, change)


def _moving(connection: sa.Connection, doing: Doing, before: Any, step: Move) -> _Change:
    """The change that *step* means. Raises *Refused* when the step is not there or lacks what it asks for."""
    if step.to not in steps.STEPS[before.state] or step.to in steps.BY_ASSIGNING:
        raise Refused("This step is not possible from here; choose one of the list.")
    if step.to in steps.BOOKED and step.next_action_at is None:
        raise Refused("Give the day and the time that was booked.")
    if step.to == steps.COULD_NOT_REACH and not before.attempts:
        raise Refused("Nobody has tried to reach this person yet: log an attempt first.")
    if step.to == steps.NOT_CONTINUING:
        _refuse_without_a_talk(connection, doing, step)
    if step.to == steps.DUPLICATE:
        _refuse_without_another(connection, doing, step)
    change = _staying(before, step)
    change.kind = steps.MOVED
    change.follow_up["state"] = step.to
    if step.to in steps.ENDED:
        change.follow_up["next_action_at"] = None
    change.event = {
        "decided_by": step.decided_by if step.to == steps.NOT_CONTINUING else "",
        "other_reference": step.other_reference if step.to == steps.DUPLICATE else "",
    }
    return change


def _staying(before: Any, step: Move) -> _Change:
    """A change that leaves the state as it is; what has ended has no next date."""
    return _Change(steps.MOVED, {"next_action_at": None if before.state in steps.ENDED else step.next_action_at})


def _refuse_without_a_talk(connection: sa.Connection, doing: Doing, step: Move) -> None:
    """Nobody is closed by the study team from reading a form: somebody talked with them, and somebody decided."""
    if not step.decided_by.strip():
        raise Refused("Name the person of the study team who decided this.")
    if not _was_in_touch(connection, doing):
        raise Refused("Nobody has been in touch with this person yet: talk with them first, and log it.")


def _was_in_touch(connection: sa.Connection, doing: Doing) -> bool:
    two_way = ContactAttempt.submission_id == doing.submission_id, ContactAttempt.outcome.in_(steps.TWO_WAY)
    return (
        connection.scalar(sa.select(ContactAttempt.version).where(*two_way, ~_undone(ContactAttempt)).limit(1))
        is not None
    )


def _undone(table: type[ContactAttempt] | type[StoppedChannel]) -> sa.Exists:
    """Whether the change that left a row of *table* was taken back."""
    later = orm.aliased(FollowUpEvent)
    taken_back = later.submission_id == table.submission_id, later.undoes == table.version
    return sa.select(later.version).where(*taken_back).exists()


def _refuse_without_another(connection: sa.Connection, doing: Doing, step: Move) -> None:
    query = sa.select(Submission.id).where(
        Submission.reference == step.other_reference, Submission.id != doing.submission_id
    )
    if not step.other_reference or connection.scalar(query) is None:
        raise Refused("Give the reference of the other form of the same person.")


def _current(connection: sa.Connection, doing: Doing) -> Any:
    """The follow-up as the person saw it. Raises *Stale* when it is another by now, *Refused* when it was erased."""
    query = (
        sa.select(FollowUp.__table__, Submission.erased_at)
        .join(Submission, Submission.id == FollowUp.submission_id)
        .where(FollowUp.submission_id == doing.submission_id)
        .with_for_update(of=FollowUp.__table__)
    )
    row = connection.execute(query).one()
    if row.erased_at is not None:
        raise Refused("This form was erased; there is nothing left to work on.")
    if row.version != doing.version:
        raise Stale
    return row


def _write(connection: sa.Connection, doing: Doing, before: Any, change: _Change) -> None:
    """Change the row and leave the event."""
    state = change.follow_up.get("state", before.state)
    if (state in steps.ENDED) != (before.ended_at is not None):
        change.follow_up["ended_at"] = doing.at if state in steps.ENDED else None
    new = {**change.follow_up, "changed_at": doing.at, "version": doing.version + 1}
    connection.execute(sa.update(FollowUp).where(FollowUp.submission_id == doing.submission_id).values(new))
    _leave_event(connection, doing, before, change)


def _leave_event(connection: sa.Connection, doing: Doing, before: Any, change: _Change) -> None:
    made = events.Change(doing.submission_id, doing.version + 1, doing.at, doing.by, change.kind)
    events.leave(connection, made, before, change.follow_up, **change.event)


def _stop(connection: sa.Connection, made: Mapping[str, Any], channels: tuple[str, ...]) -> None:
    connection.execute(sa.insert(StoppedChannel), [{**made, "channel": channel} for channel in channels])
