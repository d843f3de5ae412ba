"""What the worker does once a day or once a year: write the audit trail to files, remind of a drill of the backups."""

from datetime import timedelta

import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.audit_files import export_trail
from screener.board.board import WORKER
from screener.db import reading
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.mail.lead_notices import enqueue_for_leads
from screener.mail.messages.drill_due import DrillDue
from screener.worker.context import JobContext

#: A little less than a day, so that the time of day does not wander.
EXPORT_INTERVAL = timedelta(hours=23, minutes=30)
DRILL_INTERVAL = timedelta(days=365)
#: What begins the year anew: a drill, or a new recovery key.
_DRILLED = ("cli:backup:tried", "cli:recovery:created")


def export_audit_trail(context: JobContext) -> None:
    """Write the events of the last day into ``SCREENER_AUDIT_FOLDER``, if it is set.

    Raises *UnavailableError*, also when the folder cannot be written or holds the trail of another store.
    """
    folder = context.settings.audit_folder
    if folder is None:
        return
    with reading(context.store) as connection:
        last = audit.last_recorded(connection, "worker:audit:exported")
    if last is not None and clock.now() - last < EXPORT_INTERVAL:
        return
    try:
        export_trail(context.store, folder, actor=WORKER, source="worker")
    except UserError as problem:
        raise UnavailableError(str(problem)) from None


def remind_of_drill(context: JobContext) -> None:
    """Remind leads and administrators, once a month, when no backup was tried for a year. Raises *UnavailableError*."""
    now = clock.now()
    with reading(context.store) as connection:
        last = audit.last_recorded(connection, *_DRILLED) or connection.scalar(
            sa.select(audit.EVENTS.c.at).where(audit.EVENTS.c.seq == 1)
        )
    if last is None or now - last < DRILL_INTERVAL:
        return
    enqueue_for_leads(context.store, DrillDue(last_day=last.date(), month=int(f"{now:%Y%m}")), at=now)
