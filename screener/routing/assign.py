"""Routing: in the transaction that makes a follow-up, it gets an assignee, and the assignee is owed a letter."""

from datetime import datetime

import sqlalchemy as sa

from screener import audit
from screener.follow_up import service as follow_up
from screener.follow_up.models import FollowUp
from screener.follow_up.service import Edit
from screener.follow_up.states import EventKind
from screener.follow_up.states import FollowUpState
from screener.mail import outbox
from screener.routing import rules
from screener.staff import directory
from screener.study.model import Routing
from screener.submissions.envelope import Envelope
from screener.submissions.reference import reference_of
from screener.submissions.store import Submission

_ENVELOPE = tuple(Envelope.__dataclass_fields__)


def route(connection: sa.Connection, envelope: Envelope, by: Routing, *, at: datetime, version: int = 1) -> bool:
    """Give *envelope* to a coordinator and owe the letter; False when there is no coordinator yet.

    *version* is that of its follow-up: 1 for a new submission.
    """
    chosen = rules.assignee(envelope, directory.list_coordinators(connection), by)
    if chosen is None:
        return False
    reference = reference_of(envelope.id)
    edit = Edit(envelope.id, version, outbox.ACTOR, at)
    given = {"state": FollowUpState.ASSIGNED, "assignee": chosen.id, "told_at": at}
    follow_up.apply(connection, edit, kind=EventKind.ASSIGNED, **given)
    directory.record_turn(connection, chosen.id, at=at)
    outbox.owe(connection, chosen.id, reference, at=at)
    audit.record(
        connection,
        actor=outbox.ACTOR,
        action="worker:submission:assigned",
        subject=reference,
        detail={"to": chosen.email},
        at=at,
    )
    return True


def sweep(connection: sa.Connection, by: Routing, *, at: datetime, limit: int) -> int:
    """Route up to *limit* new submissions that nobody was told about, the oldest first; returns how many were."""
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
    routed = 0
    for row in connection.execute(query).mappings().all():
        envelope = Envelope(**{name: row[name] for name in _ENVELOPE})
        routed += route(connection, envelope, by, at=at, version=row["version"])
    return routed
