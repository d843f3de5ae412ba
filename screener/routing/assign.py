"""Assign new submissions to coordinators, and enqueue the email that says so, in one transaction."""

from datetime import datetime

import sqlalchemy as sa

from screener import audit
from screener.follow_up import service as follow_up
from screener.follow_up.models import FollowUp
from screener.follow_up.service import Edit
from screener.follow_up.states import EventKind
from screener.follow_up.states import FollowUpState
from screener.mail import outbox
from screener.mail.messages.arrived import FormsArrived
from screener.routing import rules
from screener.staff import directory
from screener.study.model import RoutingRules
from screener.submissions.envelope import Envelope
from screener.submissions.models import Submission
from screener.submissions.reference import derive_reference

_ENVELOPE = tuple(Envelope.__dataclass_fields__)


def assign_submission(
    connection: sa.Connection, envelope: Envelope, by: RoutingRules, *, at: datetime, version: int = 1
) -> bool:
    """Assign *envelope* to a coordinator and enqueue the email; False when there is no coordinator yet.

    *version* is that of its follow-up: 1 for a new submission.
    """
    chosen = rules.choose_assignee(envelope, directory.list_coordinators(connection), by)
    if chosen is None:
        return False
    reference = derive_reference(envelope.id)
    edit = Edit(envelope.id, version, outbox.ACTOR, at)
    given = {"state": FollowUpState.ASSIGNED, "assignee": chosen.id, "told_at": at}
    follow_up.apply(connection, edit, kind=EventKind.ASSIGNED, **given)
    directory.record_turn(connection, chosen.id, at=at)
    audit.record(
        connection,
        actor=outbox.ACTOR,
        action="worker:submission:assigned",
        subject=reference,
        detail={"to": chosen.email},
        at=at,
    )
    # After the event, as everywhere: two transactions that lock trail and outbox in two orders wait for each other.
    outbox.enqueue(connection, FormsArrived(reference=reference), chosen.id, at=at)
    return True


def assign_waiting(connection: sa.Connection, by: RoutingRules, *, at: datetime, limit: int) -> int:
    """Assign up to *limit* new submissions that have no assignee, the oldest first; returns how many it assigned."""
    if not directory.list_coordinators(connection):
        return 0
    table = Submission.__table__
    query = (
        sa.select(*(table.c[name] for name in _ENVELOPE), FollowUp.version)
        .join(FollowUp, FollowUp.submission_id == table.c.id)
        .where(FollowUp.told_at.is_(None), FollowUp.state == FollowUpState.NEW, table.c.erased_at.is_(None))
        .order_by(table.c.arrival)
        .limit(limit)
        .with_for_update(of=FollowUp.__table__, skip_locked=True)
    )
    assigned = 0
    for row in connection.execute(query).mappings().all():
        envelope = Envelope(**{name: row[name] for name in _ENVELOPE})
        assigned += assign_submission(connection, envelope, by, at=at, version=row["version"])
    return assigned
