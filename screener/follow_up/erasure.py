"""Erasure: a submission's boxes and notes go; its envelope, its events and that it was erased stay."""

from datetime import datetime

import sqlalchemy as sa

from screener.follow_up import service
from screener.follow_up.models import FollowUp
from screener.follow_up.notes import erase_notes
from screener.follow_up.service import Edit
from screener.follow_up.states import EventKind
from screener.follow_up.states import FollowUpState
from screener.submissions.models import Submission
from screener.submissions.writes import erase_boxes


def erase_on_request(connection: sa.Connection, edit: Edit) -> None:
    """Erase what a person sent, on their word: the follow-up ends as withdrawn."""
    _erase(connection, edit, state=FollowUpState.WITHDREW)


def erase_again(connection: sa.Connection, edit: Edit, *, on_request: bool) -> None:
    """Erase what was erased before and came back with a backup, as it was: on request, or by its age."""
    _erase(connection, edit, **({"state": FollowUpState.WITHDREW} if on_request else {}))


def erase_unworked(
    connection: sa.Connection, *, since: datetime, at: datetime, by: str, limit: int
) -> list[tuple[str, int]]:
    """Erase up to *limit* submissions without work *since* then; each keeps its last state.

    Returns their references and arrivals, in order of arrival. Age is the only criterion: the same for everyone. A
    follow-up that another transaction is changing is left for the next run.
    """
    query = (
        sa.select(Submission.reference, Submission.arrival, Submission.id, FollowUp.version)
        .join(FollowUp, FollowUp.submission_id == Submission.id)
        .where(Submission.erased_at.is_(None), FollowUp.changed_at < since)
        .order_by(Submission.arrival)
        .limit(limit)
        .with_for_update(of=FollowUp.__table__, skip_locked=True)
    )
    rows = connection.execute(query).all()
    for row in rows:
        _erase(connection, Edit(row.id, row.version, by, at))
    return [(row.reference, row.arrival) for row in rows]


def _erase(connection: sa.Connection, edit: Edit, **changes: FollowUpState) -> None:
    service.apply(connection, edit, kind=EventKind.ERASED, assignee=None, next_action_at=None, **changes)
    erase_boxes(connection, edit.submission_id, at=edit.at)
    erase_notes(connection, edit.submission_id)
