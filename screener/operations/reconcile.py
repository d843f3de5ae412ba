"""Compare every stored submission with the *received* event of the audit trail: envelope, boxes, number, erasure.

The trail records what was done through the application. Whoever may write the store can remove, add or change a row
and leave the trail alone; so the two are merged in the order of arrival, with a few rows of each in memory. Boxes are
compared by digests that a key rotation leaves as they are. Boxes that were received before this release have none.
"""

import json
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import sqlalchemy as sa

from screener import audit
from screener.follow_up.models import FollowUp
from screener.submissions.box_digest import DIGEST_DETAILS
from screener.submissions.box_digest import RECEIVED
from screener.submissions.box_digest import digest_box
from screener.submissions.box_digest import is_digested
from screener.submissions.envelope import Envelope
from screener.submissions.models import Submission
from screener.submissions.reference import derive_reference

ERASED = ":submission:erased"
#: Faults that are named; beyond them they are counted.
MOST_NAMED = 20
#: Rows between two reports of progress, and rows in memory.
BATCH = 200
_ENVELOPE = tuple(Envelope.__dataclass_fields__)


@dataclass
class StoreComparison:
    """What the comparison of the store with the trail found."""

    #: Rows whose boxes are those that were received.
    compared: int = 0
    #: Rows that were erased, as an event says.
    erased: int = 0
    #: Rows from before this release, of which only the envelope could be compared.
    old: int = 0
    #: Rows that differ, are missing or were added.
    faulty: int = 0
    #: A sentence for each of them, the first *MOST_NAMED*.
    faults: list[str] = field(default_factory=list)

    def add_fault(self, sentence: str) -> None:
        """Count a fault, and keep its sentence if there is room."""
        self.faulty += 1
        if len(self.faults) < MOST_NAMED:
            self.faults.append(sentence)

    @property
    def summary(self) -> str:
        """The counts of what agrees, as the command prints them."""
        parts = [f"{self.compared} forms are what was received"]
        if self.erased:
            parts.append(f"{self.erased} were erased, with their events")
        if self.old:
            parts.append(f"{self.old} are from before release 0.2, which recorded no fingerprint of sealed content")
        return "; ".join(parts)


def compare_store(
    connection: sa.Connection, *, progress: Callable[[int], object] = lambda number: None
) -> StoreComparison:
    """Compare every submission of the store with the trail; *progress* hears how many rows went by."""
    found = StoreComparison()
    passed = 0
    for event, row in _merge(_each_once(found, _received_events(connection)), _stored_submissions(connection)):
        if row is None:
            found.add_fault(f"arrival {event.arrival} ({event.subject}) is missing")
        elif event is None:
            found.add_fault(f"arrival {row.arrival} ({row.reference}) was added: no event received it")
        else:
            _compare(found, event, row)
        passed += 1
        if passed % BATCH == 0:
            progress(BATCH)
    progress(passed % BATCH)
    return found


def _each_once(found: StoreComparison, events: "Iterator[_Receipt]") -> "Iterator[_Receipt]":
    """The events whose arrival numbers grow; any other repeats a number, and was added by hand."""
    last = 0
    for event in events:
        if event.arrival is None or event.arrival <= last:
            found.add_fault(f"event {event.seq} ({event.subject}) records a form that an earlier event recorded")
            continue
        last = event.arrival
        yield event


def _merge(events: "Iterator[_Receipt]", rows: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    """Pairs of one arrival number; None where one of the two is not there."""
    event, row = next(events, None), next(rows, None)
    while event is not None or row is not None:
        if row is None or (event is not None and event.arrival < row.arrival):
            yield event, None
            event = next(events, None)
        elif event is None or row.arrival < event.arrival:
            yield None, row
            row = next(rows, None)
        else:
            yield event, row
            event, row = next(events, None), next(rows, None)


@dataclass(frozen=True)
class _Receipt:
    """A *received* event."""

    seq: int
    at: Any
    subject: str
    detail: dict[str, Any]
    arrival: Any
    #: Whether it has digests of the boxes.
    digested: bool


def _compare(found: StoreComparison, event: _Receipt, row: Any) -> None:
    fault = _describe_row(event, row) or _describe_boxes(event, row)
    if fault:
        found.add_fault(f"arrival {event.arrival} ({event.subject}) {fault}")
    elif row.erased_at is not None:
        found.erased += 1
    elif event.digested:
        found.compared += 1
    else:
        found.old += 1


def _describe_row(event: _Receipt, row: Any) -> str:
    if row.reference != event.subject or derive_reference(row.id) != event.subject:
        return "has another reference or number"
    envelope = Envelope(*(getattr(row, name) for name in _ENVELOPE))
    if "envelope" in event.detail and event.detail["envelope"] != envelope.digest():
        return "has an envelope that was changed"
    if event.digested and row.moved_at != event.at:
        return "has another time of arrival"
    if row.state is None:
        return "has lost its follow-up"
    if (row.erased_at is None) == bool(row.has_erasure):
        return "was erased without an event" if row.erased_at else "is there, though the trail says it was erased"
    return ""


def _describe_boxes(event: _Receipt, row: Any) -> str:
    if row.erased_at is not None or not event.digested:
        return ""
    boxes = {"contact": row.contact_box, "answers": row.answers_box}
    changed = [name for name, key in DIGEST_DETAILS.items() if event.detail[key] != digest_box(boxes[name] or b"")]
    return f"holds sealed content that was not received ({' and '.join(changed)})" if changed else ""


def _received_events(connection: sa.Connection) -> Iterator[_Receipt]:
    events = audit.EVENTS.c
    query = sa.select(events.seq, events.at, events.subject, events.detail)
    for row in _rows(connection, query.where(events.action == RECEIVED).order_by(events.seq)):
        detail = json.loads(row.detail)
        arrival = detail.get("arrival")
        arrival = arrival if isinstance(arrival, int) else None
        yield _Receipt(row.seq, row.at, row.subject, detail, arrival, is_digested(detail))


def _stored_submissions(connection: sa.Connection) -> Iterator[Any]:
    events, table = audit.EVENTS.c, Submission.__table__
    erasure = sa.exists().where(events.subject == table.c.reference, events.action.endswith(ERASED))
    query = (
        sa.select(*table.c, FollowUp.state, erasure.label("has_erasure"))
        .outerjoin(FollowUp, FollowUp.submission_id == Submission.id)
        .order_by(Submission.arrival)
    )
    yield from _rows(connection, query)


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Any]:
    with closing(connection.execute(query, execution_options={"yield_per": BATCH})) as rows:
        yield from rows
