"""Routing: in the transaction that makes a follow-up, it gets an assignee, and the assignee is owed a letter."""

from datetime import datetime

import sqlalchemy as sa

from screener import audit
from screener.follow_up import events
from screener.follow_up.transitions import GIVEN
from screener.mail import outbox
from screener.routing import rules
from screener.staff import directory
from screener.study.model import Routing
from screener.submissions.envelope import Envelope
from screener.submissions.reference import reference_of
from screener.submissions.store import ASSIGNED
from screener.submissions.store import NEW
from screener.submissions.store import FollowUp
from screener.submissions.store import Submission

_ENVELOPE = tuple(Envelope.__dataclass_fields__)


def route(connection: sa.Connection, envelope: Envelope, by: Routing, *, at: datetime) -> bool:
    """Give *envelope* to a coordinator and owe the letter; False when there is no coordinator yet."""
    chosen = rules.assignee(envelope, directory.list_coordinators(connection), by)
    if chosen is None:
        return False
    reference = reference_of(envelope.id)
    _assign(connection, envelope.id, chosen.id, at=at)
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


def _assign(connection: sa.Connection, submission_id: bytes, to: str, *, at: datetime) -> None:
    mine = FollowUp.submission_id == submission_id
    before = connection.execute(sa.select(FollowUp.__table__).where(mine).with_for_update()).one()
    after = {"state": ASSIGNED, "assignee": to}
    made = {"told_at": at, "changed_at": at, "version": before.version + 1}
    connection.execute(sa.update(FollowUp).where(mine).values(**after, **made))
    change = events.Change(submission_id, before.version + 1, at, outbox.ACTOR, GIVEN)
    events.leave(connection, change, before, after)


def sweep(connection: sa.Connection, by: Routing, *, at: datetime, limit: int) -> int:
    """Route up to *limit* new submissions that nobody was told about, the oldest first; returns how many were."""
    if not directory.list_coordinators(connection):
        return 0
    table = Submission.__table__
    query = (
        sa.select(*(table.c[name] for name in _ENVELOPE))
        .join(FollowUp, FollowUp.submission_id == table.c.id)
        .where(FollowUp.told_at.is_(None), FollowUp.state == NEW, table.c.erased_at.is_(None))
        .order_by(table.c.arrival)
        .limit(limit)
    )
    found = [Envelope(**row) for row in connection.execute(query).mappings()]
    return sum(route(connection, envelope, by, at=at) for envelope in found)
