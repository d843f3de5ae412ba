"""The queue: lists of follow-ups in keyset pages, whatever their number.

A list knows the envelope and the follow-up only: no box is read here, so no order, page or count can depend on an
answer. A page is found by the key of the row before it, never by counting rows (keyset pagination), and each
list is one or two range scans of an index.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener.desk.list_query import UnknownQueryError
from screener.follow_up.models import FollowUp
from screener.staff.models import Account
from screener.submissions.models import Submission

#: The lists: what is due, what is assigned to the reader, everything, and what has ended.
LISTS = ("due", "mine", "all", "closed")
ROWS_PER_PAGE = 50

_NEXT, _ATTEMPTS, _ARRIVAL, _ENDED = FollowUp.next_action_at, FollowUp.attempts, FollowUp.arrival, FollowUp.ended_at
Column = sa.orm.InstrumentedAttribute[Any]


@dataclass(frozen=True)
class QueueRow:
    """One follow-up in a list."""

    reference: str
    received_at: datetime
    call_language: str
    suspected_spam: bool
    state: str
    assignee: str | None
    next_action_at: datetime | None
    attempts: int
    opened_at: datetime | None
    erased_at: datetime | None


@dataclass(frozen=True)
class QueuePage:
    """One page of a list, and the key after which the next page begins; empty on the last one."""

    rows: tuple[QueueRow, ...]
    after: str


@dataclass(frozen=True)
class _IndexScan:
    """One range scan of an index: the condition of all its rows, and the columns that order it."""

    where: tuple[sa.ColumnElement[bool], ...]
    by: tuple[Column, ...]
    #: Columns that are equal in all rows; named, so that PostgreSQL sees the order of its index.
    fixed: tuple[Column, ...] = ()
    descending: bool = False


def list_follow_ups(connection: sa.Connection, name: str, *, account: str, now: datetime, after: str = "") -> QueuePage:
    """One page of the list *name* for *account*; *after* is the key that the page before gave.

    Raises *UnknownQueryError* when there is no such list or no such key.
    """
    if name not in LISTS:
        raise UnknownQueryError("This address asks for a list that does not exist.")
    scans = _scans_of(name, account, now)
    start, key = _parse_key(after, scans)
    found: list[tuple[int, Any]] = []
    for number, scan in enumerate(scans[start:], start=start):
        query = _select(scan, key if number == start else None).limit(ROWS_PER_PAGE + 1 - len(found))
        found += [(number, row) for row in connection.execute(query)]
        if len(found) > ROWS_PER_PAGE:
            last_scan, last = found[ROWS_PER_PAGE - 1]
            rows = tuple(_queue_row(row) for _, row in found[:ROWS_PER_PAGE])
            return QueuePage(rows, _format_key(last_scan, scans[last_scan], last))
    return QueuePage(tuple(_queue_row(row) for _, row in found), "")


def find_next_due(connection: sa.Connection, account: str, now: datetime) -> Any | None:
    """The first due follow-up that is assigned to *account* or unassigned: id, reference, version and assignee."""
    firsts = []
    for owner in (FollowUp.assignee == account, FollowUp.assignee.is_(None)):
        for order, scan in enumerate(_due_scans(now)):
            query = _select(scan, None).where(owner).add_columns(FollowUp.submission_id, FollowUp.version).limit(1)
            if row := connection.execute(query).first():
                key = tuple(getattr(row, column.key) for column in scan.by)
                firsts.append(((order, *key), row))
    return min(firsts, key=lambda first: first[0])[1] if firsts else None


def _due_scans(now: datetime, *more: sa.ColumnElement[bool]) -> tuple[_IndexScan, ...]:
    """First what is due, the longest overdue first; then what has no date, the fewest attempts first."""
    return (
        _IndexScan((*more, _ENDED.is_(None), now >= _NEXT), (_NEXT, _ATTEMPTS, _ARRIVAL), (_ENDED,)),
        _IndexScan((*more, _ENDED.is_(None), _NEXT.is_(None)), (_ATTEMPTS, _ARRIVAL), (_ENDED, _NEXT)),
    )


def _scans_of(name: str, account: str, now: datetime) -> tuple[_IndexScan, ...]:
    mine = FollowUp.assignee == account
    match name:
        case "due":
            return _due_scans(now)
        case "mine":
            dated = _IndexScan((mine, _ENDED.is_(None), _NEXT.is_not(None)), (_NEXT, _ATTEMPTS, _ARRIVAL), (_ENDED,))
            return dated, _due_scans(now, mine)[1]
        case "closed":
            return (_IndexScan((_ENDED.is_not(None),), (_ENDED, _ARRIVAL), descending=True),)
        case _:
            return (_IndexScan((), (_ARRIVAL,), descending=True),)


def _select(scan: _IndexScan, key: tuple[Any, ...] | None) -> sa.Select[Any]:
    order = (*scan.fixed, *scan.by)
    query = (
        sa.select(
            *(getattr(Submission, name) for name in ("reference", "received_at", "call_language", "suspected_spam")),
            *(getattr(FollowUp, name) for name in ("state", "next_action_at", "attempts", "opened_at")),
            FollowUp.assignee.label("account_id"),
            Account.name.label("assignee"),
            Submission.erased_at,
            _ENDED,
            _ARRIVAL,
        )
        .join_from(FollowUp, Submission, Submission.id == FollowUp.submission_id)
        .outerjoin(Account, Account.id == FollowUp.assignee)
        .where(*scan.where)
        .order_by(*(column.desc() for column in order) if scan.descending else order)
    )
    return query if key is None else query.where(_rows_after(scan.by, key, scan.descending))


def _rows_after(columns: tuple[Column, ...], key: tuple[Any, ...], descending: bool) -> sa.ColumnElement[bool]:
    """Rows after *key*; the first column is bounded by itself too, so that the index is scanned from there."""
    column, value = columns[0], key[0]
    past: sa.ColumnElement[bool] = column < value if descending else column > value
    if len(columns) == 1:
        return past
    bound = column <= value if descending else column >= value
    return sa.and_(bound, sa.or_(past, _rows_after(columns[1:], key[1:], descending)))


def _format_key(number: int, scan: _IndexScan, row: Any) -> str:
    return "~".join((str(number), *_format_values(getattr(row, column.key) for column in scan.by)))


def _format_values(values: Iterator[Any]) -> Iterator[str]:
    for value in values:
        yield f"{value:%Y%m%dT%H%M%S.%fZ}" if isinstance(value, datetime) else str(value)


def _parse_key(after: str, scans: tuple[_IndexScan, ...]) -> tuple[int, tuple[Any, ...] | None]:
    """The number of the scan in which *after* is, and the values of its key. Raises *UnknownQueryError*."""
    if not after:
        return 0, None
    number, *values = after.split("~")
    try:
        scan = scans[("0", "1").index(number)]
        key = tuple(_parse_value(column, value) for column, value in zip(scan.by, values, strict=True))
    except (ValueError, IndexError):
        raise UnknownQueryError("This address asks for a page of the list that does not exist.") from None
    return int(number), key


def _parse_value(column: Column, text: str) -> Any:
    if isinstance(column.type, sa.Integer):
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise ValueError
        return int(text)
    return datetime.strptime(text, "%Y%m%dT%H%M%S.%f%z")


def _queue_row(row: Any) -> QueueRow:
    return QueueRow(**{name: getattr(row, name) for name in QueueRow.__dataclass_fields__})
