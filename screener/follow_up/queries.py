"""Reading submissions with the state of their follow-up: in order of arrival, by reference, and open work counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener.follow_up.models import FollowUp
from screener.submissions.envelope import Envelope
from screener.submissions.models import Submission

_ENVELOPE = tuple(Envelope.__dataclass_fields__)


@dataclass(frozen=True)
class StoredSubmission:
    """A submission as it is stored; its boxes are None once it was erased."""

    arrival: int
    reference: str
    envelope: Envelope
    #: The state of its follow-up, a *FollowUpState*.
    state: str
    #: The version of its follow-up.
    version: int
    contact_box: bytes | None
    answers_box: bytes | None
    erased_at: datetime | None


def iterate_submissions(connection: sa.Connection, *, after: int = 0, batch: int = 500) -> Iterator[StoredSubmission]:
    """Every submission that arrived after number *after*, in order of arrival, a *batch* in memory at a time."""
    while True:
        query = _query().where(Submission.arrival > after).order_by(Submission.arrival).limit(batch)
        rows = connection.execute(query).all()
        for row in rows:
            yield _stored(row)
        if len(rows) < batch:
            return
        after = rows[-1].arrival


def find_submissions(connection: sa.Connection, reference: str) -> list[StoredSubmission]:
    """The submissions with this *reference*: one, none, or by a rare accident two."""
    return [_stored(row) for row in connection.execute(_query().where(Submission.reference == reference))]


def count_open_follow_ups(connection: sa.Connection, account_id: str) -> int:
    """The number of open follow-ups that are assigned to an account."""
    is_theirs = FollowUp.assignee == account_id, FollowUp.ended_at.is_(None)
    return connection.scalar(sa.select(sa.func.count()).select_from(FollowUp).where(*is_theirs)) or 0


def _query() -> sa.Select[Any]:
    columns = *Submission.__table__.c, FollowUp.state, FollowUp.version
    return sa.select(*columns).join(FollowUp, FollowUp.submission_id == Submission.id)


def _stored(row: Any) -> StoredSubmission:
    envelope = Envelope(**{name: getattr(row, name) for name in _ENVELOPE})
    names = [name for name in StoredSubmission.__dataclass_fields__ if name != "envelope"]
    return StoredSubmission(envelope=envelope, **{name: getattr(row, name) for name in names})
