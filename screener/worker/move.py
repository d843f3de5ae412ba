"""Move submissions from the inbox to the store, unopened, and route those that are new.

A submission is kept first and leaves the inbox after, and keeping is repeatable by id: so the worker may be killed at
any instruction and start again, and several workers may run at once.

    inbox ──take──▶ keep + follow-up + audit event, one transaction ──remove──▶ (inbox is empty again)
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.board.board import WORKER
from screener.db import writing
from screener.errors import UserError
from screener.follow_up.receipt import receive_submission
from screener.routing import assign as routing
from screener.study.loader import load_study
from screener.study.model import RoutingRules
from screener.submissions import inbox
from screener.submissions.box_digest import digest_box
from screener.submissions.envelope import SealedSubmission
from screener.submissions.reference import derive_reference
from screener.worker.context import SUBMISSIONS_PER_BATCH
from screener.worker.context import JobContext
from screener.worker.context import log


def move_submissions(context: JobContext) -> None:
    """Move everything that waits in the inbox, a batch a transaction. Raises *UnavailableError*."""
    while not context.stopped.is_set() and (batch := inbox.fetch_batch(context.inbox, SUBMISSIONS_PER_BATCH)):
        context.moved += _move_batch(context, batch)
        context.tick()


def route_unassigned(context: JobContext) -> None:
    """Route submissions that came while there was no coordinator to assign them to. Raises *UnavailableError*."""
    rules = _routing_rules(context)
    while not context.stopped.is_set():
        with writing(context.store) as connection:
            if not routing.assign_waiting(connection, rules, at=clock.now(), limit=SUBMISSIONS_PER_BATCH):
                return


def _move_batch(context: JobContext, batch: Sequence[SealedSubmission]) -> int:
    now = clock.now()
    new = 0
    rules = _routing_rules(context)
    with writing(context.store) as connection:
        for sealed in batch:
            arrival = receive_submission(connection, sealed, at=now)
            if arrival is None:
                continue
            new += 1
            _record_receipt(connection, sealed, arrival, at=now)
            routing.assign_submission(connection, sealed.envelope, rules, at=now)
    inbox.delete_submissions(context.inbox, [sealed.envelope.id for sealed in batch])
    context.inbox_needs_scrub = True
    return new


def _record_receipt(connection: sa.Connection, sealed: SealedSubmission, arrival: int, *, at: datetime) -> None:
    envelope = sealed.envelope
    audit.record(
        connection,
        actor=WORKER,
        action="worker:submission:received",
        subject=derive_reference(envelope.id),
        detail={
            "arrival": arrival,
            "wording": envelope.wording_version,
            "envelope": envelope.digest(),
            "contact_box": digest_box(sealed.contact),
            "answers_box": digest_box(sealed.answers),
        },
        at=at,
    )


def _routing_rules(context: JobContext) -> RoutingRules:
    """The study's rules; the default rules while its study file cannot be read."""
    try:
        return load_study(context.settings.study).routing
    except UserError as problem:
        log.warning("routed by the default rules", extra={"reason": str(problem)})
        return RoutingRules()
