"""Stops: erasing by age and in bulk ends in every process until a person confirms (``screener retention confirm``).

A stop is stored, reported to study leads and administrators, and shown at the desk. Erasing one submission on a
participant's request never asks here.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from screener import audit
from screener.db import serialize_transactions
from screener.mail.lead_notices import enqueue_in_transaction
from screener.mail.messages.erasure_stopped import ErasureStopped
from screener.retention.models import ErasureAnnouncement
from screener.retention.models import ErasureStop
from screener.retention.models import StopKind
from screener.retention.models import WorkerRunTime
from screener.submissions.models import Submission

#: One day's share: of the submissions that are kept, so many in a hundred, and never fewer than the second.
DAILY_SHARE_PERCENT = 5
LEAST_DAILY_LIMIT = 25
#: An email's number ends here; more is said as so many.
MOST_TOLD = 99_999

#: The audit action of a stop, by the process that raised it.
_STOPPED = {
    "worker": "worker:retention:stopped",
    "desk": "desk:retention:stopped",
    "cli": "cli:retention:stopped",
}
CLOCK_KINDS = (StopKind.CLOCK_BACK, StopKind.CLOCK_AHEAD, StopKind.CLOCK_STILL)
#: What happened, for the command line and the desk.
STOP_SENTENCES = {
    StopKind.CLOCK_BACK: "The clock of the server went back.",
    StopKind.CLOCK_AHEAD: "The clock of the server jumped ahead, or the worker did not run for days.",
    StopKind.CLOCK_STILL: "The clock of the server stood still.",
    StopKind.RETENTION: "Many more forms are due to be erased than on a usual day.",
    StopKind.BULK_ACT: "Many more forms were asked for at once than one day's share.",
}


def lock_retention(connection: sa.Connection) -> None:
    """Let one transaction at a time announce, stop or erase by age."""
    serialize_transactions(connection, "retention")


def list_open_stops(connection: sa.Connection) -> Sequence[ErasureStop]:
    """The stops that no person has confirmed, the oldest first."""
    table = ErasureStop.__table__
    query = sa.select(table).where(table.c.confirmed_at.is_(None)).order_by(table.c.id)
    return [ErasureStop(**row) for row in connection.execute(query).mappings()]


def read_daily_limit(connection: sa.Connection, *, erased: int = 0) -> int:
    """How many submissions may be erased in one day by age, or at once by a person, without a confirmation.

    *erased* of them are gone already, and count as kept.
    """
    kept = sa.select(sa.func.count()).select_from(Submission).where(Submission.erased_at.is_(None))
    return max(LEAST_DAILY_LIMIT, ((connection.scalar(kept) or 0) + erased) * DAILY_SHARE_PERCENT // 100)


def raise_stop(
    connection: sa.Connection,
    kind: StopKind,
    *,
    source: str,
    actor: str,
    at: datetime,
    number: int = 0,
    reference_at: datetime | None = None,
) -> bool:
    """Store a stop, record and tell it; False when one of this *kind* is open already.

    *source* is ``worker``, ``desk`` or ``cli``.
    """
    lock_retention(connection)
    is_open = ErasureStop.kind == kind, ErasureStop.confirmed_at.is_(None)
    if connection.scalar(sa.select(ErasureStop.id).where(*is_open)) is not None:
        return False
    stop = (connection.scalar(sa.select(sa.func.max(ErasureStop.id))) or 0) + 1
    row = {"id": stop, "kind": kind, "raised_at": at, "reference_at": reference_at, "number": number}
    connection.execute(sa.insert(ErasureStop).values(row))
    audit.record(connection, actor=actor, action=_STOPPED[source], detail={"stop": kind, "number": number}, at=at)
    message = ErasureStopped(stop=stop, cause=kind, number=min(number, MOST_TOLD))
    enqueue_in_transaction(connection, message, at=at)
    return True


def confirm_stops(connection: sa.Connection, *, actor: str, at: datetime) -> Sequence[ErasureStop]:
    """End every open stop on the word of *actor*; what is due at *at* no longer counts against the daily limit.

    The clock is taken as right from now on. Returns the stops that were ended.
    """
    lock_retention(connection)
    stops = list_open_stops(connection)
    if any(stop.kind == StopKind.RETENTION for stop in stops):
        is_due = ErasureAnnouncement.erase_at <= at, ErasureAnnouncement.erased_run_seconds.is_(None)
        connection.execute(sa.update(ErasureAnnouncement).where(*is_due).values(confirmed_at=at))
    confirmed = {"confirmed_at": at, "confirmed_by": actor}
    connection.execute(sa.update(ErasureStop).where(ErasureStop.confirmed_at.is_(None)).values(confirmed))
    connection.execute(sa.update(WorkerRunTime).values(seen_at=at))
    for stop in stops:
        detail: dict[str, str | int] = {"stop": stop.kind, "number": stop.number}
        audit.record(connection, actor=actor, action="cli:retention:confirmed", detail=detail, at=at)
    return stops
