"""The worker's jobs: what it does, how often, and in which order.

To add one, write a function that takes a *JobContext* and give it a line in *JOBS*. A job may be killed at any
instruction and must be safe to run again, and beside the same job of another worker.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from screener import audit
from screener import clock
from screener.board import board
from screener.board.board import WORKER
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.mail.approval_warnings import enqueue_approval_warnings
from screener.mail.delivery import deliver_due
from screener.staff.directory import list_coordinators
from screener.staff.sessions import remove_old_sessions
from screener.study.approved_content import canonical_json
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.submissions import inbox
from screener.submissions import queries
from screener.submissions import writes
from screener.worker.audit_head import send_audit_head
from screener.worker.context import JobContext
from screener.worker.context import log
from screener.worker.move import move_submissions
from screener.worker.move import route_unassigned
from screener.worker.reminders import export_audit_trail
from screener.worker.reminders import remind_of_drill
from screener.worker.retention import announce_erasures
from screener.worker.retention import erase_announced
from screener.worker.retention import scrub_files
from screener.worker.retention import scrub_inbox
from screener.worker.watches import watch_arrivals
from screener.worker.watches import watch_disk_space

EVERY_ROUND = timedelta()
ONCE = timedelta.max


@dataclass(frozen=True)
class Job:
    """A periodic job: its name in the log, the time between two runs, and the function that runs it."""

    name: str
    every: timedelta
    run: Callable[[JobContext], object]
    #: Whether it also runs between two batches of a longer job.
    interrupts: bool = False


def watch_clock(context: JobContext) -> None:
    """Compare the clock, and count the run time. Raises *UnavailableError*."""
    context.clock_watch.check()


def keep_served_wordings(context: JobContext) -> None:
    """Keep the wordings that this deployment serves; a study file that cannot be read stops nothing else.

    Raises *UnavailableError*.
    """
    folder = context.settings.study
    try:
        study = load_study(folder)
        wordings = [load_wording(folder, study, locale) for locale in list_locales(folder)]
    except UserError as problem:
        log.warning("wording not kept", extra={"reason": str(problem)})
        return
    with writing(context.store) as connection:
        for words in wordings:
            content = canonical_json(words.content)
            if writes.save_wording(connection, words.version, words.locale, study.id, content, clock.now()):
                detail = {"locale": words.locale}
                audit.record(
                    connection, actor=WORKER, action="worker:wording:kept", subject=words.version, detail=detail
                )


def publish_heartbeat(context: JobContext) -> None:
    """Publish the heartbeat and how many coordinators can be notified. Raises *UnavailableError* for the board only."""
    number = _count_coordinators(context)
    with writing(context.board) as connection:
        board.record_heartbeat(connection, clock.now(), coordinators=number)


def _count_coordinators(context: JobContext) -> int | None:
    """How many coordinators can be notified; None while the store is away, which is no reason to be taken for dead."""
    try:
        with reading(context.store) as connection:
            return len(list_coordinators(connection))
    except UnavailableError:
        return None


def warn_of_ending_approvals(context: JobContext) -> None:
    """Put the warnings that are due into the outbox. Raises *UnavailableError*."""
    with reading(context.store) as connection:
        recorded = queries.list_approvals(connection)
    enqueue_approval_warnings(context.store, recorded, at=clock.now())


def deliver_mail(context: JobContext) -> None:
    """Send the email that is due. Raises *UnavailableError* for the store only."""
    deliver_due(context.settings, context.store)


def forget_old_sessions(context: JobContext) -> None:
    """Remove the rows of sessions that ended by their age. Raises *UnavailableError*."""
    with writing(context.store) as connection:
        remove_old_sessions(connection, at=clock.now())


def report_unreadable_rows(context: JobContext) -> None:
    """Log how many rows of the inbox are no submissions. Raises *UnavailableError*."""
    if number := inbox.count_unreadable_rows(context.inbox):
        log.warning("inbox rows that are not submissions were left there", extra={"count": number})


#: In the order in which they run. The clock is compared before the first heartbeat, which is one of the times that it
#: is compared with; the wordings come before the heartbeat because it opens the form.
JOBS = (
    Job("watch clock", EVERY_ROUND, watch_clock, interrupts=True),
    Job("keep wordings", ONCE, keep_served_wordings),
    Job("heartbeat", timedelta(seconds=5), publish_heartbeat, interrupts=True),
    Job("move submissions", EVERY_ROUND, move_submissions),
    Job("route unassigned", timedelta(minutes=1), route_unassigned),
    Job("approval warnings", timedelta(minutes=1), warn_of_ending_approvals),
    Job("disk space", timedelta(minutes=1), watch_disk_space),
    Job("arrivals", timedelta(minutes=10), watch_arrivals),
    Job("deliver mail", EVERY_ROUND, deliver_mail),
    Job("audit head", timedelta(hours=1), send_audit_head),
    Job("announce erasures", timedelta(hours=1), announce_erasures),
    Job("retention", timedelta(hours=1), erase_announced),
    Job("old sessions", timedelta(hours=1), forget_old_sessions),
    Job("export audit trail", timedelta(minutes=30), export_audit_trail),
    Job("drill reminder", timedelta(hours=1), remind_of_drill),
    Job("unreadable rows", timedelta(hours=1), report_unreadable_rows),
    Job("scrub files", timedelta(hours=1), scrub_files),
    Job("scrub inbox", timedelta(seconds=5), scrub_inbox, interrupts=True),
)
