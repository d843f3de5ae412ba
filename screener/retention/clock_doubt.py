"""Whether the clock fits what was stored last: the last heartbeat, the last count of run time, the last audit event."""

from datetime import datetime
from datetime import timedelta

import sqlalchemy as sa

from screener import audit
from screener.retention.models import StopKind
from screener.retention.models import WorkerRunTime

#: Behind what was stored, or behind monotonic time, by more than this: it went back, or stands still.
LONGEST_BEHIND = timedelta(minutes=10)
#: Ahead by more than this: it jumped, or the worker did not run. A long weekend without power is no doubt.
LONGEST_AHEAD = timedelta(days=4)


def find_clock_doubt(
    connection: sa.Connection, *, heartbeat_at: datetime | None, now: datetime
) -> tuple[StopKind, datetime] | None:
    """Why *now* is doubtful and the stored time that it was compared with; None when it fits.

    Ahead is measured from the worker's own times only: a deployment may rest before its first worker starts.
    """
    seen_at = connection.scalar(sa.select(WorkerRunTime.seen_at))
    ran_at = max((at for at in (heartbeat_at, seen_at) if at), default=None)
    events = [event.at for event in audit.newest(connection, limit=1)]
    stored_at = max((at for at in (ran_at, *events) if at), default=None)
    if stored_at and now < stored_at - LONGEST_BEHIND:
        return StopKind.CLOCK_BACK, stored_at
    if ran_at and now > ran_at + LONGEST_AHEAD:
        return StopKind.CLOCK_AHEAD, ran_at
    return None
