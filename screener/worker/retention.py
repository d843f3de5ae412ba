"""Retention jobs: announce what is to be erased by age, erase what was announced, and scrub it out of the files.

The promise of the privacy page: a submission that was not worked on for the period that its form promised is erased.
"""

import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.board.board import WORKER
from screener.db import scrub
from screener.db import writing
from screener.errors import UnavailableError
from screener.follow_up.erasure import erase_by_age
from screener.follow_up.service import Edit
from screener.mail.lead_notices import enqueue_in_transaction
from screener.mail.messages.arrived import MOST_FORMS
from screener.mail.messages.erasures_announced import ErasuresAnnounced
from screener.retention import schedule
from screener.retention import stops
from screener.retention.models import StopKind
from screener.retention.run_time import read_run_seconds
from screener.worker.context import SUBMISSIONS_PER_BATCH
from screener.worker.context import JobContext
from screener.worker.context import log

#: Announcements a transaction; each is one small row.
ANNOUNCEMENTS_PER_BATCH = 500


def announce_erasures(context: JobContext) -> None:
    """Announce what is to be erased within the next days, and tell it; nothing while the clock is in doubt.

    Raises *UnavailableError*.
    """
    while _may_look(context) and _announce_batch(context):
        context.tick()


def erase_announced(context: JobContext) -> None:
    """Erase what was announced, whose day has come, and that needs no decision; nothing after a stop.

    More than one day's share stops erasing until a person confirms. Raises *UnavailableError*.
    """
    while _may_look(context) and _erase_batch(context):
        log.info("submissions erased by age")
        context.tick()


def _may_look(context: JobContext) -> bool:
    """Whether the clock was compared just now, and found to be right; a doubt is stored by that."""
    context.clock_watch.check()
    return not context.stopped.is_set() and context.clock_watch.is_compared


def _announce_batch(context: JobContext) -> int:
    now = clock.now()
    with writing(context.store) as connection:
        stops.lock_retention(connection)
        if any(stop.kind in stops.CLOCK_KINDS for stop in stops.list_open_stops(connection)):
            return 0
        run_seconds = read_run_seconds(connection)
        schedule.delete_outdated(connection, run_seconds=run_seconds)
        due = schedule.find_unannounced(connection, at=now, limit=ANNOUNCEMENTS_PER_BATCH)
        if due:
            announced = schedule.store_announcements(connection, due, at=now, run_seconds=run_seconds)
            _tell(connection, announced)
    return len(due)


def _tell(connection: sa.Connection, announced: list[schedule.PlannedErasure]) -> None:
    now = clock.now()
    number, undecided = len(announced), sum(one.is_undecided for one in announced)
    detail = {"number": number, "undecided": undecided}
    audit.record(connection, actor=WORKER, action="worker:retention:announced", detail=detail, at=now)
    first_day = min(one.erase_at for one in announced).date()
    message = ErasuresAnnounced(
        number=min(number, MOST_FORMS), undecided=min(undecided, MOST_FORMS), first_day=first_day
    )
    enqueue_in_transaction(connection, message, at=now)


def _erase_batch(context: JobContext) -> int:
    now = clock.now()
    with writing(context.store) as connection:
        stops.lock_retention(connection)
        if stops.list_open_stops(connection):
            return 0
        run_seconds = read_run_seconds(connection)
        number, lately = schedule.count_ready(connection, at=now, run_seconds=run_seconds)
        if number and number + lately > stops.read_daily_limit(connection, erased=lately):
            stops.raise_stop(connection, StopKind.RETENTION, source="worker", actor=WORKER, at=now, number=number)
            return 0
        rows = schedule.lock_ready(connection, at=now, run_seconds=run_seconds, limit=SUBMISSIONS_PER_BATCH)
        for row in rows:
            erase_by_age(connection, Edit(row.id, row.version, WORKER, now))
            audit.record(
                connection,
                actor=WORKER,
                action="worker:submission:erased",
                subject=row.reference,
                detail={"arrival": row.arrival, "reason": f"{row.days} days without work"},
                at=now,
            )
        schedule.mark_erased(connection, [row.id for row in rows], run_seconds=run_seconds)
    return len(rows)


def scrub_files(context: JobContext) -> None:
    """Take what was erased out of the files of store and inbox, also what an earlier worker left there."""
    _is_scrubbed(context.store)
    context.inbox_needs_scrub = not _is_scrubbed(context.inbox)


def scrub_inbox(context: JobContext) -> None:
    """Take what was moved out of the inbox's files; tried again while a reader is in the way."""
    if context.inbox_needs_scrub:
        context.inbox_needs_scrub = not _is_scrubbed(context.inbox)


def _is_scrubbed(engine: sa.Engine) -> bool:
    """Scrub the files of *engine*; False while a reader keeps them. PostgreSQL vacuums by itself."""
    if engine.dialect.name != "sqlite":
        return True
    try:
        scrub(engine, "")
    except UnavailableError:
        return False
    return True
