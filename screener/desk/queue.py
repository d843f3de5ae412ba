"""Who is next: lists of follow-ups, a page at a time, whatever their number.

A list knows the envelope and the follow-up, and nothing else exists here: no box is read, so no order, page or count
can follow from what somebody said. A page is found by the key of the row before it, never by counting rows, and each
list is one or two runs along an index.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener.errors import UserError
from screener.follow_up.models import FollowUp
from screener.staff.models import Account
from screener.submissions.store import Submission

#: What can be listed: who waits, my own, everybody, and whose follow-up has ended.
SHOWS = ("due", "mine", "all", "closed")
PAGE = 50

_NEXT, _TRIES, _ARRIVAL, _ENDED = FollowUp.next_action_at, FollowUp.attempts, FollowUp.arrival, FollowUp.ended_at
Column = sa.orm.InstrumentedAttribute[Any]


class Unknown(UserError):
    """A list or a place in one that does not exist; the sentence is for the person who asked."""


@dataclass(frozen=True)
class Row:
    """One line of a list."""

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
class Sheet:
    """One page of a list, and the key from which the next one goes on (empty: this was the last)."""

    rows: tuple[Row, ...]
    after: str


@dataclass(frozen=True)
class _Run:
    """One run along an index: what holds for all of it, and the columns that order it."""

    where: tuple[sa.ColumnElement[bool], ...]
    by: tuple[Column, ...]
    #: Columns that are the same in the whole run; named, so that PostgreSQL sees the order of its index.
    fixed: tuple[Column, ...] = ()
    falling: bool = False


def page(connection: sa.Connection, show: str, *, account: str, now: datetime, after: str = "") -> Sheet:
    """A page of the list *show* for *account*; *after* is what the page before gave. Raises *Unknown*."""
    if show not in SHOWS:
        raise Unknown("This address asks for a list that does not exist.")
    runs = _runs(show, account, now)
    start, key = _place(after, runs)
    found: list[tuple[int, Any]] = []
    for number, run in enumerate(runs[start:], start=start):
        query = _query(run, key if number == start else None).limit(PAGE + 1 - len(found))
        found += [(number, row) for row in connection.execute(query)]
        if len(found) > PAGE:
            last_run, last = found[PAGE - 1]
            return Sheet(tuple(_row(row) for _, row in found[:PAGE]), _key(last_run, runs[last_run], last))
    return Sheet(tuple(_row(row) for _, row in found), "")


def next_for(connection: sa.Connection, account: str, now: datetime) -> Any | None:
    """The first follow-up that waits and is *account*'s or nobody's: its id, reference, version and assignee."""
    firsts = []
    for theirs in (FollowUp.assignee == account, FollowUp.assignee.is_(None)):
        for order, run in enumerate(_waiting(now)):
            query = _query(run, None).where(theirs).add_columns(FollowUp.submission_id, FollowUp.version).limit(1)
            if row := connection.execute(query).first():
                key = tuple(getattr(row, column.key) for column in run.by)
                firsts.append(((order, *key), row))
    return min(firsts, key=lambda first: first[0])[1] if firsts else None


def _waiting(now: datetime, *more: sa.ColumnElement[bool]) -> tuple[_Run, ...]:
    """First whose date has come, the longest overdue first; then whoever has no date, the least tried first."""
    return (
        _Run((*more, _ENDED.is_(None), now >= _NEXT), (_NEXT, _TRIES, _ARRIVAL), (_ENDED,)),
        _Run((*more, _ENDED.is_(None), _NEXT.is_(None)), (_TRIES, _ARRIVAL), (_ENDED, _NEXT)),
    )


def _runs(show: str, account: str, now: datetime) -> tuple[_Run, ...]:
    mine = FollowUp.assignee == account
    match show:
        case "due":
            return _waiting(now)
        case "mine":
            dated = _Run((mine, _ENDED.is_(None), _NEXT.is_not(None)), (_NEXT, _TRIES, _ARRIVAL), (_ENDED,))
            return dated, _waiting(now, mine)[1]
        case "closed":
            return (_Run((_ENDED.is_not(None),), (_ENDED, _ARRIVAL), falling=True),)
        case _:
            return (_Run((), (_ARRIVAL,), falling=True),)


def _query(run: _Run, key: tuple[Any, ...] | None) -> sa.Select[Any]:
    order = (*run.fixed, *run.by)
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
        .where(*run.where)
        .order_by(*(column.desc() for column in order) if run.falling else order)
    )
    return query if key is None else query.where(_beyond(run.by, key, run.falling))


def _beyond(columns: tuple[Column, ...], key: tuple[Any, ...], falling: bool) -> sa.ColumnElement[bool]:
    """Rows after *key*; the first column is bounded by itself too, which is what the index is walked by."""
    column, value = columns[0], key[0]
    past: sa.ColumnElement[bool] = column < value if falling else column > value
    if len(columns) == 1:
        return past
    bound = column <= value if falling else column >= value
    return sa.and_(bound, sa.or_(past, _beyond(columns[1:], key[1:], falling)))


def _key(number: int, run: _Run, row: Any) -> str:
    return "~".join((str(number), *_written(getattr(row, column.key) for column in run.by)))


def _written(values: Iterator[Any]) -> Iterator[str]:
    for value in values:
        yield f"{value:%Y%m%dT%H%M%S.%fZ}" if isinstance(value, datetime) else str(value)


def _place(after: str, runs: tuple[_Run, ...]) -> tuple[int, tuple[Any, ...] | None]:
    """Which run *after* stands in, and its key there. Raises *Unknown*."""
    if not after:
        return 0, None
    number, *values = after.split("~")
    try:
        run = runs[("0", "1").index(number)]
        key = tuple(_read(column, value) for column, value in zip(run.by, values, strict=True))
    except (ValueError, IndexError):
        raise Unknown("This address asks for a page of the list that does not exist.") from None
    return int(number), key


def _read(column: Column, text: str) -> Any:
    if isinstance(column.type, sa.Integer):
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise ValueError
        return int(text)
    return datetime.strptime(text, "%Y%m%dT%H%M%S.%f%z")


def _row(row: Any) -> Row:
    return Row(**{name: getattr(row, name) for name in Row.__dataclass_fields__})
