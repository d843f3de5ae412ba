"""Whether the store still holds what the audit trail says that it was given.

The trail shows what was done through us. Somebody with every right over the database could take a submission out, or
change its envelope, and leave the trail alone; so the two are laid side by side, in the order of arrival.
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
from screener.submissions.reference import reference_of
from screener.submissions.store import Submission

RECEIVED = "worker:submission:received"
ERASED = ":submission:erased"


def first_astray(connection: sa.Connection) -> str:
    """The first submission that does not agree with the trail, as the rest of a sentence; empty when all do."""
    for arrival, (told, kept) in enumerate(zip_longest(_told(connection), _kept(connection)), start=1):
        if kept is None or (told is not None and kept.arrival != arrival):
            return f"arrival {arrival} ({told.subject if told else 'unknown'}) is missing"
        if told is None:
            return f"arrival {arrival} ({kept.reference}) was never received"
        if why := _fault(told, kept, arrival):
            return f"arrival {arrival} ({told.subject}) {why}"
    return ""


def _fault(told: Any, kept: Any, arrival: int) -> str:
    detail = json.loads(told.detail)
    envelope = Envelope(**{name: getattr(kept, name) for name in Envelope.__dataclass_fields__})
    if (kept.reference, detail.get("arrival")) != (told.subject, arrival) or reference_of(kept.id) != told.subject:
        return "has another reference or number"
    if "envelope" in detail and detail["envelope"] != envelope.digest():
        return "has an envelope that was changed"
    if kept.state is None:
        return "has lost its follow-up"
    if (kept.erased_at is None) == (kept.erasures > 0):
        return "was erased without an event" if kept.erased_at else "is there, though the trail says that it was erased"
    return ""


def _told(connection: sa.Connection) -> Iterator[Any]:
    events = audit.EVENTS.c
    query = sa.select(events.subject, events.detail).where(events.action == RECEIVED).order_by(events.seq)
    yield from _rows(connection, query)


def _kept(connection: sa.Connection) -> Iterator[Any]:
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
