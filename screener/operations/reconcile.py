"""Reconcile the store with the audit trail: find a submission that was removed or changed behind the application.

The trail records what was done through the application. A database administrator could delete a submission or change
its envelope and leave the trail alone; so the two are compared in the order of arrival.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa

from screener import audit
from screener.follow_up.models import FollowUp
from screener.submissions.envelope import Envelope
from screener.submissions.models import Submission
from screener.submissions.reference import derive_reference

RECEIVED = "worker:submission:received"
ERASED = ":submission:erased"


def find_first_discrepancy(connection: sa.Connection) -> str:
    """Describe the first submission that does not agree with the trail, as the rest of a sentence; "" when all do."""
    pairs = zip_longest(_received_events(connection), _stored_submissions(connection))
    for arrival, (event, stored) in enumerate(pairs, start=1):
        if stored is None or (event is not None and stored.arrival != arrival):
            return f"arrival {arrival} ({event.subject if event else 'unknown'}) is missing"
        if event is None:
            return f"arrival {arrival} ({stored.reference}) was never received"
        if difference := _describe_difference(event, stored, arrival):
            return f"arrival {arrival} ({event.subject}) {difference}"
    return ""


def _describe_difference(event: Any, stored: Any, arrival: int) -> str:
    detail = json.loads(event.detail)
    envelope = Envelope(**{name: getattr(stored, name) for name in Envelope.__dataclass_fields__})
    agrees = (stored.reference, detail.get("arrival")) == (event.subject, arrival)
    if not agrees or derive_reference(stored.id) != event.subject:
        return "has another reference or number"
    if "envelope" in detail and detail["envelope"] != envelope.digest():
        return "has an envelope that was changed"
    if stored.state is None:
        return "has lost its follow-up"
    if (stored.erased_at is None) == (stored.erasures > 0):
        return "was erased without an event" if stored.erased_at else "is there, though the trail says it was erased"
    return ""


def _received_events(connection: sa.Connection) -> Iterator[Any]:
    events = audit.EVENTS.c
    query = sa.select(events.subject, events.detail).where(events.action == RECEIVED).order_by(events.seq)
    yield from _rows(connection, query)


def _stored_submissions(connection: sa.Connection) -> Iterator[Any]:
    events, table = audit.EVENTS.c, Submission.__table__
    erasures = (
        sa.select(sa.func.count())
        .where(events.subject == table.c.reference, events.action.endswith(ERASED))
        .scalar_subquery()
    )
    columns = [column for column in table.c if column.name not in ("contact_box", "answers_box")]
    query = (
        sa.select(*columns, FollowUp.state, erasures.label("erasures"))
        .outerjoin(FollowUp, FollowUp.submission_id == Submission.id)
        .order_by(Submission.arrival)
    )
    yield from _rows(connection, query)


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Any]:
    with closing(connection.execute(query, execution_options={"yield_per": 1000})) as rows:
        yield from rows
