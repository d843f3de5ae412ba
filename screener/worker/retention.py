"""Retention: erase submissions by age, and scrub what was erased out of the database files.

The promise of the privacy page: a submission that nobody has worked on for the study's retention period is erased.
"""

from datetime import timedelta

import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.board.board import WORKER
from screener.db import scrub
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.follow_up.erasure import erase_unworked
from screener.study.loader import load_study
from screener.worker.context import SUBMISSIONS_PER_BATCH
from screener.worker.context import JobContext
from screener.worker.context import log


def erase_by_age(context: JobContext) -> None:
    """Erase what has had no work for the retention period; a study file with a mistake erases nothing.

    Raises *UnavailableError*.
    """
    try:
        days = load_study(context.settings.study).retention.days
    except UserError as problem:
        log.warning("nothing erased by age", extra={"reason": str(problem)})
        return
    while not context.stopped.is_set() and _erase_batch(context, days):
        log.info("submissions erased by age")


def _erase_batch(context: JobContext, days: int) -> int:
    now = clock.now()
    with writing(context.store) as connection:
        since = now - timedelta(days=days)
        erased = erase_unworked(connection, since=since, at=now, by=WORKER, limit=SUBMISSIONS_PER_BATCH)
        for reference, arrival in erased:
            audit.record(
                connection,
                actor=WORKER,
                action="worker:submission:erased",
                subject=reference,
                detail={"arrival": arrival, "reason": f"{days} days without work"},
            )
    return len(erased)


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
