"""Erasure: a submission's boxes and notes go; its envelope, its events and that it was erased stay."""

import sqlalchemy as sa

from screener.follow_up import service
from screener.follow_up.notes import erase_notes
from screener.follow_up.service import Edit
from screener.follow_up.states import EventKind
from screener.follow_up.states import FollowUpState
from screener.submissions.writes import erase_boxes


def erase_on_request(connection: sa.Connection, edit: Edit) -> None:
    """Erase what a person sent, on their word: the follow-up ends as withdrawn."""
    _erase(connection, edit, state=FollowUpState.WITHDREW)


def erase_again(connection: sa.Connection, edit: Edit, *, on_request: bool) -> None:
    """Erase what was erased before and came back with a backup, as it was: on request, or by its age."""
    _erase(connection, edit, **({"state": FollowUpState.WITHDREW} if on_request else {}))


def erase_by_age(connection: sa.Connection, edit: Edit) -> None:
    """Erase what has had no work for its retention period; the follow-up keeps its last state.

    ``screener.retention`` says which submissions, and when.
    """
    _erase(connection, edit)


def _erase(connection: sa.Connection, edit: Edit, **changes: FollowUpState) -> None:
    service.apply(connection, edit, kind=EventKind.ERASED, assignee=None, next_action_at=None, **changes)
    erase_boxes(connection, edit.submission_id, at=edit.at)
    erase_notes(connection, edit.submission_id)
