"""Receiving a submission into the store: the row, its arrival number, and the follow-up that goes with it."""

from datetime import datetime

import sqlalchemy as sa

from screener.follow_up import service
from screener.submissions.envelope import SealedSubmission
from screener.submissions.writes import save_submission


def receive_submission(connection: sa.Connection, sealed: SealedSubmission, *, at: datetime) -> int | None:
    """Save *sealed* and create its follow-up; returns its arrival number, None when it is stored or was erased."""
    arrival = save_submission(connection, sealed, at=at)
    if arrival is not None:
        service.create(connection, sealed.envelope.id, arrival, at=at)
    return arrival
